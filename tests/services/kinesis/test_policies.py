"""Resource policies of streams and consumers: kept, and deciding who of other accounts may write and read."""

from __future__ import annotations

import json
from typing import Any
from urllib.request import urlopen

import pytest

from enforced import document, user

from .conftest import Make, iterator, refused, shard_id


def policy(principal: str, resource: str, *actions: str, effect: str = "Allow") -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": effect, "Principal": {"AWS": principal}, "Action": [f"kinesis:{action}" for action in actions],
         "Resource": resource}]})


def enforce(cloud: Any, account: str) -> None:
    urlopen(f"{cloud.endpoint}/_cumulet/iam", json.dumps({"subject": account, "mode": "enforce"}).encode()).read()


@pytest.fixture
def stream(cloud: Any, make: Make) -> str:
    """A stream's ARN."""
    make("s")
    return f"arn:aws:kinesis:us-east-1:{cloud.account}:stream/s"


@pytest.fixture
def other(cloud: Any) -> Any:
    """Another account, which is refused what it may not do."""
    there = cloud.other()
    enforce(cloud, there.account)
    return there


def test_a_policy_is_kept_until_it_is_deleted(cloud: Any, kinesis: Any, stream: str) -> None:
    refused(kinesis.get_resource_policy, "ResourceNotFoundException", ResourceARN=stream)
    text = policy(cloud.account, stream, "PutRecord")
    kinesis.put_resource_policy(ResourceARN=stream, Policy=text)
    assert kinesis.get_resource_policy(ResourceARN=stream)["Policy"] == text
    kinesis.delete_resource_policy(ResourceARN=stream)
    refused(kinesis.get_resource_policy, "ResourceNotFoundException", ResourceARN=stream)
    refused(kinesis.delete_resource_policy, "ResourceNotFoundException", ResourceARN=stream)
    for wrong in ("{", json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Maybe"}]})):
        refused(kinesis.put_resource_policy, "InvalidArgumentException", ResourceARN=stream, Policy=wrong)
    refused(kinesis.put_resource_policy, "ResourceNotFoundException", ResourceARN=stream + "x", Policy=text)


def test_a_consumer_has_a_policy_of_its_own_that_goes_with_it(cloud: Any, kinesis: Any, stream: str) -> None:
    arn = kinesis.register_stream_consumer(StreamARN=stream, ConsumerName="c")["Consumer"]["ConsumerARN"]
    text = policy(cloud.account, arn, "SubscribeToShard")
    kinesis.put_resource_policy(ResourceARN=arn, Policy=text)
    assert kinesis.get_resource_policy(ResourceARN=arn)["Policy"] == text
    refused(kinesis.get_resource_policy, "ResourceNotFoundException", ResourceARN=stream)
    kinesis.deregister_stream_consumer(ConsumerARN=arn)
    refused(kinesis.get_resource_policy, "ResourceNotFoundException", ResourceARN=arn)


def test_another_account_writes_and_reads_as_far_as_the_policy_lets_it(kinesis: Any, stream: str, other: Any) -> None:
    theirs = other.client("kinesis")
    put = {"StreamARN": stream, "Data": b"hi", "PartitionKey": "k"}
    assert "kinesis:PutRecord" in refused(theirs.put_record, "AccessDeniedException", **put)
    kinesis.put_resource_policy(ResourceARN=stream, Policy=policy(
        other.account, stream, "PutRecord", "GetShardIterator", "GetRecords", "DescribeStreamSummary"))
    theirs.put_record(**put)
    place = theirs.get_shard_iterator(StreamARN=stream, ShardId=shard_id(0), ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    assert [record["Data"] for record in theirs.get_records(ShardIterator=place)["Records"]] == [b"hi"]
    assert theirs.describe_stream_summary(StreamARN=stream)["StreamDescriptionSummary"]["StreamARN"] == stream
    refused(theirs.list_shards, "AccessDeniedException", StreamARN=stream)
    refused(theirs.put_record, "ResourceNotFoundException", StreamName="s", Data=b"", PartitionKey="k")
    kinesis.delete_resource_policy(ResourceARN=stream)
    refused(theirs.get_records, "AccessDeniedException", ShardIterator=place)


def test_another_account_never_changes_the_policy(kinesis: Any, stream: str, other: Any) -> None:
    text = policy(other.account, stream, "PutResourcePolicy", "GetResourcePolicy", "DeleteResourcePolicy")
    kinesis.put_resource_policy(ResourceARN=stream, Policy=text)
    theirs = other.client("kinesis")
    assert theirs.get_resource_policy(ResourceARN=stream)["Policy"] == text
    refused(theirs.put_resource_policy, "AccessDeniedException", ResourceARN=stream, Policy=text)
    refused(theirs.delete_resource_policy, "AccessDeniedException", ResourceARN=stream)
    assert kinesis.get_resource_policy(ResourceARN=stream)["Policy"] == text


def test_another_account_subscribes_as_far_as_the_consumers_policy_lets_it(kinesis: Any, stream: str, other: Any) -> None:
    arn = kinesis.register_stream_consumer(StreamARN=stream, ConsumerName="c")["Consumer"]["ConsumerARN"]
    kinesis.put_record(StreamName="s", Data=b"hi", PartitionKey="k")
    theirs = other.client("kinesis")
    asked = {"ConsumerARN": arn, "ShardId": shard_id(0), "StartingPosition": {"Type": "TRIM_HORIZON"}}
    refused(theirs.subscribe_to_shard, "AccessDeniedException", **asked)
    text = policy(other.account, arn, "SubscribeToShard", "DescribeStreamConsumer")
    kinesis.put_resource_policy(ResourceARN=arn, Policy=text)
    assert theirs.describe_stream_consumer(ConsumerARN=arn)["ConsumerDescription"]["ConsumerName"] == "c"
    event = next(iter(theirs.subscribe_to_shard(**asked)["EventStream"]))["SubscribeToShardEvent"]
    assert [record["Data"] for record in event["Records"]] == [b"hi"]


def test_a_policy_goes_with_its_stream(cloud: Any, kinesis: Any, stream: str, make: Make) -> None:
    kinesis.put_resource_policy(ResourceARN=stream, Policy=policy(cloud.account, stream, "PutRecord"))
    kinesis.delete_stream(StreamName="s")
    make("s")
    refused(kinesis.get_resource_policy, "ResourceNotFoundException", ResourceARN=stream)


def test_a_token_of_ones_own_stream_opens_no_other_one(stream: str, other: Any) -> None:
    theirs = other.client("kinesis")
    theirs.create_stream(StreamName="own", ShardCount=2)
    token = theirs.list_shards(StreamName="own", MaxResults=1)["NextToken"]
    place = iterator(theirs, "own")
    refused(theirs.list_stream_consumers, "AccessDeniedException", StreamARN=stream, NextToken=token)
    refused(theirs.get_records, "InvalidArgumentException", StreamARN=stream, ShardIterator=place)
    refused(theirs.list_shards, "InvalidArgumentException", StreamARN=stream, NextToken=token)


def test_tags_at_creation_need_a_permission_of_their_own(cloud: Any, kinesis: Any, stream: str) -> None:
    enforce(cloud, cloud.account)
    actions = ["kinesis:CreateStream", "kinesis:RegisterStreamConsumer"]
    ann = cloud.client("kinesis", **user(cloud, "ann", document({"Action": actions, "Resource": "*"})))
    ann.create_stream(StreamName="plain", ShardCount=1)
    assert "kinesis:AddTagsToStream" in refused(ann.create_stream, "AccessDeniedException", StreamName="tagged", ShardCount=1,
                                                Tags={"a": "b"})
    ann.register_stream_consumer(StreamARN=stream, ConsumerName="plain")
    assert "kinesis:TagResource" in refused(ann.register_stream_consumer, "AccessDeniedException", StreamARN=stream,
                                            ConsumerName="tagged", Tags={"a": "b"})


def test_streams_are_told_apart_in_policies_by_name_and_tags(cloud: Any, kinesis: Any, stream: str, make: Make) -> None:
    make("other", Tags={"team": "red"})
    enforce(cloud, cloud.account)
    ann = cloud.client("kinesis", **user(cloud, "ann", document(
        {"Action": "kinesis:PutRecord", "Resource": stream},
        {"Action": "kinesis:ListShards", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "red"}}})))
    ann.put_record(StreamName="s", Data=b"", PartitionKey="k")
    refused(ann.put_record, "AccessDeniedException", StreamName="other", Data=b"", PartitionKey="k")
    ann.list_shards(StreamName="other")
    refused(ann.list_shards, "AccessDeniedException", StreamName="s")


def test_a_denial_counts_in_the_own_account_too(cloud: Any, kinesis: Any, stream: str) -> None:
    enforce(cloud, cloud.account)
    kinesis.put_resource_policy(ResourceARN=stream, Policy=policy("*", stream, "GetRecords", effect="Deny"))
    kinesis.put_record(StreamName="s", Data=b"", PartitionKey="k")
    assert "explicit deny in a resource-based policy" in refused(
        kinesis.get_records, "AccessDeniedException", ShardIterator=iterator(kinesis, "s"))
