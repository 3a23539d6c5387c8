"""The smallest change of policies that lets a refused call pass: statement by statement, until the engine allows it.

What nothing allows gets one statement in the policy that is silent; a denial has to go, and nobody does that for its author.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from .contract import Principal
from .engine import Named, Outcome, Question, Sets, evaluate
from .policy import Policy, from_document

_MOST = 12                   # changes after which we give up
_LEVELS = ("scp", "rcp")


class Change(NamedTuple):
    """kind: which kind of policy.  do: "add" a statement, or "remove" the one that is named by `origin`."""

    kind: str
    do: str
    origin: str
    statement: dict[str, Any] | None


def changes(question: Question, sets: Sets) -> list[Change]:
    """In the order in which they are needed; empty when it is allowed as it is, or when no policy can help."""
    found: list[Change] = []
    while len(found) < _MOST:
        outcome = evaluate(question, sets, [])
        if outcome.allowed:
            return found
        if outcome.explicit:
            found.append(Change(outcome.kind, "remove", outcome.by, None))
            sets = _without(sets, outcome.by)
            continue
        kind, statement = _missing(question, sets, outcome)
        if not statement or (question.principal.kind == "anonymous" and kind not in ("resource", "vpce")):
            return []
        found.append(Change(kind, "add", "", statement))
        sets = _with(sets, kind, statement)
    return []


def _missing(question: Question, sets: Sets, outcome: Outcome) -> tuple[str, dict[str, Any]]:
    """The statement that the silent kind of policy lacks."""
    statement: dict[str, Any] = {"Effect": "Allow", "Action": question.action, "Resource": question.resource}
    kind = outcome.kind
    if kind in ("resource", "rcp"):
        statement = {"Effect": "Allow", "Principal": _named(question.principal), "Action": question.action,
                     "Resource": question.resource}
        if question.action.startswith("sts:"):
            del statement["Resource"]
    if kind == "vpce":
        return kind, _let_through(question)
    if kind == "session" and sets.session == ():
        return kind, {}                                  # a session that was begun without policies cannot be given any
    return kind, statement


def _let_through(question: Question) -> dict[str, Any]:
    """As AWS has it for gateways, and any endpoint understands: everybody is named, and a condition says who is meant."""
    statement = {"Effect": "Allow", "Principal": "*", "Action": question.action, "Resource": question.resource}
    who = question.look("aws:PrincipalArn")
    return statement | {"Condition": {"ArnEquals": {"aws:PrincipalArn": who[0]}}} if who else statement


def _named(principal: Principal) -> Any:
    if principal.kind == "anonymous":
        return "*"
    if principal.kind == "service":
        return {"Service": principal.arn}
    return {"AWS": principal.arn if principal.kind == "federated" else principal.subject}


def _with(sets: Sets, kind: str, statement: dict[str, Any]) -> Sets:
    added = Named("proposed", from_document({"Version": "2012-10-17", "Statement": [statement]}))
    if kind in _LEVELS:
        levels = sets.scps if kind == "scp" else sets.rcps
        changed = tuple((*level, added) for level in levels)
        return sets._replace(scps=changed) if kind == "scp" else sets._replace(rcps=changed)
    if kind == "resource":
        return sets._replace(guards=(*sets.guards, added))
    if kind == "vpce":
        return sets._replace(endpoint=(*(sets.endpoint or ()), added))
    if kind == "identity":
        return sets._replace(identity=(*sets.identity, added))
    if kind == "boundary":
        return sets._replace(boundary=(*(sets.boundary or ()), added))
    return sets._replace(session=(*(sets.session or ()), added))


def _without(sets: Sets, told: str) -> Sets:
    """All but the statement that the engine told of."""
    def kept(policies: tuple[Named, ...]) -> tuple[Named, ...]:
        return tuple(Named(origin, Policy(tuple(s for s in policy.statements if s.allows or f"{origin}, {s.sid}" != told)))
                     for origin, policy in policies)

    return Sets(kept(sets.identity), None if sets.boundary is None else kept(sets.boundary),
                None if sets.session is None else kept(sets.session), kept(sets.guards),
                tuple(kept(level) for level in sets.scps), tuple(kept(level) for level in sets.rcps), sets.exclusive,
                None if sets.endpoint is None else kept(sets.endpoint))
