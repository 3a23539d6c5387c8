"""The documented algorithm: explicit denials, control policies, endpoint, resource, identity, boundary and session policies.

Pure: it is given the question and the policies, and reads no table. `authorize`, `simulate` and `explain` all decide by it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from . import who
from .contract import Principal
from .patterns import Lookup
from .policy import Policy


class Named(NamedTuple):
    """A policy and where it is from, as `explain` tells it."""

    origin: str
    policy: Policy


class Question(NamedTuple):
    """May this principal do this there? owner: the account of the resource, "" when it is nobody's or unknown."""

    principal: Principal
    action: str
    resource: str
    owner: str
    look: Lookup


class Sets(NamedTuple):
    """The policies that count. boundary and session: None where there is none, which is other than one that allows nothing.

    scps, rcps: one group a level, root first.  guards: the resource's own.  exclusive: nothing but those, and what they hand
    over to the account (KMS keys, trust policies).  endpoint: of the VPC endpoint that the call came by; None: by none.
    """

    identity: tuple[Named, ...] = ()
    boundary: tuple[Named, ...] | None = None
    session: tuple[Named, ...] | None = None
    guards: tuple[Named, ...] = ()
    scps: tuple[tuple[Named, ...], ...] = ()
    rcps: tuple[tuple[Named, ...], ...] = ()
    exclusive: bool = False
    endpoint: tuple[Named, ...] | None = None


class Outcome(NamedTuple):
    """kind: which kind of policy decided (a key of `refusals.KINDS`), by: the statement, explicit: it was a denial."""

    allowed: bool
    kind: str
    by: str = ""
    explicit: bool = False


class Verdict(NamedTuple):
    """What one set says: "allow", "deny" or "" (nothing), by which statement, and (resource policies) to whom."""

    effect: str
    by: str
    grade: int = who.NOBODY


_SILENT = Verdict("", "")
_ROOT = Verdict("allow", "the account's root")


def weigh(policies: Iterable[Named], question: Question, trace: list[str]) -> Verdict:
    """One set of policies: a denial wins at once, else the first statement that allows."""
    _, action, resource, _, look = question
    allowed = ""
    for origin, policy in policies:
        for statement in policy.about(action):
            if (statement.allows and allowed) or not statement.at(resource, look) or not statement.holds(look):
                continue
            told = f"{origin}, {statement.sid}"
            if not statement.allows:
                trace.append("deny: " + told)
                return Verdict("deny", told)
            trace.append("allow: " + told)
            allowed = told
    return Verdict("allow", allowed) if allowed else _SILENT


def weigh_guards(policies: Iterable[Named], question: Question, trace: list[str], bounded: bool = False) -> Verdict:
    """Policies of the resource's side, which say whom they mean: the most direct allowance counts."""
    principal, action, resource, _, look = question
    best, allowed = who.NOBODY, ""
    for origin, policy in policies:
        for statement in policy.about(action):
            grade = who.grade(statement, principal, bounded)
            if grade == who.NOBODY or (statement.allows and grade <= best):
                continue
            if not statement.at(resource, look) or not statement.holds(look):
                continue
            told = f"{origin}, {statement.sid}"
            if not statement.allows:
                trace.append("deny: " + told)
                return Verdict("deny", told)
            trace.append("allow: " + told)
            best, allowed = grade, told
    return Verdict("allow", allowed, best) if allowed else _SILENT


def evaluate(question: Question, sets: Sets, trace: list[str]) -> Outcome:
    """Allowed or not, and by what. `trace` is told each statement that mattered."""
    principal = question.principal
    bounded = sets.boundary is not None
    said = {
        "rcp": _levels(sets.rcps, question, trace, True, bounded), "scp": _levels(sets.scps, question, trace, False),
        "vpce": _NO_LIMIT if sets.endpoint is None else weigh_guards(sets.endpoint, question, trace, bounded),
        "identity": _ROOT if principal.kind == "root" else weigh(sets.identity, question, trace),
        "resource": weigh_guards(sets.guards, question, trace, bounded) if sets.guards else _SILENT,
        "boundary": _limit(sets.boundary, question, trace), "session": _limit(sets.session, question, trace),
    }
    for kind, verdict in said.items():
        if verdict.effect == "deny":
            return Outcome(False, kind, verdict.by, True)
    for kind in ("rcp", "scp", "vpce"):
        if not said[kind].effect:
            return Outcome(False, kind)
    own = question.owner in ("", principal.account) and principal.kind not in ("anonymous", "service")
    return _within(sets, said) if own else _across(principal, said)


def _across(principal: Principal, said: dict[str, Verdict]) -> Outcome:
    """Of another account, of a service, of nobody: the resource's side must allow, and the caller's own side as well."""
    resource = said["resource"]
    if principal.kind not in ("anonymous", "service"):
        for kind in ("identity", "boundary", "session"):
            if not said[kind].effect:
                return Outcome(False, kind)
    return Outcome(True, "resource", resource.by) if resource.effect else Outcome(False, "resource")


def _within(sets: Sets, said: dict[str, Verdict]) -> Outcome:
    """In one account either side may allow; limits hold unless the resource's policy means exactly this caller."""
    resource, identity = said["resource"], said["identity"]
    if sets.exclusive and not resource.effect:
        return Outcome(False, "resource")
    if resource.grade == who.ITSELF:
        return Outcome(True, "resource", resource.by)
    if not identity.effect and resource.grade != who.ENTITY:
        return Outcome(False, "identity")
    for kind in ("boundary", "session"):
        if not said[kind].effect:
            return Outcome(False, kind)
    return Outcome(True, "identity", identity.by) if identity.effect else Outcome(True, "resource", resource.by)


_NO_LIMIT = Verdict("allow", "")


def _limit(policies: tuple[Named, ...] | None, question: Question, trace: list[str]) -> Verdict:
    return _NO_LIMIT if policies is None else weigh(policies, question, trace)


def _levels(levels: tuple[tuple[Named, ...], ...], question: Question, trace: list[str], guards: bool,
            bounded: bool = False) -> Verdict:
    """Each level must allow: a denial at any wins."""
    silent = False
    for level in levels:
        verdict = weigh_guards(level, question, trace, bounded) if guards else weigh(level, question, trace)
        if verdict.effect == "deny":
            return verdict
        silent = silent or not verdict.effect
    return _SILENT if silent else _NO_LIMIT
