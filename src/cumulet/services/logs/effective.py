"""What counts for a group: its own policy of a kind, or else the account's."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import lru_cache

from cumulet.kernel import Call

from . import protecting, transforming
from .resources import LogGroup
from .settings import PROTECTION, TRANSFORMER, AccountPolicy, GroupPolicy

_CRITERIA = re.compile(r'\s*LogGroupNamePrefix\s*(?:=|IN)\s*(.+)')
_NOT_IN = re.compile(r'\s*LogGroupName NOT IN\s*(\[.*\])\s*', re.DOTALL)
Mask = Callable[[str], str]
Masks = list[tuple[int, Mask]]
Transform = Callable[[str, transforming.Origin], str]


@lru_cache(256)
def _applies(criteria: str, name: str) -> bool:
    if not criteria:
        return True
    if denied := _NOT_IN.fullmatch(criteria):
        return name not in json.loads(denied[1])
    prefix = _CRITERIA.fullmatch(criteria)
    said = json.loads(prefix[1]) if prefix else []
    return name.startswith(said if isinstance(said, str) else tuple(said))


def readable(criteria: str) -> bool:
    """Is it a selection that can be understood?"""
    try:
        _applies(criteria, "")
    except ValueError:
        return False
    return not criteria or bool(_NOT_IN.fullmatch(criteria) or _CRITERIA.fullmatch(criteria))


def account_policies(call: Call, group: str, kind: str) -> list[AccountPolicy]:
    """The account's policies of a kind that are about a group."""
    return [row for row in call.table(AccountPolicy).scan(kind) if _applies(row.criteria, group)]


def policy(call: Call, group: str, kind: str) -> GroupPolicy | AccountPolicy | None:
    """The one that counts."""
    own = call.table(GroupPolicy).get(group, kind)
    return own if own is not None else next(iter(account_policies(call, group, kind)), None)


def transformer(call: Call, group: LogGroup) -> Transform | None:
    """What changes the events of a group as they come."""
    found = policy(call, group.LogGroupName, TRANSFORMER)
    return transforming.compiled(found.document) if found is not None else None


def masks(call: Call, group: str) -> Masks:
    """What hides sensitive data in a group's events, and since when (in milliseconds): its own policy's and the account's."""
    own = call.table(GroupPolicy).get(group, PROTECTION)
    rows: list[GroupPolicy | AccountPolicy] = list(account_policies(call, group, PROTECTION))
    if own is not None:
        rows.append(own)
    return [(int(row.created * 1000), protecting.compiled(row.document)) for row in rows]


def masked(found: Masks, message: str, came: int) -> str:
    """A message as it may be seen."""
    for since, mask in found:
        if came >= since:
            message = mask(message)
    return message
