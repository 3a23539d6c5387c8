"""Records are kept as long as their stream says, by the clock."""

from __future__ import annotations

from typing import Any

from cumulet.services.kinesis.resources import Record

from .conftest import Make, iterator, read, refused

HOUR = 3600


def rows(cloud: Any) -> int:
    """How many records lie in the store."""
    kernel = cloud.kernel
    count: int = cloud.thread.call(kernel.store.run(lambda tx: tx.table(Record, cloud.account, "us-east-1").count()))
    return count


def test_records_are_gone_after_a_day(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s")
    for at in range(3):
        kinesis.put_records(StreamName="s", Records=[{"Data": b"%d" % at, "PartitionKey": "k"}] * 300)
        cloud.clock.advance(10 * HOUR)
    assert set(read(kinesis, "s")) == {b"1", b"2"}
    assert rows(cloud) == 600
    cloud.clock.advance(25 * HOUR)
    assert read(kinesis, "s") == []
    assert rows(cloud) == 0
    kinesis.put_record(StreamName="s", Data=b"next", PartitionKey="k")
    assert read(kinesis, "s") == [b"next"]
    cloud.clock.advance(25 * HOUR)
    assert rows(cloud) == 0


def test_a_longer_retention_keeps_what_is_there_and_brings_nothing_back(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s")
    kinesis.put_record(StreamName="s", Data=b"first", PartitionKey="k")
    cloud.clock.advance(23 * HOUR)
    kinesis.increase_stream_retention_period(StreamName="s", RetentionPeriodHours=48)
    kinesis.put_record(StreamName="s", Data=b"second", PartitionKey="k")
    cloud.clock.advance(24 * HOUR)
    assert kinesis.describe_stream(StreamName="s")["StreamDescription"]["RetentionPeriodHours"] == 48
    assert read(kinesis, "s") == [b"first", b"second"]
    cloud.clock.advance(2 * HOUR)
    assert read(kinesis, "s") == [b"second"]


def test_a_shorter_retention_takes_away_at_once(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s")
    kinesis.increase_stream_retention_period(StreamName="s", RetentionPeriodHours=72)
    kinesis.put_record(StreamName="s", Data=b"first", PartitionKey="k")
    cloud.clock.advance(30 * HOUR)
    place = iterator(kinesis, "s")
    kinesis.put_record(StreamName="s", Data=b"second", PartitionKey="k")
    kinesis.decrease_stream_retention_period(StreamName="s", RetentionPeriodHours=24)
    assert [record["Data"] for record in kinesis.get_records(ShardIterator=place)["Records"]] == [b"second"]
    cloud.clock.advance(1)
    assert rows(cloud) == 1
    kinesis.increase_stream_retention_period(StreamName="s", RetentionPeriodHours=72)
    assert read(kinesis, "s") == [b"second"]


def test_what_cannot_be_a_retention(kinesis: Any, make: Make) -> None:
    make("s")
    kinesis.increase_stream_retention_period(StreamName="s", RetentionPeriodHours=48)
    assert "too long" in refused(kinesis.increase_stream_retention_period, "InvalidArgumentException", StreamName="s",
                                 RetentionPeriodHours=8761)
    assert "too short" in refused(kinesis.decrease_stream_retention_period, "InvalidArgumentException", StreamName="s",
                                  RetentionPeriodHours=23)
    assert "can not be shorter" in refused(kinesis.increase_stream_retention_period, "InvalidArgumentException",
                                           StreamName="s", RetentionPeriodHours=24)
    assert "can not be longer" in refused(kinesis.decrease_stream_retention_period, "InvalidArgumentException",
                                          StreamName="s", RetentionPeriodHours=72)


def test_a_stream_takes_larger_records_when_it_is_told_to(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s")
    large = b"x" * 1024 * 1024
    refused(kinesis.put_record, "InvalidArgumentException", StreamName="s", Data=large, PartitionKey="k")
    kinesis.update_max_record_size(StreamARN=f"arn:aws:kinesis:us-east-1:{cloud.account}:stream/s", MaxRecordSizeInKiB=2048)
    assert kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]["MaxRecordSizeInKiB"] == 2048
    kinesis.put_record(StreamName="s", Data=large, PartitionKey="k")
    assert read(kinesis, "s") == [large]


def test_records_of_a_deleted_stream_are_gone_from_the_store(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s", 2)
    kinesis.put_records(StreamName="s", Records=[
        {"Data": b"x", "PartitionKey": "k", "ExplicitHashKey": "0" if n % 2 else str(2 ** 127)} for n in range(500)])
    kinesis.put_records(StreamName="s", Records=[{"Data": b"x", "PartitionKey": "k", "ExplicitHashKey": "0"}] * 400)
    kinesis.delete_stream(StreamName="s")
    make("s")
    kinesis.put_record(StreamName="s", Data=b"new", PartitionKey="k")
    cloud.clock.idle()
    assert rows(cloud) == 1
    assert kinesis.describe_limits()["OpenShardCount"] == 1
    cloud.clock.advance(25 * HOUR)
    assert rows(cloud) == 0
