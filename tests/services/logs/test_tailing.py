"""Live tail over the wire, and resource policies."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.config import Config

from conftest import Cloud
from services.sqs.queues import refused


@pytest.fixture
def tail(cloud: Cloud, group: str) -> Any:
    """Starts a session; the iterator of its events."""
    logs = cloud.client("logs", config=Config(inject_host_prefix=False))

    def start(**members: Any) -> Any:
        arn = f"arn:aws:logs:us-east-1:{cloud.account}:log-group:{group}"
        return iter(logs.start_live_tail(**{"logGroupIdentifiers": [arn], **members})["responseStream"])

    return start


def test_events_come_while_they_are_put(logs: Any, group: str, put: Any, tail: Any) -> None:
    put(["before"])
    events = tail(logEventFilterPattern="ERROR")
    assert next(events)["sessionStart"]["logEventFilterPattern"] == "ERROR"
    for i in range(20):                                # the sixteenth merges the others
        put([f"ERROR {i}", f"fine {i}"], at=-20 + i)
    found: list[dict[str, Any]] = []
    while len(found) < 20:
        found += next(events)["sessionUpdate"]["sessionResults"]
    assert [event["message"] for event in found] == [f"ERROR {i}" for i in range(20)]
    assert {event["logStreamName"] for event in found} == {"one"}
    assert next(events)["sessionUpdate"]["sessionResults"] == []


def told(events: Any) -> dict[str, Any]:
    """The next update that tells of events; one comes each second, whether or not there were any."""
    return next(update for one in events if (update := one["sessionUpdate"])["sessionResults"])


def test_streams_are_chosen(logs: Any, group: str, put: Any, tail: Any) -> None:
    logs.create_log_stream(logGroupName=group, logStreamName="two")
    events = tail(logStreamNamePrefixes=["tw"])
    next(events)
    put(["a"])
    put(["b"], stream="two")
    update = told(events)
    assert [event["message"] for event in update["sessionResults"]] == ["b"]
    assert update["sessionMetadata"] == {"sampled": False}
    named = tail(logStreamNames=["one"])
    next(named)
    put(["c"])
    put(["d"], stream="two")
    assert [event["message"] for event in told(named)["sessionResults"]] == ["c"]
    with refused("ResourceNotFoundException"):
        tail(logGroupIdentifiers=["none"])
    with refused("InvalidParameterException", "mutually exclusive"):
        tail(logStreamNames=["one"], logStreamNamePrefixes=["t"])


def policy(action: str = "logs:PutLogEvents") -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": action, "Resource": "*"}]})


def test_resource_policies(cloud: Cloud, logs: Any, group: str) -> None:
    logs.put_resource_policy(policyName="a", policyDocument=policy())
    told = logs.put_resource_policy(policyName="a", policyDocument=policy("logs:CreateLogStream"))["resourcePolicy"]
    assert (told["policyName"], told["policyScope"]) == ("a", "ACCOUNT")
    arn = f"arn:aws:logs:us-east-1:{cloud.account}:log-group:{group}"
    revision = logs.put_resource_policy(resourceArn=arn, policyName="own", policyDocument=policy())["revisionId"]
    assert [p["policyName"] for p in logs.describe_resource_policies()["resourcePolicies"]] == ["a"]
    assert [p["policyName"] for p in logs.describe_resource_policies(resourceArn=arn)["resourcePolicies"]] == ["own"]
    with refused("OperationAbortedException"):
        logs.put_resource_policy(resourceArn=arn, policyName="own", policyDocument=policy(), expectedRevisionId="other")
    logs.put_resource_policy(resourceArn=arn, policyName="own", policyDocument=policy(), expectedRevisionId=revision)
    logs.delete_resource_policy(resourceArn=arn)
    logs.delete_resource_policy(policyName="a")
    with refused("ResourceNotFoundException", "Policy with name [a] does not exist."):
        logs.delete_resource_policy(policyName="a")
    with refused("InvalidParameterException", "not a valid policy"):
        logs.put_resource_policy(policyName="a", policyDocument="nonsense")
    for i in range(10):
        logs.put_resource_policy(policyName=f"p{i}", policyDocument=policy())
    with refused("LimitExceededException"):
        logs.put_resource_policy(policyName="one more", policyDocument=policy())
