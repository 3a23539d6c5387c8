"""May they? The way of a decision: what the call needs (targets), whose that is and what guards it (ownership), which
policies count (gather), and the documented algorithm over them (engine). `Decision.trace` tells each statement that mattered.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import AwsError
from ..wire.hosts import look
from . import catalogue, endpoints, failures, gather, passing, refusals
from .context import Context
from .contract import Decision, Endpoint, Guard
from .engine import Outcome, Question, Sets, evaluate, weigh_guards
from .gather import account_of
from .kept import Kept
from .modes import MODES, all_off, mode_of, mode_there
from .organization import RCP, SCP, control_policies, is_blank, organization_of
from .ownership import guard_of
from .targets import targets

if TYPE_CHECKING:
    from ..call import Call
    from ..settings import IamMode

Guards = dict[tuple[str, str], Guard]           # (action, ARN) → what guards it
_OFF = Decision(True, reason="off", mode="off")
_ROOT = {mode: Decision(True, reason="root", mode=mode) for mode in MODES}
_SERVICE = {mode: Decision(True, reason="service principal", mode=mode) for mode in MODES}
# Operations that nobody needs a permission for.
_FREE = frozenset({("sts", "GetCallerIdentity"), ("sts", "GetSessionToken")})
# Condition keys whose answers follow from who asks, on whose behalf, and whose the resource is.
_STAND = frozenset({"aws:sourcearn", "aws:sourceaccount", "aws:resourceaccount", "aws:principalisawsservice",
                    "aws:principalservicename", "aws:principalservicenameslist"})
_STANDING = "outcomes for services"
_MOST_KNOWN = 10_000
_PARTS = Decision(True, reason="each part is decided by itself", mode="enforce")
_FREE_DECISION = {mode: Decision(True, reason="needs no permission", mode=mode) for mode in MODES}


def authorize(call: Call, op: Any, members: Mapping[str, Any], part: bool = False) -> Decision:
    """The decision on this call. The pipeline applies its mode: `audit` lets refused calls pass and notes them.

    part: the members are a part of the call's, whose operation asks about each (see `refused_part`).
    """
    request, endpoint = call.request, None
    if request is not None and (id := look(request.host).vpce):
        endpoint = endpoints.entered(call, id)
    mode = mode_of(call)
    if mode == "off" and all_off(call):
        return _OFF
    free = (call.service, call.operation) in _FREE or getattr(op, "unsigned", False)
    if endpoint is not None:                 # its policy counts for everybody, and also where nobody needs a permission
        return Weighing(call, members, mode, endpoint).at_the_door() if free else _weighed(call, members, mode, part, endpoint)
    if free:
        return _FREE_DECISION[mode]
    kind = call.principal.kind
    if kind == "root" and _nothing_to_ask(call, members):
        return _ROOT[mode]
    if kind == "service":
        return _of_service(call, members, mode, part)
    return _weighed(call, members, mode, part)


def unasked_of(call: Call) -> Decision | None:
    """What is decided of any call of a service's own where nothing guards what it is about; None: to be found out for each."""
    mode = mode_of(call)
    return _SERVICE[mode] if call.principal.kind == "service" and mode != "off" else None


def _of_service(call: Call, members: Mapping[str, Any], mode: IamMode, part: bool) -> Decision:
    """A service acts within its own rules where no resource has a policy that could say otherwise."""
    guards = {(action, resource): guard_of(call, action, resource, call.principal, members)
              for action, resource in targets(call, members)}
    if any(guard.policies for guard in guards.values()):
        return _weighed(call, members, mode, part, guards=guards)
    return _SERVICE[mode]


def _weighed(call: Call, members: Mapping[str, Any], mode: IamMode, part: bool, endpoint: Endpoint | None = None,
             guards: Guards | None = None) -> Decision:
    """All of a call, unless its operation asks about each part. guards: its targets and what guards each, if known."""
    if mode == "enforce" and not part and call.operation in getattr(
            call.cloud.catalog.load(call.service).access, "parts", ()):
        return _PARTS
    decision = Weighing(call, members, mode, endpoint, guards).decide()
    return decision if decision.mode != "off" else _OFF


def refused_part(call: Call, members: Mapping[str, Any]) -> AwsError | None:
    """The refusal of a part of a call, where parts are refused one by one (`access.parts`) and decisions are enforced."""
    found = authorize(call, None, members, part=True)
    return None if found.allowed or found.mode != "enforce" else AwsError(found.code, found.message, found.status)


def _nothing_to_ask(call: Call, members: Mapping[str, Any]) -> bool:
    """The root may do all in its account, but for what its organization or a resource's own policy denies."""
    account = call.principal.account
    if call.principal.session_policies or (not is_blank(call.tx) and organization_of(call.tx, account) is not None and (
            control_policies(call.tx, account, SCP) or control_policies(call.tx, account, RCP))):
        return False
    for value in members.values():
        if type(value) is str and value.startswith("arn:") and account_of(value) not in ("", account):
            return False
    if call.cloud.catalog.load(call.service).unguarded(call, members):
        return True
    for action, resource in targets(call, members):
        guard = guard_of(call, action, resource)
        if guard.exclusive or guard.owner not in ("", account):
            return False
        if guard.policies and any(gather.denies(text) for _, text in guard.policies):
            return False
    return True


