"""What policies grant, compared as sets of actions, resources, principals and conditions.

A pattern is within another when it would match it as a text, so each answer holds for all that the patterns mean. Where that
cannot be decided, access counts as granted: a check never passes by mistake.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cumulet.kernel import Call

from .external import Zone, ways_in
from .patterns import match
from .statements import Statement

_NOWHERE = "arn:aws:service:us-east-1:000000000000:resource"


class Reason(NamedTuple):
    """The statement that makes a check fail."""

    number: int
    sid: str
    text: str


def granted(statements: Sequence[Statement], actions: Sequence[str], resources: Sequence[str]) -> list[Reason]:
    """The statements that allow any of these actions on any of these resources."""
    pairs = [(action, resource) for action in actions for resource in resources
             if not _denied(statements, action, resource)]
    return [_reason(one) for one in statements if one.allows and any(
        _touches(one.actions, one.not_action, action, True) and _touches(one.resources, one.not_resource, resource, False)
        for action, resource in pairs)]


def newly_granted(new: Sequence[Statement], old: Sequence[Statement]) -> list[Reason]:
    """The statements of a new policy that allow what the old one does not; and, as reasons, denials that are gone."""
    found = [_reason(one) for one in new if one.allows and not _covered(one, old) and not _wholly_denied(one, new)]
    lost = [one for one in old if not one.allows and not any(_same_denial(one, other) for other in new)]
    if lost and not found:
        found = [_reason(one) for one in new if one.allows and any(_overlap(one, denial) for denial in lost)]
    return found


def public(call: Call, text: str, statements: Sequence[Statement]) -> list[Reason]:
    """The statements that let everybody in, by the engine that finds ways in."""
    resource = next((r for one in statements for r in one.resources if r.count(":") >= 5), _NOWHERE)
    if not any(way.public for way in ways_in(call, text, resource, Zone(frozenset()))):
        return []
    return [_reason(one) for one in statements
            if one.allows and (("AWS", "*") in one.principals or one.not_principal)]


def _reason(one: Statement) -> Reason:
    sid = f" with sid: {one.sid}" if one.sid else ""
    return Reason(one.number, one.sid, f"One or more actions in the statement with index: {one.number}{sid}.")


def _covered(one: Statement, old: Sequence[Statement]) -> bool:
    """Each action on each resource for each principal was allowed, under no narrower conditions."""
    if one.not_action or one.not_resource or one.not_principal:
        return any(_identical(one, other) for other in old)
    return all(any(_allows(other, action, resource, principal, one) for other in old)
               for action in one.actions for resource in one.resources or ("*",)
               for principal in one.principals or (("", ""),))


def _allows(old: Statement, action: str, resource: str, principal: tuple[str, str], new: Statement) -> bool:
    return (old.allows and not old.not_principal
            and _holds(old.actions, old.not_action, action, True)
            and (_holds(old.resources, old.not_resource, resource, False) or not old.resources)
            and (not principal[0] or principal in old.principals or ("AWS", "*") in old.principals)
            and set(old.conditions) <= set(new.conditions))


def _identical(one: Statement, other: Statement) -> bool:
    return one._replace(number=0, sid="") == other._replace(number=0, sid="")


def _same_denial(old: Statement, new: Statement) -> bool:
    """A denial that denies at least as much."""
    if new.allows or new.not_principal != old.not_principal or not set(new.conditions) <= set(old.conditions):
        return False
    if old.not_action or old.not_resource:
        return _identical(old, new)
    return (all(_holds(new.actions, new.not_action, action, True) for action in old.actions)
            and all(_holds(new.resources, new.not_resource, resource, False) for resource in old.resources)
            and (set(old.principals) <= set(new.principals) or ("AWS", "*") in new.principals))


def _overlap(allow: Statement, denial: Statement) -> bool:
    return (any(_touches(denial.actions, denial.not_action, action, True) for action in allow.actions)
            and any(_touches(denial.resources, denial.not_resource, resource, False) for resource in allow.resources or ("*",)))


def _denied(statements: Iterable[Statement], action: str, resource: str) -> bool:
    """Denied without conditions, wherever it is and whoever asks."""
    return any(not one.allows and not one.conditions and not one.not_principal
               and (not one.principals or ("AWS", "*") in one.principals)
               and _holds(one.actions, one.not_action, action, True)
               and _holds(one.resources, one.not_resource, resource, False) for one in statements)


def _wholly_denied(one: Statement, statements: Sequence[Statement]) -> bool:
    return not one.not_action and not one.not_resource and all(
        _denied(statements, action, resource) for action in one.actions for resource in one.resources or ("*",))


def _holds(patterns: Sequence[str], excepted: bool, text: str, fold: bool) -> bool:
    """All that the text means is in the set that the patterns (or all but them) are."""
    if excepted:
        return not any(meet(pattern, text, fold) for pattern in patterns)
    return any(match(pattern, text, fold) for pattern in patterns)


def _touches(patterns: Sequence[str], excepted: bool, text: str, fold: bool) -> bool:
    """Something that the text means is in the set."""
    if excepted:
        return not any(match(pattern, text, fold) for pattern in patterns)
    return any(meet(pattern, text, fold) for pattern in patterns) or (not patterns and not fold)


def meet(one: str, other: str, fold: bool) -> bool:
    """Is there a text that both patterns match?"""
    if fold:
        one, other = one.lower(), other.lower()
    reach = {0}
    for character in one:
        reach = _step(reach, character, other)
        if not reach:
            return False
    return len(other) in _closed(reach, other)


def _closed(reach: set[int], other: str) -> set[int]:
    """Places in the other pattern that are reached without reading: behind its stars."""
    found = set(reach)
    for at in sorted(reach):
        while at < len(other) and other[at] == "*":
            at += 1
            found.add(at)
    return found


def _step(reach: set[int], character: str, other: str) -> set[int]:
    """Where one character of the first pattern leads in the other."""
    here = _closed(reach, other)
    if character == "*":
        return set(range(min(here), len(other) + 1))
    found = set()
    for at in here:
        if at < len(other):
            if other[at] == "*":
                found.add(at)
            elif character == "?" or other[at] in ("?", character):
                found.add(at + 1)
    return found
