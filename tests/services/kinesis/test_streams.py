"""Streams made, told, listed and ended."""

from __future__ import annotations

import itertools
from typing import Any

from .conftest import Make, refused, shard_id

MOST_HASH = 2 ** 128 - 1


def test_a_stream_is_active_and_its_shards_share_all_hash_keys(cloud: Any, kinesis: Any) -> None:
    kinesis.create_stream(StreamName="clicks", ShardCount=3)
    kinesis.get_waiter("stream_exists").wait(StreamName="clicks", WaiterConfig={"Delay": 1, "MaxAttempts": 2})
    told = kinesis.describe_stream(StreamName="clicks")["StreamDescription"]
    assert told["StreamARN"] == f"arn:aws:kinesis:us-east-1:{cloud.account}:stream/clicks"
    assert (told["StreamStatus"], told["RetentionPeriodHours"], told["EncryptionType"]) == ("ACTIVE", 24, "NONE")
    assert told["StreamModeDetails"] == {"StreamMode": "PROVISIONED"}
    assert told["HasMoreShards"] is False
    assert told["EnhancedMonitoring"] == [{"ShardLevelMetrics": []}]
    ranges = [shard["HashKeyRange"] for shard in told["Shards"]]
    assert [shard["ShardId"] for shard in told["Shards"]] == [shard_id(0), shard_id(1), shard_id(2)]
    assert ranges[0]["StartingHashKey"] == "0"
    assert ranges[-1]["EndingHashKey"] == str(MOST_HASH)
    for before, after in itertools.pairwise(ranges):
        assert int(after["StartingHashKey"]) == int(before["EndingHashKey"]) + 1
    assert all(len(shard["SequenceNumberRange"]["StartingSequenceNumber"]) == 56 for shard in told["Shards"])
    by_arn = kinesis.describe_stream_summary(StreamARN=told["StreamARN"])["StreamDescriptionSummary"]
    assert (by_arn["StreamName"], by_arn["OpenShardCount"], by_arn["ConsumerCount"]) == ("clicks", 3, 0)
    assert by_arn["MaxRecordSizeInKiB"] == 1024


