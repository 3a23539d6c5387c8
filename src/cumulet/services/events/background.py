"""What happens unasked in EventBridge: schedules fire, the events of other services arrive, archives forget, replays run."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, cron, on, timer

from .archiving import forget_old
from .delivery import put, tell
from .envelopes import compact, envelope
from .names import DEFAULT
from .resources import Archive, EventSource, Rule
from .sending import INWARD


def arm(call: Call, rule: Rule) -> None:
    """Set the timer of a rule's schedule; forget it where there is none."""
    name = f"{rule.EventBusName}|{rule.Name}"
    call.cancel(fire, name)
    if rule.ScheduleExpression is None or rule.State == "DISABLED":
        return
    due = cron.schedule(rule.ScheduleExpression).after(call.now, rule.armed + _first(rule.ScheduleExpression))
    if due is not None:
        call.at(due, fire, name=name, bus=rule.EventBusName, rule=rule.Name)


def _first(expression: str) -> int:
    """A rate's first event comes when its first period is over."""
    return cron.schedule(expression).every


@timer
def fire(call: Call, bus: str, rule: str) -> None:
    """A rule's schedule is due."""
    row = call.table(Rule).get(bus, rule)
    if row is None or row.State == "DISABLED":
        return
    text = envelope(call.uuid(), "Scheduled Event", "aws.events", call.account, call.region, call.now, [call.arn(row)], "{}")
    tell(call, row, text)
    arm(call, row)


@on("*")
def arrive(call: Call, event: dict[str, Any]) -> None:
    """What a service here tells comes to the default bus of its account and region."""
    if event["source"] == INWARD:
        return
    put(call, DEFAULT, envelope(event["id"], event["detail-type"], event["source"], event["account"], event["region"],
                                        event["time"], event["resources"], compact(event["detail"])))


@timer
def forget(call: Call, archive: str) -> None:
    """An archive drops what it keeps no longer."""
    row = call.table(Archive).get(archive)
    if row is not None and row.RetentionDays:
        forget_old(call, row)
        call.at(call.now + 86_400, forget, name=archive, archive=archive)


@timer
def lapse(call: Call, source: str) -> None:
    """A partner's source that nobody took in time, or that was not active for too long."""
    row = call.table(EventSource).get(source)
    if row is not None and row.state == "PENDING":
        call.table(EventSource).delete(source)
