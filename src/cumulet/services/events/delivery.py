"""From a bus to its rules, and from a rule to its targets: what they are given, the sending, and what becomes of failures.

What lives here is told in the transaction that put the event; other buses and addresses by tasks. A refusal goes to the
dead-letter queue at once, as AWS's errors of the client do; what may pass is tried again, as the retry policy says.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from cumulet.kernel import Arn, AwsError, Call, not_implemented, parse_arn, task, timer

from . import inputs, patterns, sending, trails
from .envelopes import moment, timestamp
from .resources import ApiDestination, Archive, Archived, Rule, Target

_AGE, _ATTEMPTS = 86_400, 185
_PASSING = ("InternalError", "InternalFailure", "ProvisionedThroughputExceeded", "ServiceUnavailable", "Throttling",
            "TooManyRequests")
_SLOWEST = 600.0
_HOP = "THIRD_ACCOUNT_HOP_DETECTED"    # AWS's word for a second bus behind the first, also in one account
_RULES = ('SELECT "Name", "EventPattern" FROM {table} WHERE scope = {scope} AND "EventBusName" = ? AND "State" <> ? '
          'AND "EventPattern" IS NOT NULL ORDER BY "Name"')
_LISTENING = ('SELECT "Name", "EventPattern" FROM {table} WHERE scope = {scope} AND "EventBusName" = ? AND "State" = ? '
              'AND "EventPattern" IS NOT NULL ORDER BY "Name"')
_ARCHIVES = 'SELECT "ArchiveName", "EventPattern" FROM {table} WHERE scope = {scope} AND "bus" = ?'


class Errand(NamedTuple):
    """One event on its way to one target. text: the event; what the target is given of it follows from `said`.

    began: when it was first tried.  attempts: how often it was tried again.  hopped: it came from another bus.
    """

    rule: str
    arn: str
    said: dict[str, Any]
    text: str
    began: float
    attempts: int = 0
    hopped: bool = False


def put(call: Call, bus: str, text: str, *, only: frozenset[str] = frozenset(), replayed: bool = False,
        hopped: bool = False) -> None:
    """An event comes to a bus of this account and region. only: the ARNs of the rules that may see it."""
    archives = [] if replayed else call.table(Archive).known_sql(_ARCHIVES, bus)
    rules = call.table(Rule).known_sql(_RULES, bus, "DISABLED")
    if not archives and not rules:
        return
    event = patterns.read(text)
    if trails.only_reads(call, event):
        rules = call.table(Rule).known_sql(_LISTENING, bus, trails.ALL)
    for name, pattern in archives:
        if pattern is None or patterns.compiled(pattern)(event):
            call.put(Archived(archive=name, at=moment(event["time"]), size=len(text.encode()), event=text))
    for name, pattern in rules:
        if patterns.compiled(pattern)(event):
            rule = call.table(Rule).known(bus, name)
            if rule is not None and (not only or call.arn(rule) in only):
                tell(call, rule, text, hopped)


def tell(call: Call, rule: Rule, text: str, hopped: bool = False) -> None:
    """An event goes to all targets of a rule."""
    for target in call.table(Target).scan(rule.EventBusName, rule.Name):
        attempt(call, Errand(rule.Name, call.arn(rule), target.said, text, call.now, hopped=hopped))


def attempt(call: Call, errand: Errand) -> None:
    """Try it; see to what fails."""
    try:
        payload = given(call, errand)
        if payload is not None:
            _send(call, errand, payload)
    except AwsError as problem:
        failed(call, errand, problem)


def given(call: Call, errand: Errand) -> str | None:
    """What the target is given."""
    reserved = {"aws.events.rule-arn": errand.arn, "aws.events.rule-name": errand.rule,
                "aws.events.event.ingestion-time": timestamp(errand.began)}
    return inputs.given(errand.text, errand.said, reserved)


def _send(call: Call, errand: Errand, payload: str) -> None:
    target = parse_arn(errand.said["Arn"])
    assert target is not None
    if target.service == "events":
        _send_on(call, errand, target)
    else:
        sending.SENDERS[target.service](call.as_service(errand.arn, target.account, target.region), call, target, errand.said,
                                        payload, errand.text)


def _send_on(call: Call, errand: Errand, target: Arn) -> None:
    kind = target.resource.partition("/")[0]
    as_told: dict[str, Any] = errand._asdict()
    if kind == "event-bus":
        if errand.hopped:
            id = json.loads(errand.text)["id"]
            raise AwsError(_HOP, f"Event ingestion rejected for event {id} because an event can be sent to an event bus target "
                                 "only once. This event was previously delivered to an event bus target.", 400)
        call.task(forward, **as_told)
        return
    name = target.resource.split("/")[1]
    table = call.table(ApiDestination)
    row = table.get(name)
    if row is None:
        raise AwsError("ResourceNotFoundException", f"The API destination {name} does not exist.")
    due = max(call.now, row.next)
    table.change(name, next=due + 1 / row.InvocationRateLimitPerSecond)
    if due > call.now:
        call.at(due, post_later, **as_told)
    else:
        call.task(post, **as_told)


@task(retries=5)
def forward(call: Call, **told: Any) -> None:
    """To another bus, perhaps of another account or region: if its policy lets us."""
    errand = Errand(**told)
    try:
        there, bus = sending.bus_there(call, errand.arn, errand.said)
        put(there, bus, errand.text, hopped=True)
    except AwsError as problem:
        failed(call, errand, problem)


@timer
def post_later(call: Call, **told: Any) -> None:
    """What had to wait for its destination's rate."""
    call.task(post, **told)