class Weighing:
    """One call being decided: what is the same for all of its targets is gathered once."""

    __slots__ = ("call", "context", "endpoint", "guards", "members", "mode", "sets", "trace")

    def __init__(self, call: Call, members: Mapping[str, Any], mode: IamMode, endpoint: Endpoint | None = None,
                 guards: Guards | None = None) -> None:
        self.call = call
        self.guards = guards or {}
        self.endpoint = endpoint
        self.mode = mode
        self.members = members
        self.context = Context(call, members, endpoint)
        self.trace: list[str] = []
        self.sets = gather.sets_of(call.tx, call.principal)

    def decide(self) -> Decision:
        """All targets must be allowed, and the roles that are handed over."""
        decision = _SERVICE[self.mode]
        wanted = list(self.guards) or targets(self.call, self.members)
        for action, resource in wanted:
            decision = self.one(action, resource, {})
            if not decision.allowed:
                return decision
        for action in dict.fromkeys(action for action, _ in wanted):
            for role in passing.passed(self.call, action, self.members):
                allowed = self.one(passing.PASS_ROLE, role, passing.keys_of(self.call, wanted[0][1]))
                if not allowed.allowed:
                    return allowed
        return decision

    def at_the_door(self) -> Decision:
        """What needs no permission needs the endpoint's."""
        if self.mode == "off":
            return _OFF
        for action, resource in targets(self.call, self.members):
            guard = guard_of(self.call, action, resource, self.call.principal, self.members)
            self.context.about(action, resource, guard)
            question = Question(self.call.principal, action, resource, guard.owner, self.context)
            said = weigh_guards(endpoints.policies(self.endpoint, action) or (), question, self.trace,
                                self.sets.boundary is not None)
            if said.effect != "allow":
                return self.told(question, Outcome(False, "vpce", said.by, bool(said.effect)), self.mode)
        return _FREE_DECISION[self.mode]

    def one(self, action: str, resource: str, more: Mapping[str, str]) -> Decision:
        """One target."""
        call, principal = self.call, self.call.principal
        guard = self.guards.get((action, resource)) or guard_of(call, action, resource, principal, self.members)
        mode = mode_there(call, guard.owner, self.mode)
        if principal.kind == "service" and not guard.policies:
            return _SERVICE[mode]
        self.context.about(action, resource, guard, more)
        question = Question(principal, action, resource, guard.owner, self.context)
        outcome = self.standing(question, guard) if principal.kind == "service" and not more else \
            evaluate(question, self.guarded(guard, action), self.trace)
        return self.told(question, outcome, mode)

    def standing(self, question: Question, guard: Guard) -> Outcome:
        """What a service is told for the same again and again: known, as long as the policies ask for nothing else."""
        call, sets, trace = self.call, self.guarded(guard, question.action), self.trace
        if sets.rcps or self.endpoint is not None:
            return evaluate(question, sets, trace)
        known = call.tx.store.memory.setdefault(_STANDING, {})
        place = (question.principal, question.action, question.resource, guard.owner, guard.policies, guard.exclusive,
                 call.source_arn, call.account)
        found = known.get(place)
        if found is None:
            begun = len(trace)
            outcome = evaluate(question, sets, trace)
            if self.context.asked.keys() <= _STAND:
                if len(known) >= _MOST_KNOWN:
                    known.clear()
                known[place] = outcome, tuple(trace[begun:]), dict(self.context.asked)
            return outcome
        outcome, told, asked = found
        trace += told
        self.context.asked.update(asked)
        return outcome  # type: ignore[no-any-return]

    def told(self, question: Question, outcome: Outcome, mode: IamMode) -> Decision:
        """An outcome, kept for `explain` and put into words."""
        call = self.call
        message = "" if outcome.allowed else self.refusal(question, outcome)
        call.cloud.recorder.decisions.keep(call.request_id, Kept(
            question.principal, call.service, call.operation, call.region, question.action, question.resource, outcome.allowed,
            message, mode, self.context.asked, self.endpoint.id if self.endpoint is not None else ""), call.now)
        if outcome.allowed:
            return Decision(True, reason=f"allowed by {outcome.by}", trace=tuple(self.trace), mode=mode)
        return Decision(False, refusals.code_of(call.service), "explicit deny" if outcome.explicit else "implicit deny",
                        message, tuple(self.trace), mode, refusals.status_of(call.service))

    def refusal(self, question: Question, outcome: Outcome) -> str:
        """What the caller is told."""
        call = self.call
        message = refusals.message_of(call.service, call.principal, question.action, question.resource, question.owner, outcome)
        if call.service == "ec2" and self.mode == "enforce":
            message += f". Encoded authorization failure message: {failures.encoded(call, question, outcome)}"
        return message

    def guarded(self, guard: Guard, action: str) -> Sets:
        """The caller's sets, with what guards this resource."""
        controls = gather.resource_controls(self.call.tx, self.call.principal, guard.owner)
        if controls and action.partition(":")[0] not in catalogue.under_resource_control():
            controls = ()
        door = endpoints.policies(self.endpoint, action)
        if not (guard.policies or guard.exclusive or controls or door is not None):
            return self.sets
        return self.sets._replace(guards=gather.guards(guard.policies), exclusive=guard.exclusive, rcps=controls, endpoint=door)
