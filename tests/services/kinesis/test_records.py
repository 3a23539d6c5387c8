"""Records written to shards by their partition keys, and read from them in order."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import msgspec
import pytest

from .conftest import Make, iterator, read, refused, shard_id


def test_a_record_goes_to_the_shard_of_its_keys_hash(kinesis: Any, make: Make) -> None:
    make("s", 4)
    for key in ("a", "b", "c", "d", "e", "f"):
        told = kinesis.put_record(StreamName="s", Data=key.encode(), PartitionKey=key)
        shard = int(hashlib.md5(key.encode(), usedforsecurity=False).hexdigest(), 16) * 4 >> 128
        assert told["ShardId"] == shard_id(shard)
        assert len(told["SequenceNumber"]) == 56
        assert key.encode() in read(kinesis, "s", shard)


def test_an_explicit_hash_key_says_which_shard(kinesis: Any, make: Make) -> None:
    make("s", 2)
    low = kinesis.put_record(StreamName="s", Data=b"low", PartitionKey="k", ExplicitHashKey="0")
    high = kinesis.put_record(StreamName="s", Data=b"high", PartitionKey="k", ExplicitHashKey=str(2 ** 128 - 1))
    assert (low["ShardId"], high["ShardId"]) == (shard_id(0), shard_id(1))
    assert "[0, 2^128-1]" in refused(kinesis.put_record, "InvalidArgumentException", StreamName="s", Data=b"", PartitionKey="k",
                                     ExplicitHashKey=str(2 ** 128))


def test_records_come_in_order_with_what_was_said_of_them(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s")
    numbers = [kinesis.put_record(StreamName="s", Data=bytes([n]), PartitionKey="k")["SequenceNumber"] for n in range(5)]
    assert numbers == sorted(numbers)
    assert len(set(numbers)) == 5
    told = kinesis.get_records(ShardIterator=iterator(kinesis, "s"))
    assert [record["SequenceNumber"] for record in told["Records"]] == numbers
    assert [record["Data"] for record in told["Records"]] == [bytes([n]) for n in range(5)]
    assert {record["PartitionKey"] for record in told["Records"]} == {"k"}
    assert abs(told["Records"][0]["ApproximateArrivalTimestamp"].timestamp() - cloud.clock.now()) < 60
    assert told["MillisBehindLatest"] == 0
    assert kinesis.get_records(ShardIterator=told["NextShardIterator"])["Records"] == []


def test_a_limit_cuts_a_page_and_tells_how_far_behind_it_is(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s")
    kinesis.put_records(StreamName="s", Records=[{"Data": bytes([n]), "PartitionKey": "k"} for n in range(3)])
    cloud.clock.advance(10)
    first = kinesis.get_records(ShardIterator=iterator(kinesis, "s"), Limit=2)
    assert [record["Data"] for record in first["Records"]] == [b"\0", b"\1"]
    assert 10_000 <= first["MillisBehindLatest"] < 60_000
    rest = kinesis.get_records(ShardIterator=first["NextShardIterator"], Limit=1)
    assert [record["Data"] for record in rest["Records"]] == [b"\2"]
    assert rest["MillisBehindLatest"] == 0


def test_keys_and_data_come_back_as_they_were(kinesis: Any, make: Make) -> None:
    make("s")
    wanted = [("k", b""), ('"quoted\\"\n', bytes(range(256))), ("schlüssel 🔑", b"\xff" * 5), ("x" * 256, b"a" * 3000)]
    for key, data in wanted:
        kinesis.put_record(StreamName="s", Data=data, PartitionKey=key)
    told = kinesis.get_records(ShardIterator=iterator(kinesis, "s"))["Records"]
    assert [(record["PartitionKey"], record["Data"]) for record in told] == wanted


def test_put_records_answers_each_record_in_its_place(kinesis: Any, make: Make) -> None:
    make("s", 2)
    told = kinesis.put_records(StreamName="s", Records=[
        {"Data": b"%d" % n, "PartitionKey": "k", "ExplicitHashKey": "0" if n % 2 else str(2 ** 127)} for n in range(6)])
    assert told["FailedRecordCount"] == 0
    assert [record["ShardId"] for record in told["Records"]] == [shard_id((n + 1) % 2) for n in range(6)]
    assert read(kinesis, "s", 0) == [b"1", b"3", b"5"]
    assert read(kinesis, "s", 1) == [b"0", b"2", b"4"]


def test_iterators_of_all_five_types(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s")
    numbers = []
    for n in range(3):
        numbers.append(kinesis.put_record(StreamName="s", Data=b"%d" % n, PartitionKey="k")["SequenceNumber"])
        cloud.clock.advance(10)
    latest = iterator(kinesis, "s", kind="LATEST")
    assert read(kinesis, "s") == [b"0", b"1", b"2"]
    assert read(kinesis, "s", kind="AT_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[1]) == [b"1", b"2"]
    assert read(kinesis, "s", kind="AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[1]) == [b"2"]
    now = cloud.clock.now()
    assert read(kinesis, "s", kind="AT_TIMESTAMP", Timestamp=now - 15) == [b"2"]
    cloud.clock.advance(2)
    assert read(kinesis, "s", kind="AT_TIMESTAMP", Timestamp=now - 3600) == [b"0", b"1", b"2"]
    assert read(kinesis, "s", kind="AT_TIMESTAMP", Timestamp=now) == []
    kinesis.put_record(StreamName="s", Data=b"new", PartitionKey="k")
    assert [record["Data"] for record in kinesis.get_records(ShardIterator=latest)["Records"]] == [b"new"]


def test_a_shard_is_read_from_its_own_first_number(kinesis: Any, make: Make) -> None:
    make("s")
    start = kinesis.list_shards(StreamName="s")["Shards"][0]["SequenceNumberRange"]["StartingSequenceNumber"]
    kinesis.put_record(StreamName="s", Data=b"one", PartitionKey="k")
    for kind in ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"):
        assert read(kinesis, "s", kind=kind, StartingSequenceNumber=start) == [b"one"]
        assert read(kinesis, "s", kind=kind, StartingSequenceNumber="0") == [b"one"]


@pytest.mark.parametrize("members", [
    {"ShardIteratorType": "AT_SEQUENCE_NUMBER"}, {"ShardIteratorType": "LATEST", "StartingSequenceNumber": "1"},
    {"ShardIteratorType": "AT_TIMESTAMP"}, {"ShardIteratorType": "TRIM_HORIZON", "Timestamp": 1.0}])
def test_an_iterator_needs_what_its_type_needs(kinesis: Any, make: Make, members: dict[str, Any]) -> None:
    make("s")
    assert f"Request specified {members['ShardIteratorType']} and" in refused(
        kinesis.get_shard_iterator, "InvalidArgumentException", StreamName="s", ShardId=shard_id(0), **members)


def test_no_iterator_begins_in_the_future(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s")
    assert "cannot be greater than the currentTimestampInMillis" in refused(
        kinesis.get_shard_iterator, "InvalidArgumentException", StreamName="s", ShardId=shard_id(0),
        ShardIteratorType="AT_TIMESTAMP", Timestamp=cloud.clock.now() + 60)


def test_sequence_numbers_of_elsewhere_are_refused(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s", 2)
    other = kinesis.put_record(StreamName="s", Data=b"", PartitionKey="k", ExplicitHashKey=str(2 ** 127))["SequenceNumber"]
    asked = {"StreamName": "s", "ShardId": shard_id(0), "ShardIteratorType": "AT_SEQUENCE_NUMBER"}
    assert refused(kinesis.get_shard_iterator, "InvalidArgumentException", **asked, StartingSequenceNumber=other) == \
        f"Invalid StartingSequenceNumber. It encodes {shard_id(1)}, while it was used in a call to a shard with {shard_id(0)}"
    assert refused(kinesis.get_shard_iterator, "InvalidArgumentException", **asked, StartingSequenceNumber="12") == (
        f"StartingSequenceNumber 12 used in GetShardIterator on shard {shard_id(0)} in stream s under account {cloud.account} "
        "is invalid because it did not come from this stream.")
    assert refused(kinesis.get_shard_iterator, "ResourceNotFoundException", StreamName="s", ShardId=shard_id(7),
                   ShardIteratorType="LATEST") == \
        f"Could not find shard {shard_id(7)} in stream s under account {cloud.account}."


def test_an_iterator_expires_after_five_minutes(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s")
    old = iterator(kinesis, "s")
    cloud.clock.advance(299)
    kinesis.get_records(ShardIterator=old)
    cloud.clock.advance(2)
    assert "further in the future than the tolerated delay of 300000 milliseconds" in refused(
        kinesis.get_records, "ExpiredIteratorException", ShardIterator=old)
    refused(kinesis.get_records, "InvalidArgumentException", ShardIterator="bm9uZQ==")


def test_a_record_can_be_written_behind_a_number(kinesis: Any, make: Make) -> None:
    make("s", 2)
    for _ in range(3):
        last = kinesis.put_record(StreamName="s", Data=b"", PartitionKey="k", ExplicitHashKey="0")["SequenceNumber"]
    told = kinesis.put_record(StreamName="s", Data=b"behind", PartitionKey="k", ExplicitHashKey=str(2 ** 127),
                              SequenceNumberForOrdering=last)["SequenceNumber"]
    assert told > last
    after = kinesis.put_record(StreamName="s", Data=b"after", PartitionKey="k", ExplicitHashKey=str(2 ** 127))["SequenceNumber"]
    assert after > told
    assert read(kinesis, "s", 1) == [b"behind", b"after"]
    assert "is invalid" in refused(kinesis.put_record, "InvalidArgumentException", StreamName="s", Data=b"", PartitionKey="k",
                                   SequenceNumberForOrdering="49" + "9" * 54)


def test_a_record_may_be_as_large_as_its_stream_says(kinesis: Any, make: Make) -> None:
    make("s")
    make("large", MaxRecordSizeInKiB=2048)
    size = 1024 * 1024
    kinesis.put_record(StreamName="s", Data=b"x" * (size - 1), PartitionKey="k")
    assert "1024 KiB" in refused(kinesis.put_record, "InvalidArgumentException", StreamName="s", Data=b"x" * size,
                                 PartitionKey="k")
    kinesis.put_record(StreamName="large", Data=b"x" * (2 * size - 1), PartitionKey="k")
    assert [len(data) for data in read(kinesis, "large")] == [2 * size - 1]


def test_a_rehearsal_writes_nothing(kinesis: Any, make: Make) -> None:
    make("s")
    refused(kinesis.put_record, "DryRunOperationException", StreamName="s", Data=b"x", PartitionKey="k", DryRun=True)
    refused(kinesis.put_records, "DryRunOperationException", StreamName="s", Records=[{"Data": b"x", "PartitionKey": "k"}],
            DryRun=True)
    refused(kinesis.get_shard_iterator, "DryRunOperationException", StreamName="s", ShardId=shard_id(0),
            ShardIteratorType="LATEST", DryRun=True)
    refused(kinesis.get_records, "DryRunOperationException", ShardIterator=iterator(kinesis, "s"), DryRun=True)
    assert read(kinesis, "s") == []


@pytest.mark.parametrize("told", [
    b"x", msgspec.msgpack.encode([]), msgspec.msgpack.encode(["1", "s", -1, 0, 0.0]),
    msgspec.msgpack.encode(["1", "s", 1, 2 ** 63, 0.0]), msgspec.msgpack.encode(["1", "s", 2 ** 64 - 1, 0, 0.0])])
def test_iterators_that_nobody_gave_are_refused(kinesis: Any, told: bytes) -> None:
    assert refused(kinesis.get_records, "InvalidArgumentException", ShardIterator=base64.b64encode(told).decode()) == \
        "Invalid ShardIterator."
