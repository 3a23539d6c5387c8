"""Rules and schedules that call functions."""

from __future__ import annotations

import json
from typing import Any

from conftest import Cloud
from services.lambda_.conftest import deploy
from services.lambda_.test_callers import teller

from .conftest import put

__all__ = ["deploy"]


def test_an_event_calls_a_function(deploy: Any, cloud: Cloud, events: Any) -> None:
    function, told = teller(deploy, cloud)
    arn = events.put_rule(Name="r", EventPattern='{"source": ["my.app"]}')["RuleArn"]
    function.client.add_permission(FunctionName=function.name, StatementId="e", Action="lambda:InvokeFunction",
                                   Principal="events.amazonaws.com", SourceArn=arn)
    events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": function.arn}])
    sent = put(events, {"n": 1})
    event = told()
    assert (event["id"], event["detail"]) == (sent["EventId"], {"n": 1})


def test_a_schedule_calls_a_function(deploy: Any, cloud: Cloud) -> None:
    function, told = teller(deploy, cloud)
    scheduler = cloud.client("scheduler")
    scheduler.create_schedule(Name="s", ScheduleExpression="rate(1 day)", FlexibleTimeWindow={"Mode": "OFF"}, Target={
        "Arn": function.arn, "RoleArn": f"arn:aws:iam::{cloud.account}:role/r",
        "Input": '{"due": "<aws.scheduler.scheduled-time>"}'})
    assert told()["due"].endswith("Z")
    universal = {"Arn": "arn:aws:scheduler:::aws-sdk:lambda:invoke", "RoleArn": f"arn:aws:iam::{cloud.account}:role/r",
                 "Input": json.dumps({"FunctionName": function.name, "InvocationType": "Event", "Payload": '{"a": 1}'})}
    scheduler.update_schedule(Name="s", ScheduleExpression="rate(2 days)", FlexibleTimeWindow={"Mode": "OFF"}, Target=universal)
    assert told() == {"a": 1}
    scheduler.delete_schedule(Name="s")
