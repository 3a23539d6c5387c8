"""Rules: their patterns and schedules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Page, cron, error, operation, parse_arn

from .. import patterns, trails
from ..background import arm
from ..conditions import BadPattern
from ..names import DEFAULT, absent, bus_of, check_owner, invalid, rule_of
from ..resources import EventBus, Rule, Target
from ..tags import checked

_MOST_RULES = 300
_OF_AN_EVENT = ("id", "account", "source", "time", "region", "resources", "detail-type")


def check_pattern(text: str) -> None:
    """Raise what EventBridge says of a pattern that is none."""
    try:
        patterns.compiled(text)
    except BadPattern as problem:
        raise error.InvalidEventPatternException(f"Event pattern is not valid. Reason: {problem}") from None


@operation
def put_rule(call: Call, Name: str, ScheduleExpression: str | None = None, EventPattern: str | None = None,
             State: str = "ENABLED", Description: str | None = None, RoleArn: str | None = None,
             Tags: Sequence[Mapping[str, str]] = (), EventBusName: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html"""
    bus = bus_of(call, EventBusName).Name
    if not ScheduleExpression and not EventPattern:
        raise invalid("Parameter(s) EventPattern or ScheduleExpression must be specified.")
    if EventPattern:
        check_pattern(EventPattern)
    if ScheduleExpression:
        _check_schedule(ScheduleExpression, bus)
    table = call.table(Rule)
    before = table.get(bus, Name)
    check_owner(call, before)
    if before is None and table.count(bus) >= _MOST_RULES:
        raise error.LimitExceededException("The requested resource exceeds the maximum number allowed.")
    rule = Rule(Name=Name, EventBusName=bus, Description=Description, EventPattern=EventPattern or None, State=State,
                ScheduleExpression=ScheduleExpression or None, RoleArn=RoleArn,
                path=Name if bus == DEFAULT else f"{bus}/{Name}",
                tags=before.tags if before else checked({}, Tags), created=before.created if before else call.now,
                armed=call.now, managed=call.principal.arn if call.principal.kind == "service" else "")
    if before and before.ScheduleExpression == rule.ScheduleExpression and before.State == State:
        rule.armed = before.armed
    call.put(rule)
    arm(call, rule)
    trails.follow(call, rule.EventPattern, before.EventPattern if before else None)
    # Name and bus are what its lifecycle knows it by; AWS's answer has the ARN alone.
    return {"RuleArn": call.arn(rule), "Name": Name, "EventBusName": bus}


def _check_schedule(text: str, bus: str) -> None:
    if bus != DEFAULT:
        raise invalid("ScheduleExpression is supported only on the default event bus.")
    try:
        said = cron.schedule(text)
    except cron.BadSchedule:
        raise invalid("Parameter ScheduleExpression is not valid.") from None
    if said.moment is not None:
        raise invalid("Parameter ScheduleExpression is not valid.")


@operation
def delete_rule(call: Call, Name: str, EventBusName: str | None = None, Force: bool = False) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DeleteRule.html"""
    bus = bus_of(call, EventBusName).Name
    row = call.table(Rule).get(bus, Name)
    if row is None:
        return
    check_owner(call, row, Force)
    if call.table(Target).scan(bus, Name, limit=1):
        raise invalid("Rule can't be deleted since it has targets.")
    row.State = "DISABLED"
    arm(call, row)
    call.table(Rule).delete(bus, Name)
    trails.follow(call, row.EventPattern)


def _switch(call: Call, name: str, bus: str | None, state: str) -> None:
    rule = rule_of(call, name, bus)
    check_owner(call, rule)
    if rule.State != state:
        rule.State, rule.armed = state, call.now
        call.put(rule)
        arm(call, rule)
        trails.follow(call, rule.EventPattern)


@operation
def enable_rule(call: Call, Name: str, EventBusName: str | None = None) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_EnableRule.html"""
    _switch(call, Name, EventBusName, "ENABLED")


@operation
def disable_rule(call: Call, Name: str, EventBusName: str | None = None) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DisableRule.html"""
    _switch(call, Name, EventBusName, "DISABLED")


def _told(call: Call, rule: Rule) -> dict[str, Any]:
    return {"Name": rule.Name, "Arn": call.arn(rule), "EventPattern": rule.EventPattern, "State": rule.State,
            "Description": rule.Description, "ScheduleExpression": rule.ScheduleExpression, "RoleArn": rule.RoleArn,
            "EventBusName": rule.EventBusName, "ManagedBy": rule.managed or None}


@operation
def describe_rule(call: Call, Name: str, EventBusName: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeRule.html"""
    return {**_told(call, rule_of(call, Name, EventBusName)), "CreatedBy": call.account}


@operation
def list_rules(call: Call, NamePrefix: str = "", EventBusName: str | None = None,
               page: Page[Rule] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListRules.html"""
    bus = bus_of(call, EventBusName).Name
    bounds = {"after": page.after} if page.after else {"low": NamePrefix or None}
    rows = call.table(Rule).scan(bus, before=NamePrefix + "\U0010ffff" if NamePrefix else None, limit=page.limit + 1, **bounds)
    return {"Rules": [_told(call, rule) for rule in page.cut(rows, lambda rule: rule.Name)]}


@operation
def test_event_pattern(call: Call, EventPattern: str, Event: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html"""
    check_pattern(EventPattern)
    try:
        event = patterns.read(Event)
    except ValueError:
        event = None
    if not isinstance(event, dict):
        raise invalid("Parameter Event is not valid. Reason: Event is not a valid JSON object.")
    if missing := [name for name in _OF_AN_EVENT if name not in event]:
        raise invalid(f"Parameter Event is not valid. Reason: {', '.join(missing)} must be there.")
    return {"Result": patterns.compiled(EventPattern)(event)}


# --- tags ---


def _tagged(call: Call, arn: str) -> EventBus | Rule:
    """The bus or rule of an ARN."""
    parts = parse_arn(arn)
    kind, _, name = (parts.resource if parts else "").partition("/")
    row: EventBus | Rule | None = None
    if kind == "event-bus":
        row = call.table(EventBus).get(name) or (EventBus(Name=DEFAULT) if name == DEFAULT else None)
    elif kind == "rule":
        row = call.table(Rule).find("path", name)
    if row is None:
        raise absent(f"{'Rule' if kind == 'rule' else 'Resource'} {name or arn} does not exist.")
    return row


@operation
def tag_resource(call: Call, ResourceARN: str, Tags: Sequence[Mapping[str, str]]) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TagResource.html"""
    row = _tagged(call, ResourceARN)
    check_owner(call, row if isinstance(row, Rule) else None)
    row.tags = checked(row.tags, Tags)
    call.put(row)


@operation
def untag_resource(call: Call, ResourceARN: str, TagKeys: Sequence[str]) -> None:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_UntagResource.html"""
    row = _tagged(call, ResourceARN)
    check_owner(call, row if isinstance(row, Rule) else None)
    row.tags = {key: value for key, value in row.tags.items() if key not in TagKeys}
    call.put(row)


@operation
def list_tags_for_resource(call: Call, ResourceARN: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_ListTagsForResource.html"""
    return {"Tags": [{"Key": key, "Value": value} for key, value in sorted(_tagged(call, ResourceARN).tags.items())]}
