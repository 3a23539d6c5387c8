"""Groups and streams: made, listed, changed, tagged, deleted."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import refused


def groups_of(logs: Any, **members: Any) -> list[str]:
    return [group["logGroupName"] for page in logs.get_paginator("describe_log_groups").paginate(**members)
            for group in page["logGroups"]]


def streams_of(logs: Any, group: str, **members: Any) -> list[str]:
    pages = logs.get_paginator("describe_log_streams").paginate(logGroupName=group, **members)
    return [stream["logStreamName"] for page in pages for stream in page["logStreams"]]


def test_a_group_is_told_as_it_was_made(cloud: Cloud, logs: Any) -> None:
    logs.create_log_group(logGroupName="/app/x", tags={"team": "a"}, logGroupClass="INFREQUENT_ACCESS")
    told = logs.describe_log_groups(logGroupNamePrefix="/app")["logGroups"][0]
    arn = f"arn:aws:logs:us-east-1:{cloud.account}:log-group:/app/x"
    assert told["arn"] == arn + ":*"
    assert told["logGroupArn"] == arn
    assert (told["logGroupClass"], told["storedBytes"], told["metricFilterCount"]) == ("INFREQUENT_ACCESS", 0, 0)
    assert abs(told["creationTime"] / 1000 - cloud.clock.now()) < 5
    assert "retentionInDays" not in told
    with refused("ResourceAlreadyExistsException", "The specified log group already exists"):
        logs.create_log_group(logGroupName="/app/x")
    with refused("InvalidParameterException", "1 validation error detected: Value 'a b' at 'logGroupName' failed to satisfy"):
        logs.create_log_group(logGroupName="a b")
    with refused("InvalidParameterException", "aws/"):
        logs.create_log_group(logGroupName="aws/x")


def test_groups_are_listed_by_prefix_pattern_class_and_identifier(cloud: Cloud, logs: Any) -> None:
    for name in ("a/web", "a/db", "b/web", "c"):
        logs.create_log_group(logGroupName=name, tags={"kind": name[2:] or "none"})
    logs.create_log_group(logGroupName="z", logGroupClass="INFREQUENT_ACCESS")
    assert groups_of(logs, PaginationConfig={"PageSize": 2}) == ["a/db", "a/web", "b/web", "c", "z"]
    assert groups_of(logs, logGroupNamePrefix="a/") == ["a/db", "a/web"]
    assert groups_of(logs, logGroupNamePattern="web") == ["a/web", "b/web"]
    assert groups_of(logs, logGroupClass="INFREQUENT_ACCESS") == ["z"]
    assert groups_of(logs, logGroupIdentifiers=["c", f"arn:aws:logs:us-east-1:{cloud.account}:log-group:a/db"]) == ["a/db", "c"]
    with refused("InvalidParameterException", "mutually exclusive"):
        logs.describe_log_groups(logGroupNamePrefix="a", logGroupNamePattern="b")

    def listed(**members: Any) -> list[str]:
        return [group["logGroupName"] for group in logs.list_log_groups(**members)["logGroups"]]

    assert listed(logGroupNamePattern="web") == ["a/web", "b/web"]
    assert listed(logGroupNamePattern="^a/web|^b/w") == ["a/web", "b/web"]
    assert listed(logGroupTags=[{"key": "kind", "values": ["we*"]}]) == ["a/web", "b/web"]
    assert listed(logGroupTags=[{"key": "kind", "values": ["!web"]}]) == ["a/db", "c"]
    first = logs.list_log_groups(limit=2)
    assert [group["logGroupName"] for group in first["logGroups"]] == ["a/db", "a/web"]
    assert listed(nextToken=first["nextToken"]) == ["b/web", "c", "z"]


def test_streams_are_listed_by_name_and_by_their_last_event(logs: Any, group: str, put: Any) -> None:
    for name in ("two", "three", "empty"):
        logs.create_log_stream(logGroupName=group, logStreamName=name)
    put(["a"], stream="two", at=-30)
    put(["b"], stream="three", at=-10)
    put(["c"], stream="one", at=-20)
    assert streams_of(logs, group, PaginationConfig={"PageSize": 3}) == ["empty", "one", "three", "two"]
    assert streams_of(logs, group, descending=True, PaginationConfig={"PageSize": 3}) == ["two", "three", "one", "empty"]
    assert streams_of(logs, group, logStreamNamePrefix="t") == ["three", "two"]
    assert streams_of(logs, group, logStreamNamePrefix="t", descending=True) == ["two", "three"]
    assert streams_of(logs, group, orderBy="LastEventTime", descending=True,
                      PaginationConfig={"PageSize": 1}) == ["three", "one", "two", "empty"]
    with refused("InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix."):
        logs.describe_log_streams(logGroupName=group, orderBy="LastEventTime", logStreamNamePrefix="t")
    with refused("ResourceAlreadyExistsException", "The specified log stream already exists"):
        logs.create_log_stream(logGroupName=group, logStreamName="two")
    with refused("ResourceNotFoundException", "The specified log group does not exist."):
        logs.create_log_stream(logGroupName="none", logStreamName="two")


def test_what_is_deleted_is_gone_with_its_events(logs: Any, group: str, put: Any) -> None:
    put(["kept nowhere"])
    logs.delete_log_stream(logGroupName=group, logStreamName="one")
    assert streams_of(logs, group) == []
    assert logs.filter_log_events(logGroupName=group)["events"] == []
    with refused("ResourceNotFoundException", "The specified log stream does not exist."):
        put(["x"])
    logs.create_log_stream(logGroupName=group, logStreamName="one")
    put(["again"])
    logs.delete_log_group(logGroupName=group)
    with refused("ResourceNotFoundException", "The specified log group does not exist."):
        logs.delete_log_group(logGroupName=group)
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="one")
    assert logs.get_log_events(logGroupName=group, logStreamName="one")["events"] == []


def test_a_protected_group_is_not_deleted(logs: Any, group: str) -> None:
    logs.put_log_group_deletion_protection(logGroupIdentifier=group, deletionProtectionEnabled=True)
    assert logs.describe_log_groups()["logGroups"][0]["deletionProtectionEnabled"] is True
    with refused("ValidationException", "deletion protection"):
        logs.delete_log_group(logGroupName=group)
    with refused("ValidationException", "deletion protection"):
        logs.delete_log_stream(logGroupName=group, logStreamName="one")
    logs.put_log_group_deletion_protection(logGroupIdentifier=group, deletionProtectionEnabled=False)
    logs.delete_log_group(logGroupName=group)
    assert groups_of(logs) == []


def test_tags_by_both_apis(cloud: Cloud, logs: Any, group: str) -> None:
    arn = f"arn:aws:logs:us-east-1:{cloud.account}:log-group:{group}"
    logs.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
    logs.tag_log_group(logGroupName=group, tags={"c": "3"})
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "1", "b": "2", "c": "3"}
    logs.untag_resource(resourceArn=arn, tagKeys=["a"])
    logs.untag_log_group(logGroupName=group, tags=["b"])
    assert logs.list_tags_log_group(logGroupName=group)["tags"] == {"c": "3"}
    with refused("TooManyTagsException"):
        logs.tag_resource(resourceArn=arn, tags={f"k{i}": "" for i in range(50)})
    with refused("ResourceNotFoundException"):
        logs.tag_resource(resourceArn=arn + "none", tags={"a": "1"})


def test_what_is_older_than_the_retention_expires(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    put(["early"], at=-3 * 86_400)
    put(["late"])
    logs.put_retention_policy(logGroupName=group, retentionInDays=1)
    assert logs.describe_log_groups()["logGroups"][0]["retentionInDays"] == 1

    def kept() -> list[str]:
        return [e["message"] for e in logs.get_log_events(logGroupName=group, logStreamName="one")["events"]]

    assert kept() == ["late"]
    assert put(["expired"], at=-2 * 86_400)["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
    cloud.clock.advance(86_400 - 120)
    assert kept() == ["late"]
    cloud.clock.advance(2 * 3600)
    assert kept() == []
    assert logs.describe_log_groups()["logGroups"][0]["storedBytes"] == 0
    logs.delete_retention_policy(logGroupName=group)
    assert "retentionInDays" not in logs.describe_log_groups()["logGroups"][0]
    put(["new"], at=-2 * 86_400)
    cloud.clock.advance(30 * 86_400)
    assert kept() == ["new"]


@pytest.mark.parametrize("days", [0, 2, 8, 366, -1])
def test_retentions_that_there_are_not(logs: Any, group: str, days: int) -> None:
    with refused("InvalidParameterException", "enum value set: [1, 3, 5, 7, 14, 30"):
        logs.put_retention_policy(logGroupName=group, retentionInDays=days)


def test_a_group_with_a_key_cannot_be_read_without_it(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    kms = cloud.client("kms")
    key = kms.create_key()["KeyMetadata"]
    put(["in the clear"])
    with refused("InvalidParameterException", "is not allowed to be used with LogGroup"):
        logs.associate_kms_key(logGroupName=group, kmsKeyId=key["Arn"][:-1] + "x")
    logs.associate_kms_key(logGroupName=group, kmsKeyId=key["Arn"])
    assert logs.describe_log_groups()["logGroups"][0]["kmsKeyId"] == key["Arn"]
    for i in range(40):
        put([f"sealed {i} " + "x" * 1000])

    def read() -> list[str]:
        return [e["message"].split("x")[0] for e in logs.filter_log_events(logGroupName=group)["events"]]

    assert set(read()) == {"in the clear", *(f"sealed {i} " for i in range(40))}
    kms.disable_key(KeyId=key["KeyId"])
    with refused("AccessDeniedException", "disabled"):
        read()
    kms.enable_key(KeyId=key["KeyId"])
    logs.disassociate_kms_key(logGroupName=group)
    put(["open again"])
    assert len(read()) == 42
