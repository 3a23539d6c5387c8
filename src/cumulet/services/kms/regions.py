"""Multi-Region keys: one key id and one material in several Regions, the primary key leading."""

from __future__ import annotations

from cumulet.kernel import Call

from .resources import Key
from .rotation import everywhere


def share(call: Call, key: Key, primary: str, regions: list[str]) -> None:
    """All related keys know the same primary and the same Regions."""
    key.regions = regions
    for there, other in everywhere(call, key):
        other.primary, other.regions = primary, regions
        there.put(other)


def left(call: Call, key: Key) -> tuple[Call, Key] | None:
    """A key has gone: the others know; the primary is told when it waited for this one, the last of its replicas."""
    waiting = None
    remaining = [region for region in key.regions if region != call.region]
    for there, other in everywhere(call, key):
        if other is key:
            continue
        other.regions = remaining
        there.put(other)
        if other.waits_for_replicas and remaining == [there.region]:
            waiting = (there, other)
    return waiting
