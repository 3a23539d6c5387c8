"""What a shard takes and gives in a second, and what CloudWatch is told of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Make, iterator, refused, shard_id

MIB = 1024 * 1024
Metric = Callable[..., float]


@pytest.fixture
def metric(cloud: Any) -> Metric:
    """A statistic of a metric of stream s over the last hour; -1 where there are no data."""
    cloudwatch = cloud.client("cloudwatch")

    def found(name: str, statistic: str = "Sum", **more: str) -> float:
        cloud.clock.advance(0.01)                                      # what was noted is told
        now = cloud.clock.now()
        dimensions = [{"Name": key, "Value": value} for key, value in {"StreamName": "s", **more}.items()]
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/Kinesis", MetricName=name, Dimensions=dimensions, StartTime=now - 3600, EndTime=now + 60,
            Period=7200, Statistics=[statistic])["Datapoints"]
        return float(points[0][statistic]) if points else -1.0

    return found


def test_a_shard_takes_a_mib_a_second(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s", 2, MaxRecordSizeInKiB=4096)
    put = {"StreamName": "s", "PartitionKey": "k", "ExplicitHashKey": "0"}
    kinesis.put_record(**put, Data=b"x" * 3 * MIB)
    assert refused(kinesis.put_record, "ProvisionedThroughputExceededException", **put, Data=b"x") == \
        f"Rate exceeded for shard {shard_id(0)} in stream s under account {cloud.account}."
    told = kinesis.put_records(StreamName="s", Records=[
        {"Data": b"low", "PartitionKey": "k", "ExplicitHashKey": "0"},
        {"Data": b"high", "PartitionKey": "k", "ExplicitHashKey": str(2 ** 127)}])
    assert told["FailedRecordCount"] == 1
    low, high = told["Records"]
    assert low == {"ErrorCode": "ProvisionedThroughputExceededException",
                   "ErrorMessage": f"Rate exceeded for shard {shard_id(0)} in stream s under account {cloud.account}."}
    assert high["ShardId"] == shard_id(1)
    cloud.clock.advance(3)
    kinesis.put_record(**put, Data=b"x")


def test_a_shard_takes_a_thousand_records_a_second(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s")
    cloud.kernel.clock.freeze()
    many = [{"Data": b"x", "PartitionKey": "k"}] * 400
    assert [kinesis.put_records(StreamName="s", Records=many)["FailedRecordCount"] for _ in range(3)] == [0, 0, 200]
    cloud.clock.advance(1)
    assert kinesis.put_records(StreamName="s", Records=many)["FailedRecordCount"] == 0


def test_a_shard_is_read_five_times_a_second_and_two_mib(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s", MaxRecordSizeInKiB=4096)
    kinesis.put_record(StreamName="s", PartitionKey="k", Data=b"x" * 3 * MIB)
    cloud.kernel.clock.freeze()
    end, start = iterator(kinesis, "s", kind="LATEST"), iterator(kinesis, "s")
    for _ in range(5):
        kinesis.get_records(ShardIterator=end)
    assert "Rate exceeded for shard" in refused(
        kinesis.get_records, "ProvisionedThroughputExceededException", ShardIterator=end)
    cloud.clock.advance(1)
    kinesis.get_records(ShardIterator=start)
    refused(kinesis.get_records, "ProvisionedThroughputExceededException", ShardIterator=end)
    cloud.clock.advance(1)
    kinesis.get_records(ShardIterator=end)


def test_a_page_has_ten_mib_at_most(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s", MaxRecordSizeInKiB=5120)
    for _ in range(3):
        kinesis.put_record(StreamName="s", PartitionKey="k", Data=b"x" * 4 * MIB)
        cloud.clock.advance(5)
    first = kinesis.get_records(ShardIterator=iterator(kinesis, "s"))
    assert len(first["Records"]) == 2
    assert first["MillisBehindLatest"] > 0
    cloud.clock.advance(5)
    assert len(kinesis.get_records(ShardIterator=first["NextShardIterator"])["Records"]) == 1


def test_a_call_takes_ten_mib_at_most(kinesis: Any, make: Make) -> None:
    make("s")
    many = [{"Data": b"x" * (MIB - 100), "PartitionKey": "k"}] * 11
    assert "exceeds 10 MB limit" in refused(kinesis.put_records, "InvalidArgumentException", StreamName="s", Records=many)


def test_what_is_written_and_read_is_counted(cloud: Any, kinesis: Any, make: Make, metric: Metric) -> None:
    make("s")
    kinesis.put_record(StreamName="s", PartitionKey="k", Data=b"1234")
    kinesis.put_records(StreamName="s", Records=[{"Data": b"12", "PartitionKey": "k"}] * 3)
    assert (metric("IncomingRecords"), metric("IncomingBytes")) == (4, 5 + 9)
    assert (metric("PutRecord.Success"), metric("PutRecord.Bytes")) == (1, 5)
    assert (metric("PutRecords.Success"), metric("PutRecords.Bytes")) == (1, 9)
    assert (metric("PutRecords.TotalRecords"), metric("PutRecords.SuccessfulRecords")) == (3, 3)
    assert metric("GetRecords.Success") == -1
    cloud.clock.advance(60)
    kinesis.get_records(ShardIterator=iterator(kinesis, "s"), Limit=2)
    assert (metric("GetRecords.Success"), metric("GetRecords.Records"), metric("GetRecords.Bytes")) == (1, 2, 8)
    assert 60_000 <= metric("GetRecords.IteratorAgeMilliseconds", "Maximum") < 120_000


def test_what_is_pushed_is_counted(cloud: Any, kinesis: Any, make: Make, metric: Metric) -> None:
    make("s")
    kinesis.put_record(StreamName="s", PartitionKey="k", Data=b"1234")
    stream = kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]["StreamARN"]
    consumer = kinesis.register_stream_consumer(StreamARN=stream, ConsumerName="c")["Consumer"]["ConsumerARN"]
    asked = {"ConsumerARN": consumer, "ShardId": shard_id(0), "StartingPosition": {"Type": "TRIM_HORIZON"}}
    next(iter(kinesis.subscribe_to_shard(**asked)["EventStream"]))
    refused(kinesis.subscribe_to_shard, "ResourceInUseException", **asked)
    assert (metric("SubscribeToShard.Success"), metric("SubscribeToShard.RateExceeded")) == (1, 1)
    assert (metric("SubscribeToShardEvent.Records"), metric("SubscribeToShardEvent.Bytes")) == (1, 5)


def test_what_is_refused_is_counted(cloud: Any, kinesis: Any, make: Make, metric: Metric) -> None:
    make("s", MaxRecordSizeInKiB=4096)
    kinesis.put_record(StreamName="s", PartitionKey="k", Data=b"x" * 3 * MIB)
    refused(kinesis.put_record, "ProvisionedThroughputExceededException", StreamName="s", PartitionKey="k", Data=b"x")
    kinesis.put_records(StreamName="s", Records=[{"Data": b"x", "PartitionKey": "k"}] * 2)
    cloud.kernel.clock.freeze()
    end = iterator(kinesis, "s", kind="LATEST")
    for _ in range(5):
        kinesis.get_records(ShardIterator=end)
    refused(kinesis.get_records, "ProvisionedThroughputExceededException", ShardIterator=end)
    assert metric("WriteProvisionedThroughputExceeded") == 3
    assert (metric("PutRecord.Success"), metric("PutRecord.Success", "SampleCount")) == (1, 2)
    assert (metric("PutRecords.ThrottledRecords"), metric("PutRecords.Success")) == (2, 0)
    assert metric("ReadProvisionedThroughputExceeded") == 1


def test_shards_are_counted_when_somebody_wants_to_know(kinesis: Any, make: Make, metric: Metric) -> None:
    make("s", 2)
    told = kinesis.enable_enhanced_monitoring(StreamName="s", ShardLevelMetrics=["IncomingRecords", "OutgoingBytes"])
    assert told["CurrentShardLevelMetrics"] == []
    assert told["DesiredShardLevelMetrics"] == ["IncomingRecords", "OutgoingBytes"]
    kinesis.put_record(StreamName="s", PartitionKey="k", ExplicitHashKey="0", Data=b"1")
    kinesis.get_records(ShardIterator=iterator(kinesis, "s"))
    assert (metric("IncomingRecords", ShardId=shard_id(0)), metric("IncomingRecords", ShardId=shard_id(1))) == (1, -1)
    assert metric("OutgoingBytes", ShardId=shard_id(0)) == 2
    assert metric("IncomingBytes", ShardId=shard_id(0)) == -1
    kinesis.enable_enhanced_monitoring(StreamName="s", ShardLevelMetrics=["ALL"])
    shown = kinesis.describe_stream(StreamName="s")["StreamDescription"]["EnhancedMonitoring"][0]["ShardLevelMetrics"]
    assert len(shown) == 7
    told = kinesis.disable_enhanced_monitoring(StreamName="s", ShardLevelMetrics=["IncomingBytes"])
    assert len(told["CurrentShardLevelMetrics"]) == 7
    assert len(told["DesiredShardLevelMetrics"]) == 6
    assert kinesis.disable_enhanced_monitoring(StreamName="s", ShardLevelMetrics=["ALL"])["DesiredShardLevelMetrics"] == []
