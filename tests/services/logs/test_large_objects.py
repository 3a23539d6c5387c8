"""Records of OpenTelemetry that are too large for an event: cut, pointed to, and read back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.config import Config

from conftest import Cloud
from services.logs.conftest import Post
from services.logs.test_http import telemetry
from services.logs.test_protection import policy
from services.sqs.queues import refused

MIB = 1_048_576


@pytest.fixture
def objects(cloud: Cloud) -> Any:
    """A client that asks for objects at the same address."""
    logs = cloud.client("logs", config=Config(inject_host_prefix=False))

    def get(pointer: str, **members: Any) -> str:
        stream = logs.get_log_object(logObjectPointer=pointer, **members)["fieldStream"]
        return b"".join(event["fields"]["data"] for event in stream).decode()

    return get


def sent(cloud: Cloud, post: Post, logs: Any, group: str, **record: Any) -> dict[str, Any]:
    """The event that a record became."""
    now = int(cloud.clock.now()) * 1_000_000_000
    assert post("/v1/logs", telemetry(now, **record), x_aws_log_group=group, x_aws_log_stream="one") == (200, {})
    message = logs.get_log_events(logGroupName=group, logStreamName="one")["events"][-1]["message"]
    assert MIB - 100 <= len(message.encode()) + 26 <= MIB
    return dict(json.loads(message))


def test_the_largest_fields_are_cut(cloud: Cloud, logs: Any, group: str, post: Post, objects: Any) -> None:
    body, deep = 'ü"' * 400_000, "d" * 1_200_000
    event = sent(cloud, post, logs, group, body={"stringValue": body}, attributes=[
        {"key": "a", "value": {"kvlistValue": {"values": [{"key": "b", "value": {"stringValue": deep}}]}}},
        {"key": "small", "value": {"stringValue": "s" * 1000}}])
    assert event["attributes"]["small"] == "s" * 1000
    assert [name for name in event if name.startswith("@ptr")] == ["@ptr.$['body']", "@ptr.$['attributes']['a']['b']"]
    assert event["body"] + objects(event["@ptr.$['body']"]) == body
    assert event["attributes"]["a"]["b"] + objects(event["@ptr.$['attributes']['a']['b']"]) == deep
    with refused("ResourceNotFoundException"):
        objects("nothing")
    logs.delete_log_stream(logGroupName=group, logStreamName="one")
    with refused("ResourceNotFoundException"):
        objects(event["@ptr.$['body']"])


def test_what_records_share_is_cut_from_each(cloud: Cloud, logs: Any, group: str, post: Post, objects: Any) -> None:
    said = telemetry(int(cloud.clock.now()) * 1_000_000_000)
    said["resourceLogs"][0]["resource"]["attributes"] = [{"key": "big", "value": {"stringValue": "b" * 2 * MIB}}]
    said["resourceLogs"][0]["scopeLogs"][0]["logRecords"] *= 2
    assert post("/v1/logs", said, x_aws_log_group=group, x_aws_log_stream="one") == (200, {})
    pointers = set()
    for head in (True, False):         # a page holds one of them only
        told = logs.get_log_events(logGroupName=group, logStreamName="one", startFromHead=head)["events"]
        event = json.loads(told[0]["message"])
        pointers.add(pointer := event["@ptr.$['resource']['attributes']['big']"])
        assert event["resource"]["attributes"]["big"] + objects(pointer) == "b" * 2 * MIB
    assert len(pointers) == 2


def test_what_is_sensitive_stays_hidden(cloud: Cloud, logs: Any, group: str, post: Post, objects: Any) -> None:
    logs.put_data_protection_policy(logGroupIdentifier=group, policyDocument=policy("EmailAddress"))
    event = sent(cloud, post, logs, group, body={"stringValue": "x " * 600_000 + "ann@example.com"})
    pointer = event["@ptr.$['body']"]
    assert objects(pointer).endswith(" x " + "*" * 15)
    assert objects(pointer, unmask=True).endswith(" x ann@example.com")


def test_what_cannot_be_cut_is_not_taken(cloud: Cloud, logs: Any, group: str, post: Post) -> None:
    now = int(cloud.clock.now()) * 1_000_000_000
    numbers = {"arrayValue": {"values": [{"intValue": 10**15}] * 80_000}}
    told = post("/v1/logs", telemetry(now, body=numbers), x_aws_log_group=group, x_aws_log_stream="one")
    assert told[1]["partialSuccess"]["rejectedLogRecords"] == "1"
    assert logs.get_log_events(logGroupName=group, logStreamName="one")["events"] == []


def test_objects_expire_with_their_events(cloud: Cloud, logs: Any, group: str, post: Post, objects: Any) -> None:
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)
    event = sent(cloud, post, logs, group, body={"stringValue": "x" * 2 * MIB})
    pointer = event["@ptr.$['body']"]
    assert len(event["body"]) + len(objects(pointer)) == 2 * MIB
    cloud.clock.advance(86_400 + 7_200)
    cloud.clock.idle()
    with refused("ResourceNotFoundException"):
        objects(pointer)
