"""Why a call is allowed or not: each kind of policy, each statement and each of its parts, and what would change the answer.

For a call that was decided (`kept.py`), or for a question. The engine that decides is asked again; its policies are those of
now, the condition keys are those of then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import catalogue, endpoints, gather, refusals
from .changes import Change, changes
from .context import Context
from .contract import Endpoint, Guard, Principal
from .engine import Question, Sets, evaluate
from .examine import Finding, examine
from .kept import Kept
from .ownership import guard_of
from .patterns import Lookup
from .refusals import KINDS
from .simulate import known_of

if TYPE_CHECKING:
    from ..call import Call

Told = dict[str, Any]


def explain(call: Call, principal: Principal, action: str, resource: str,
            context: Mapping[str, list[str] | None] | None = None, kept: Kept | None = None) -> Told:
    """What the engine says now, and why. `call` is any call of this cloud; its own principal does not matter."""
    guard = guard_of(call, action, resource, principal)
    endpoint = _endpoint(call, context or {}, kept)
    sets = _sets(call, principal, action, guard, endpoint)
    look = _Given(known_of(call, principal, action, resource, guard, endpoint), context or {})
    question = Question(principal, action, resource, guard.owner, look)
    trace: list[str] = []
    outcome = evaluate(question, sets, trace)
    service = call.service if kept is None else kept.service
    told: Told = {
        "principal": principal.arn, "action": action, "resource": resource, "owner": guard.owner,
        "decision": "allowed" if outcome.allowed else "denied", "by": KINDS[outcome.kind][0],
        "statement": outcome.by, "explicit": outcome.explicit,
        "message": "" if outcome.allowed else refusals.message_of(service, principal, action, resource, guard.owner, outcome),
        "steps": _steps(principal, sets, examine(question, sets)), "unknown": sorted(look.unknown),
        "changes": [] if outcome.allowed else [_told(c) for c in changes(question, sets)]}
    if kept is not None:
        told["then"] = {"service": kept.service, "operation": kept.operation, "mode": kept.mode,
                        "decision": "allowed" if kept.allowed else "denied", "message": kept.message}
    return told


def _endpoint(call: Call, context: Mapping[str, list[str] | None], kept: Kept | None) -> Endpoint | None:
    """The VPC endpoint that the call came by, or that the question names as its key."""
    named = kept.endpoint if kept is not None else next(
        (values[0] for key, values in context.items() if key.lower() == "aws:sourcevpce" and values), "")
    return endpoints.known(call, named) if named else None


def _sets(call: Call, principal: Principal, action: str, guard: Guard, endpoint: Endpoint | None) -> Sets:
    """All policies that count here."""
    controls: gather.Levels = ()
    if action.partition(":")[0] in catalogue.under_resource_control():
        controls = gather.resource_controls(call.tx, principal, guard.owner)
    return gather.sets_of(call.tx, principal)._replace(
        guards=gather.guards(guard.policies), exclusive=guard.exclusive, rcps=controls,
        endpoint=endpoints.policies(endpoint, action))


class _Given:
    """Condition keys as they were given, then as they are known of the principal and the resource."""

    def __init__(self, known: Context, given: Mapping[str, list[str] | None]) -> None:
        self._known: Lookup = known
        self._given = {key.lower(): values for key, values in given.items()}
        self.unknown: set[str] = set()

    def __call__(self, key: str) -> list[str] | None:
        name = key.lower()
        if name in self._given:
            return self._given[name]
        found = self._known(name)
        if found is None:
            self.unknown.add(key)
        return found


# The kinds in the algorithm's order, and what is true where there is none.
_ORDER = {
    "scp": "no organization limits this caller", "rcp": "no organization limits this resource",
    "vpce": "the call does not come by a VPC endpoint that has a say",
    "resource": "the resource has no policy of its own", "identity": "the caller has no policies",
    "boundary": "the caller has no boundary", "session": "the session has no policies"}


def _steps(principal: Principal, sets: Sets, findings: list[Finding]) -> list[Told]:
    """One entry a kind of policy."""
    there = {"scp": sets.scps, "rcp": sets.rcps, "resource": sets.guards, "identity": sets.identity,
             "boundary": sets.boundary is not None, "session": sets.session is not None,
             "vpce": sets.endpoint is not None}
    steps = []
    for kind, absent in _ORDER.items():
        mine = [f for f in findings if f.kind == kind]
        verdict = "denies" if any(f.matched and f.effect == "Deny" for f in mine) else \
            "allows" if any(f.matched for f in mine) else "is silent" if there[kind] else absent
        if kind == "identity" and principal.kind == "root":
            verdict = "the root may do all"
        steps.append({"kind": KINDS[kind][0], "verdict": verdict, "statements": [_statement(f) for f in mine]})
    return steps


def _statement(found: Finding) -> Told:
    return {"policy": found.origin, "statement": found.sid, "effect": found.effect, "matched": found.matched,
            "principal": found.named, "action": found.action, "resource": found.resource,
            "conditions": [{"condition": t.words, "values": list(t.values) if t.values is not None else None, "held": t.held}
                           for t in found.conditions]}


def _told(change: Change) -> Told:
    return {"kind": KINDS[change.kind][0], "do": change.do, "from": change.origin, "statement": change.statement}