def test_a_stream_on_demand_begins_with_four_shards(kinesis: Any, make: Make) -> None:
    make("wide", None, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    told = kinesis.describe_stream_summary(StreamName="wide")["StreamDescriptionSummary"]
    assert told["OpenShardCount"] == 4
    assert told["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}


def test_what_cannot_be_created(cloud: Any, kinesis: Any, make: Make) -> None:
    make("one")
    assert refused(kinesis.create_stream, "ResourceInUseException", StreamName="one", ShardCount=1) == \
        f"Stream one under account {cloud.account} already exists."
    assert "ShardCount" in refused(kinesis.create_stream, "InvalidArgumentException", StreamName="two")
    assert "ShardCount" in refused(kinesis.create_stream, "InvalidArgumentException", StreamName="two", ShardCount=1,
                                   StreamModeDetails={"StreamMode": "ON_DEMAND"})
    refused(kinesis.create_stream, "ValidationException", StreamName="no spaces", ShardCount=1)
    far = cloud.client("kinesis", region="eu-north-1")
    assert "Current shard count for the account: 0. Limit: 1000." in refused(
        far.create_stream, "LimitExceededException", StreamName="many", ShardCount=1001)


def test_streams_are_listed_by_name_in_pages(kinesis: Any, make: Make) -> None:
    for name in ("c", "a", "b"):
        make(name)
    first = kinesis.list_streams(Limit=2)
    assert (first["StreamNames"], first["HasMoreStreams"]) == (["a", "b"], True)
    assert first["StreamSummaries"][0]["StreamStatus"] == "ACTIVE"
    rest = kinesis.list_streams(NextToken=first["NextToken"])
    assert (rest["StreamNames"], rest["HasMoreStreams"]) == (["c"], False)
    assert kinesis.list_streams(ExclusiveStartStreamName="a")["StreamNames"] == ["b", "c"]
    pages = kinesis.get_paginator("list_streams").paginate(PaginationConfig={"PageSize": 1})
    assert [name for page in pages for name in page["StreamNames"]] == ["a", "b", "c"]


def test_shards_are_told_in_pages(kinesis: Any, make: Make) -> None:
    make("wide", 5)
    first = kinesis.describe_stream(StreamName="wide", Limit=2)["StreamDescription"]
    assert [shard["ShardId"] for shard in first["Shards"]] == [shard_id(0), shard_id(1)]
    assert first["HasMoreShards"]
    pages = kinesis.get_paginator("describe_stream").paginate(StreamName="wide", PaginationConfig={"PageSize": 2})
    assert len([shard for page in pages for shard in page["StreamDescription"]["Shards"]]) == 5


def test_shards_are_listed_in_pages_whose_token_knows_the_stream(cloud: Any, kinesis: Any, make: Make) -> None:
    make("wide", 5)
    first = kinesis.list_shards(StreamName="wide", MaxResults=2)
    assert [shard["ShardId"] for shard in first["Shards"]] == [shard_id(0), shard_id(1)]
    second = kinesis.list_shards(NextToken=first["NextToken"], MaxResults=2)
    assert [shard["ShardId"] for shard in second["Shards"]] == [shard_id(2), shard_id(3)]
    last = kinesis.list_shards(NextToken=second["NextToken"])
    assert [shard["ShardId"] for shard in last["Shards"]] == [shard_id(4)]
    assert "NextToken" not in last
    after = kinesis.list_shards(StreamName="wide", ExclusiveStartShardId=shard_id(3))["Shards"]
    assert [shard["ShardId"] for shard in after] == [shard_id(4)]
    refused(kinesis.list_shards, "InvalidArgumentException", NextToken=first["NextToken"], StreamName="wide")
    refused(kinesis.list_shards, "InvalidArgumentException", NextToken="bm9uZQ==")
    cloud.clock.advance(301)
    refused(kinesis.list_shards, "ExpiredNextTokenException", NextToken=first["NextToken"])


def test_a_deleted_stream_is_gone_with_its_records_and_its_name_is_free(cloud: Any, kinesis: Any, make: Make) -> None:
    make("gone")
    kinesis.put_record(StreamName="gone", Data=b"old", PartitionKey="k")
    before = kinesis.get_shard_iterator(StreamName="gone", ShardId=shard_id(0), ShardIteratorType="TRIM_HORIZON")
    kinesis.delete_stream(StreamName="gone")
    message = f"Stream gone under account {cloud.account} not found."
    assert refused(kinesis.describe_stream, "ResourceNotFoundException", StreamName="gone") == message
    assert refused(kinesis.put_record, "ResourceNotFoundException", StreamName="gone", Data=b"", PartitionKey="k") == message
    assert refused(kinesis.delete_stream, "ResourceNotFoundException", StreamName="gone") == message
    make("gone")
    cloud.clock.idle()
    refused(kinesis.get_records, "ResourceNotFoundException", ShardIterator=before["ShardIterator"])
    again = kinesis.get_shard_iterator(StreamName="gone", ShardId=shard_id(0), ShardIteratorType="TRIM_HORIZON")
    assert kinesis.get_records(ShardIterator=again["ShardIterator"])["Records"] == []


def test_what_is_not_there_says_why(cloud: Any, kinesis: Any) -> None:
    arn = f"arn:aws:kinesis:us-east-1:{cloud.account}:queue/q"
    assert "queues on streams are not there yet" in refused(kinesis.describe_queue, "NotImplemented", QueueARN=arn)
    assert "channels deliver to S3" in refused(kinesis.list_channels, "NotImplemented")


def test_a_stream_is_named_by_name_or_arn(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s")
    arn = f"arn:aws:kinesis:us-east-1:{cloud.account}:stream/s"
    assert kinesis.describe_stream_summary(StreamARN=arn, StreamName="s")["StreamDescriptionSummary"]["StreamARN"] == arn
    refused(kinesis.describe_stream_summary, "InvalidArgumentException")
    refused(kinesis.describe_stream_summary, "InvalidArgumentException", StreamARN=arn, StreamName="other")
    elsewhere = arn.replace("us-east-1", "eu-west-1")
    assert "not found" in refused(kinesis.describe_stream_summary, "ResourceNotFoundException", StreamARN=elsewhere)
