"""What happens unasked in EventBridge Scheduler: schedules fire, fail and are tried again, and end."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, cron, parse_arn, timer

from .resources import Schedule
from .targets import Invocation, invoke, timestamp

_AGE, _ATTEMPTS, _SLOWEST = 86_400, 185, 600.0
EARLIER = 0.001                        # seconds: so that a moment itself is not too late
_PASSING = ("InternalError", "InternalFailure", "ProvisionedThroughputExceeded", "ServiceUnavailable", "Throttling",
            "TooManyRequests")


def arm(call: Call, row: Schedule, since: float) -> None:
    """Set the timer of the first time that is later; end the schedule when there is none."""
    name = f"{row.GroupName}/{row.Name}"
    call.cancel(fire, name)
    if row.State == "DISABLED":
        return
    due = _next(row, since)
    if due is None:
        if row.ActionAfterCompletion == "DELETE" and row.armed < call.now:
            call.table(Schedule).delete(row.GroupName, row.Name)
        return
    call.at(due + _delay(call, row), fire, name=name, group=row.GroupName, schedule=row.Name, due=due)


def _next(row: Schedule, since: float) -> float | None:
    """The next time, by the zone's clock, between the dates. A rate's first time is its beginning."""
    said = cron.schedule(row.ScheduleExpression)
    if said.moment is not None:
        return said.after(since, 0.0, cron.zone(row.ScheduleExpressionTimezone))
    begin = row.StartDate if row.StartDate is not None else row.armed
    due = said.after(max(since, begin - EARLIER), begin, cron.zone(row.ScheduleExpressionTimezone))
    return due if due is not None and (row.EndDate is None or due < row.EndDate) else None


def _delay(call: Call, row: Schedule) -> float:
    """Somewhere within the window."""
    window = _window(row)
    return int(call.token(8), 16) % window if window else 0


def _window(row: Schedule) -> int:
    """Seconds."""
    return int(row.FlexibleTimeWindow.get("MaximumWindowInMinutes") or 0) * 60


@timer
def fire(call: Call, group: str, schedule: str, due: float) -> None:
    """A schedule is due."""
    row = call.table(Schedule).get(group, schedule)
    if row is None or row.State == "DISABLED":
        return
    attempt(call, Invocation(call.arn(row), row.Target, due, call.token(16), 1))
    arm(call, row, max(due, call.now - _window(row)))


@timer
def again(call: Call, **told: Any) -> None:
    """Once more."""
    attempt(call, Invocation(**told))


def attempt(call: Call, what: Invocation) -> None:
    """Try it; what may pass is tried again, what is refused goes to the dead-letter queue."""
    try:
        invoke(call, what)
    except AwsError as problem:
        _failed(call, what, problem)


def _failed(call: Call, what: Invocation, problem: AwsError) -> None:
    policy = what.target.get("RetryPolicy") or {}
    most, age = policy.get("MaximumRetryAttempts", _ATTEMPTS), policy.get("MaximumEventAgeInSeconds", _AGE)
    due = call.now + min(2.0 ** what.attempt, _SLOWEST)
    if not (problem.code.startswith(_PASSING) or (problem.status >= 500 and problem.status != 501)):
        _bury(call, what, problem, "")
    elif what.attempt > most:
        _bury(call, what, problem, "MaximumRetryAttempts")
    elif due - what.due > age:
        _bury(call, what, problem, "MaximumEventAgeInSeconds")
    else:
        later: dict[str, Any] = what._replace(attempt=what.attempt + 1)._asdict()
        call.at(due, again, **later)


def _bury(call: Call, what: Invocation, problem: AwsError, condition: str) -> None:
    """To the dead-letter queue, if there is one, with what went wrong."""
    queue = parse_arn((what.target.get("DeadLetterConfig") or {}).get("Arn") or "")
    if queue is None:
        return
    why = {"SCHEDULE_ARN": what.arn, "TARGET_ARN": what.target["Arn"], "ERROR_CODE": problem.code, "EXECUTION_ID": what.id,
           "ERROR_MESSAGE": problem.message or problem.code, "RETRY_ATTEMPTS": str(what.attempt - 1),
           "SCHEDULED_TIME": timestamp(what.due), "EXHAUSTED_RETRY_CONDITION": condition, "IS_PAYLOAD_TRUNCATED": "false"}
    attributes = {name: {"DataType": "String", "StringValue": value} for name, value in why.items() if value}
    try:
        call.as_service(what.arn, queue.account, queue.region).sqs.send_message(
            QueueUrl=f"{call.endpoint}/{queue.account}/{queue.resource}", MessageBody=what.target.get("Input") or "{}",
            MessageAttributes=attributes)
    except AwsError:
        return                         # no dead-letter queue either: nothing is left to do
