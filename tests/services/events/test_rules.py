"""Buses, rules and targets, as they are made, told, changed and deleted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import refused

from .conftest import Inbox, connect


def test_the_default_bus_is_there(cloud: Cloud, events: Any) -> None:
    told = events.describe_event_bus()
    assert (told["Name"], told["Arn"]) == ("default", f"arn:aws:events:us-east-1:{cloud.account}:event-bus/default")
    assert [bus["Name"] for bus in events.list_event_buses()["EventBuses"]] == ["default"]
    with refused("ResourceAlreadyExistsException", "Event bus default already exists."):
        events.create_event_bus(Name="default")
    with refused("ValidationException", "Cannot delete event bus default."):
        events.delete_event_bus(Name="default")


def test_buses_are_made_listed_changed_and_deleted(cloud: Cloud, events: Any) -> None:
    for name in ("orders", "other", "users"):
        arn = events.create_event_bus(Name=name, Description="of " + name, Tags=[{"Key": "k", "Value": name}])["EventBusArn"]
    assert arn == f"arn:aws:events:us-east-1:{cloud.account}:event-bus/users"
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "k", "Value": "users"}]
    with refused("ResourceAlreadyExistsException", "Event bus orders already exists."):
        events.create_event_bus(Name="orders")
    first = events.list_event_buses(Limit=2)
    assert [bus["Name"] for bus in first["EventBuses"]] == ["default", "orders"]
    rest = events.list_event_buses(NextToken=first["NextToken"])
    assert [bus["Name"] for bus in rest["EventBuses"]] == ["other", "users"]
    assert [bus["Name"] for bus in events.list_event_buses(NamePrefix="o")["EventBuses"]] == ["orders", "other"]
    events.update_event_bus(Name="users", Description="changed")
    assert events.describe_event_bus(Name=arn)["Description"] == "changed"
    events.put_rule(Name="r", EventBusName="users", EventPattern='{"source": ["x"]}')
    with refused("ValidationException", "rules"):
        events.delete_event_bus(Name="users")
    events.delete_rule(Name="r", EventBusName="users")
    events.delete_event_bus(Name="users")
    events.delete_event_bus(Name="users")
    with refused("ResourceNotFoundException", "Event bus users does not exist."):
        events.describe_event_bus(Name="users")


def test_permissions_become_a_policy(cloud: Cloud, events: Any) -> None:
    events.put_permission(Action="events:PutEvents", Principal="123456789012", StatementId="one")
    events.put_permission(Action="events:PutEvents", Principal="*", StatementId="two", Condition={
        "Type": "StringEquals", "Key": "aws:PrincipalOrgID", "Value": "o-1234567890"})
    arn = f"arn:aws:events:us-east-1:{cloud.account}:event-bus/default"
    assert json.loads(events.describe_event_bus()["Policy"])["Statement"] == [
        {"Sid": "one", "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:root"}, "Action": "events:PutEvents",
         "Resource": arn},
        {"Sid": "two", "Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": arn,
         "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-1234567890"}}}]
    events.remove_permission(StatementId="one")
    assert [each["Sid"] for each in json.loads(events.describe_event_bus()["Policy"])["Statement"]] == ["two"]
    with refused("ResourceNotFoundException", "Statement with the provided id does not exist."):
        events.remove_permission(StatementId="one")
    events.remove_permission(RemoveAllPermissions=True)
    assert "Policy" not in events.describe_event_bus()
    with refused("ValidationException", "not a valid JSON policy"):
        events.put_permission(Policy="nonsense")


def test_rules_are_made_listed_changed_and_deleted(cloud: Cloud, events: Any) -> None:
    events.create_event_bus(Name="orders")
    arn = events.put_rule(Name="big", EventBusName="orders", EventPattern='{"detail": {"n": [{"numeric": [">", 5]}]}}',
                          Description="d", Tags=[{"Key": "a", "Value": "1"}])["RuleArn"]
    assert arn == f"arn:aws:events:us-east-1:{cloud.account}:rule/orders/big"
    told = events.describe_rule(Name="big", EventBusName="orders")
    assert (told["Arn"], told["State"], told["Description"], told["CreatedBy"]) == (arn, "ENABLED", "d", cloud.account)
    events.put_rule(Name="big", EventBusName="orders", EventPattern='{"source": ["x"]}', State="DISABLED")
    told = events.describe_rule(Name="big", EventBusName="orders")
    assert (told["EventPattern"], told["State"], told.get("Description")) == ('{"source": ["x"]}', "DISABLED", None)
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "a", "Value": "1"}]
    events.tag_resource(ResourceARN=arn, Tags=[{"Key": "b", "Value": "2"}])
    events.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert events.list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    for name in ("a1", "a2", "b"):
        events.put_rule(Name=name, ScheduleExpression="rate(1 day)")
    assert [rule["Name"] for rule in events.list_rules(NamePrefix="a")["Rules"]] == ["a1", "a2"]
    first = events.list_rules(Limit=2)
    second = events.list_rules(NextToken=first["NextToken"])
    assert [rule["Name"] for rule in first["Rules"] + second["Rules"]] == ["a1", "a2", "b"]
    events.disable_rule(Name="b")
    assert events.describe_rule(Name="b")["State"] == "DISABLED"
    events.enable_rule(Name="b")
    assert events.describe_rule(Name="b")["State"] == "ENABLED"
    events.delete_rule(Name="b")
    events.delete_rule(Name="b")
    with refused("ResourceNotFoundException", "Rule b does not exist on EventBus default."):
        events.describe_rule(Name="b")


@pytest.mark.parametrize(("members", "code", "words"), [
    ({}, "ValidationException", "EventPattern or ScheduleExpression must be specified"),
    ({"ScheduleExpression": "rate(1 minutes)"}, "ValidationException", "Parameter ScheduleExpression is not valid."),
    ({"ScheduleExpression": "at(2030-01-01T00:00:00)"}, "ValidationException", "Parameter ScheduleExpression is not valid."),
    ({"EventPattern": "nonsense"}, "InvalidEventPatternException", "Event pattern is not valid. Reason: Filter is not"),
    ({"EventPattern": '{"source": "x"}'}, "InvalidEventPatternException", '"source" must be an object or an array'),
    ({"EventPattern": "{}", "EventBusName": "none"}, "ResourceNotFoundException", "Event bus none does not exist.")])
def test_rules_that_are_refused(events: Any, members: dict[str, str], code: str, words: str) -> None:
    with refused(code, words):
        events.put_rule(Name="r", **members)


def test_targets_are_put_listed_and_removed(cloud: Cloud, events: Any, inbox: Inbox) -> None:
    connect(events, inbox, {"source": ["x"]})
    connect(events, inbox, {"source": ["x"]}, name="second")
    events.put_targets(Rule="rule", Targets=[{"Id": "other", "Arn": inbox.arn, "Input": '{"a": 1}'}])
    assert events.list_targets_by_rule(Rule="rule")["Targets"] == [
        {"Id": "inbox", "Arn": inbox.arn}, {"Id": "other", "Arn": inbox.arn, "Input": '{"a": 1}'}]
    assert events.list_rule_names_by_target(TargetArn=inbox.arn)["RuleNames"] == ["rule", "second"]
    with refused("ValidationException", "Rule can't be deleted since it has targets."):
        events.delete_rule(Name="rule")
    told = events.remove_targets(Rule="rule", Ids=["inbox", "none"])
    assert (told["FailedEntryCount"], told["FailedEntries"][0]["TargetId"]) == (1, "none")
    assert [each["Id"] for each in events.list_targets_by_rule(Rule="rule")["Targets"]] == ["other"]
    with refused("LimitExceededException"):
        events.put_targets(Rule="rule", Targets=[{"Id": str(i), "Arn": inbox.arn} for i in range(5)])


@pytest.mark.parametrize(("target", "code", "words"), [
    ({"Arn": "nonsense"}, "ValidationException", "Provided Arn is not in correct format."),
    ({"Arn": "arn:aws:states:us-east-1:000000000000:stateMachine:s"}, "NotImplemented", "targets of states"),
    ({"Arn": "arn:aws:kinesis:us-east-1:000000000000:stream/s"}, "ValidationException", "RoleArn is required for target arn:"),
    ({"Arn": "arn:aws:kinesis:us-east-1:000000000000:stream/s", "RoleArn": "arn:aws:iam::000000000000:role/r",
      "KinesisParameters": {"PartitionKeyPath": "detail.n"}}, "ValidationException", "Invalid PartitionKeyPath"),
    ({"Arn": "arn:aws:sqs:us-east-1:000000000000:q.fifo"}, "ValidationException", "SqsParameters must be specified"),
    ({"Arn": "arn:aws:sqs:us-east-1:000000000000:q", "InputPath": "detail"}, "ValidationException", "Invalid InputPath"),
    ({"Arn": "arn:aws:sqs:us-east-1:000000000000:q", "Input": "{"}, "ValidationException", "JSON syntax error"),
    ({"Arn": "arn:aws:sqs:us-east-1:000000000000:q", "Input": "{}", "InputPath": "$.detail"}, "ValidationException", "Only"),
    ({"Arn": "arn:aws:sqs:us-east-1:000000000000:q", "EcsParameters": {"TaskDefinitionArn": "x"}}, "NotImplemented", "Ecs")])
def test_targets_that_are_refused(events: Any, target: dict[str, Any], code: str, words: str) -> None:
    events.put_rule(Name="r", EventPattern='{"source": ["x"]}')
    with refused(code, words):
        events.put_targets(Rule="r", Targets=[{"Id": "t", **target}])


def test_patterns_are_tried_out(events: Any) -> None:
    event = {"id": "1", "account": "1", "source": "s", "time": "2024-01-01T00:00:00Z", "region": "r", "resources": [],
             "detail-type": "t", "detail": {"n": 7}}

    def fits(pattern: Any, event: Any) -> bool:
        return bool(events.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(event))["Result"])

    assert fits({"detail": {"n": [7]}}, event)
    assert not fits({"detail": {"n": [8]}}, event)
    with refused("ValidationException", "detail-type must be there"):
        fits({"detail": {"n": [7]}}, {k: v for k, v in event.items() if k != "detail-type"})
    with refused("InvalidEventPatternException"):
        fits({"detail": {"n": 7}}, event)
