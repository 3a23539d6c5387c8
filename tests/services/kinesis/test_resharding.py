"""Shards split, merged and counted anew; parents are read to their end, and then their children."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import Make, iterator, read, refused, shard_id

HALF = 2 ** 127


def shards_of(kinesis: Any, stream: str, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = kinesis.list_shards(StreamName=stream, **asked)["Shards"]
    return found


def open_ranges(kinesis: Any, stream: str) -> list[tuple[int, int]]:
    found = shards_of(kinesis, stream, ShardFilter={"Type": "AT_LATEST"})
    ranges = [shard["HashKeyRange"] for shard in found]
    return sorted((int(each["StartingHashKey"]), int(each["EndingHashKey"])) for each in ranges)


def even(count: int) -> list[tuple[int, int]]:
    return [(2 ** 128 * n // count, 2 ** 128 * (n + 1) // count - 1) for n in range(count)]


def test_a_split_shard_is_read_to_its_end_and_tells_its_children(kinesis: Any, make: Make) -> None:
    make("s")
    before = kinesis.put_record(StreamName="s", Data=b"old", PartitionKey="k")["SequenceNumber"]
    kinesis.split_shard(StreamName="s", ShardToSplit=shard_id(0), NewStartingHashKey=str(HALF))
    parent, low, high = shards_of(kinesis, "s")
    assert [low["ShardId"], high["ShardId"]] == [shard_id(1), shard_id(2)]
    assert low["ParentShardId"] == high["ParentShardId"] == shard_id(0)
    assert "AdjacentParentShardId" not in low
    assert low["HashKeyRange"]["EndingHashKey"] == str(HALF - 1)
    assert high["HashKeyRange"]["StartingHashKey"] == str(HALF)
    ended = parent["SequenceNumberRange"]["EndingSequenceNumber"]
    assert before <= ended < low["SequenceNumberRange"]["StartingSequenceNumber"]
    after = kinesis.put_record(StreamName="s", Data=b"new", PartitionKey="k", ExplicitHashKey="5")
    assert after["ShardId"] == shard_id(1)
    assert after["SequenceNumber"] > ended
    told = kinesis.get_records(ShardIterator=iterator(kinesis, "s"))
    assert [record["Data"] for record in told["Records"]] == [b"old"]
    assert "NextShardIterator" not in told
    assert [child["ShardId"] for child in told["ChildShards"]] == [shard_id(1), shard_id(2)]
    assert told["ChildShards"][1] == {"ShardId": shard_id(2), "ParentShards": [shard_id(0)],
                                      "HashKeyRange": high["HashKeyRange"]}
    assert read(kinesis, "s", 1) == [b"new"]
    assert kinesis.describe_stream_summary(StreamName="s")["StreamDescriptionSummary"]["OpenShardCount"] == 2


def test_a_page_before_the_end_goes_on(kinesis: Any, make: Make) -> None:
    make("s")
    kinesis.put_records(StreamName="s", Records=[{"Data": b"%d" % n, "PartitionKey": "k"} for n in range(2)])
    kinesis.split_shard(StreamName="s", ShardToSplit=shard_id(0), NewStartingHashKey=str(HALF))
    first = kinesis.get_records(ShardIterator=iterator(kinesis, "s"), Limit=1)
    assert "ChildShards" not in first
    last = kinesis.get_records(ShardIterator=first["NextShardIterator"], Limit=1)
    assert [record["Data"] for record in last["Records"]] == [b"1"]
    assert "NextShardIterator" not in last
    ended = kinesis.get_records(ShardIterator=iterator(kinesis, "s", kind="LATEST"))
    assert (ended["Records"], "NextShardIterator" in ended) == ([], False)


def test_merged_shards_have_one_child(kinesis: Any, make: Make) -> None:
    make("s", 3)
    kinesis.merge_shards(StreamName="s", ShardToMerge=shard_id(1), AdjacentShardToMerge=shard_id(0))
    child = shards_of(kinesis, "s")[-1]
    assert (child["ShardId"], child["ParentShardId"], child["AdjacentParentShardId"]) == (shard_id(3), shard_id(1), shard_id(0))
    assert child["HashKeyRange"]["StartingHashKey"] == "0"
    assert len(open_ranges(kinesis, "s")) == 2
    told = kinesis.get_records(ShardIterator=iterator(kinesis, "s", 0))
    assert told["ChildShards"][0]["ParentShards"] == [shard_id(1), shard_id(0)]


def test_what_cannot_be_split_or_merged(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s", 3)
    assert "are not an adjacent pair" in refused(kinesis.merge_shards, "InvalidArgumentException", StreamName="s",
                                                 ShardToMerge=shard_id(0), AdjacentShardToMerge=shard_id(2))
    for key in ("0", "1", str(2 ** 128)):
        assert "is not both greater than one plus" in refused(
            kinesis.split_shard, "InvalidArgumentException", StreamName="s", ShardToSplit=shard_id(0), NewStartingHashKey=key)
    kinesis.split_shard(StreamName="s", ShardToSplit=shard_id(0), NewStartingHashKey="2")
    assert "has already been merged or split" in refused(
        kinesis.split_shard, "ResourceInUseException", StreamName="s", ShardToSplit=shard_id(0), NewStartingHashKey="5")
    refused(kinesis.split_shard, "ResourceNotFoundException", StreamName="s", ShardToSplit=shard_id(9), NewStartingHashKey="5")
    make("wide", None, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    for call, members in ((kinesis.split_shard, {"ShardToSplit": shard_id(0), "NewStartingHashKey": "5"}),
                          (kinesis.merge_shards, {"ShardToMerge": shard_id(0), "AdjacentShardToMerge": shard_id(1)}),
                          (kinesis.update_shard_count, {"TargetShardCount": 5, "ScalingType": "UNIFORM_SCALING"})):
        assert refused(call, "ValidationException", StreamName="wide", **members) == \
            f"Request is invalid. Stream wide under account {cloud.account} is in On-Demand mode."


@pytest.mark.parametrize(("before", "after"), [(2, 4), (4, 2), (2, 3), (3, 2), (5, 7)])
def test_shards_are_counted_anew_in_even_ranges(kinesis: Any, make: Make, before: int, after: int) -> None:
    make("s", before)
    told = kinesis.update_shard_count(StreamName="s", TargetShardCount=after, ScalingType="UNIFORM_SCALING")
    assert (told["CurrentShardCount"], told["TargetShardCount"]) == (before, after)
    assert open_ranges(kinesis, "s") == even(after)
    placed = kinesis.put_record(StreamName="s", Data=b"x", PartitionKey="k", ExplicitHashKey="0")
    assert read(kinesis, "s", int(placed["ShardId"][-12:])) == [b"x"]


def test_a_stream_is_doubled_or_halved_at_most_and_ten_times_a_day(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s", 4)

    def scale(count: int) -> dict[str, Any]:
        return {"StreamName": "s", "TargetShardCount": count, "ScalingType": "UNIFORM_SCALING"}

    assert refused(kinesis.update_shard_count, "LimitExceededException", **scale(9)) == \
        "UpdateShardCount cannot scale up over double your current open shard count. " \
        "Current open shard count: 4 Target shard count: 9"
    assert "below half" in refused(kinesis.update_shard_count, "LimitExceededException", **scale(1))
    for n in range(10):
        kinesis.update_shard_count(**scale(4 if n % 2 else 2))
    assert "rolling 24-hour period" in refused(kinesis.update_shard_count, "LimitExceededException", **scale(2))
    cloud.clock.advance(86_401)
    kinesis.update_shard_count(**scale(2))
    assert open_ranges(kinesis, "s") == even(2)


def test_filters_of_shards_by_when_they_were_open(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s")
    cloud.clock.advance(100)
    moment = cloud.clock.now()
    cloud.clock.advance(100)
    kinesis.split_shard(StreamName="s", ShardToSplit=shard_id(0), NewStartingHashKey=str(HALF))
    cloud.clock.advance(100)

    def listed(**wanted: Any) -> list[str]:
        return [shard["ShardId"][-1] for shard in shards_of(kinesis, "s", ShardFilter=wanted)]

    assert listed(Type="AT_LATEST") == ["1", "2"]
    assert listed(Type="AT_TRIM_HORIZON") == ["0"]
    assert listed(Type="FROM_TRIM_HORIZON") == ["0", "1", "2"]
    assert listed(Type="AT_TIMESTAMP", Timestamp=moment) == ["0"]
    assert listed(Type="FROM_TIMESTAMP", Timestamp=moment) == ["0", "1", "2"]
    assert listed(Type="AT_TIMESTAMP", Timestamp=cloud.clock.now()) == ["1", "2"]
    assert listed(Type="AFTER_SHARD_ID", ShardId=shard_id(1)) == ["2"]
    refused(kinesis.list_shards, "InvalidArgumentException", StreamName="s", ShardFilter={"Type": "AFTER_SHARD_ID"})
    refused(kinesis.list_shards, "InvalidArgumentException", StreamName="s", ShardFilter={"Type": "AT_TIMESTAMP"})


def test_a_closed_shard_goes_when_its_records_are_gone(cloud: Any, kinesis: Any, make: Make) -> None:
    make("s")
    kinesis.put_record(StreamName="s", Data=b"old", PartitionKey="k")
    kinesis.split_shard(StreamName="s", ShardToSplit=shard_id(0), NewStartingHashKey=str(HALF))
    cloud.clock.advance(86_000)
    assert len(shards_of(kinesis, "s")) == 3
    assert read(kinesis, "s") == [b"old"]
    cloud.clock.advance(600)
    assert [shard["ShardId"] for shard in shards_of(kinesis, "s")] == [shard_id(1), shard_id(2)]
    refused(kinesis.get_shard_iterator, "ResourceNotFoundException", StreamName="s", ShardId=shard_id(0),
            ShardIteratorType="TRIM_HORIZON")