@task(retries=5)
async def post(call: Call, **told: Any) -> None:
    """To an API destination."""
    errand = Errand(**told)
    try:
        await sending.to_api(call, errand.said, given(call, errand) or "")
    except AwsError as problem:
        await call.run(failed, errand, problem)


# --- failures ---


def failed(call: Call, errand: Errand, problem: AwsError) -> None:
    """Try again later, or give it up."""
    policy = errand.said.get("RetryPolicy") or {}
    most, age = policy.get("MaximumRetryAttempts", _ATTEMPTS), policy.get("MaximumEventAgeInSeconds", _AGE)
    if not _may_pass(problem):
        _bury(call, errand, problem, "")
        return
    due = call.now + min(2.0 ** errand.attempts, _SLOWEST)
    if errand.attempts >= most:
        _bury(call, errand, problem, "MaximumRetryAttempts")
    elif due - errand.began > age:
        _bury(call, errand, problem, "MaximumEventAgeInSeconds")
    else:
        later: dict[str, Any] = errand._replace(attempts=errand.attempts + 1)._asdict()
        call.at(due, again, **later)


@timer
def again(call: Call, **told: Any) -> None:
    """Once more."""
    attempt(call, Errand(**told))


def _may_pass(problem: AwsError) -> bool:
    return problem.code.startswith(_PASSING) or (problem.status >= 500 and problem.status != 501)


def _bury(call: Call, errand: Errand, problem: AwsError, condition: str) -> None:
    """To the target's dead-letter queue, if it has one, with what went wrong."""
    queue = parse_arn((errand.said.get("DeadLetterConfig") or {}).get("Arn") or "")
    if queue is None:
        return
    why = {"RULE_ARN": errand.arn, "TARGET_ARN": errand.said["Arn"], "ERROR_CODE": _code(problem, condition),
           "ERROR_MESSAGE": problem.message or problem.code, "RETRY_ATTEMPTS": str(errand.attempts),
           "EXHAUSTED_RETRY_CONDITION": condition}
    attributes = {name: {"DataType": "Number" if name == "RETRY_ATTEMPTS" else "String", "StringValue": value}
                  for name, value in why.items() if value}
    try:
        call.as_service(errand.arn, queue.account, queue.region).sqs.send_message(
            QueueUrl=f"{call.endpoint}/{queue.account}/{queue.resource}", MessageBody=errand.text, MessageAttributes=attributes)
    except AwsError:
        return                         # no dead-letter queue either: nothing is left to do


def _code(problem: AwsError, condition: str) -> str:
    """What a dead letter calls the error: its own name only where it was tried again and again."""
    if problem.code.startswith("AccessDenied"):
        return "NO_PERMISSIONS"
    return problem.code if condition or problem.code == _HOP else "SDK_CLIENT_ERROR"


def check(call: Call, said: Mapping[str, Any]) -> None:
    """May this be a target? Services that are not here yet are refused by name; a discoverer is told by its service's rule."""
    arn = parse_arn(said["Arn"])
    if arn is None or not arn.resource:
        raise AwsError("ValidationException", "Parameter Arn is not valid. Reason: Provided Arn is not in correct format.")
    kind = arn.resource.partition("/")[0]
    here = kind in ("event-bus", "api-destination") if arn.service == "events" else arn.service in sending.SENDERS
    if not here or (arn.service == "schemas" and call.principal.kind != "service"):
        raise not_implemented(f"events: targets of {arn.service}")
