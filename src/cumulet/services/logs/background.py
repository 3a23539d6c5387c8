"""What happens unasked in CloudWatch Logs: events expire."""

from __future__ import annotations

from cumulet.kernel import Call, timer

from .keeping import drop_expired
from .resources import LogGroup


def watch(call: Call, group: LogGroup) -> None:
    """Look after a group's retention, from the next moment at which something expires."""
    due = drop_expired(call, group)
    if due is not None:
        call.at(due, expire, name=group.LogGroupName, group=group.LogGroupName)


@timer
def expire(call: Call, group: str) -> None:
    """Drop what a group keeps no longer."""
    found = call.table(LogGroup).get(group)
    if found is not None:
        watch(call, found)
