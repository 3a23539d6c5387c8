"""Records pushed to consumers over an event stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import EventStreamError

from .conftest import Make, refused, shard_id

HORIZON = {"Type": "TRIM_HORIZON"}
LATEST = {"Type": "LATEST"}


@pytest.fixture
def consumer(cloud: Any, kinesis: Any, make: Make) -> str:
    """The ARN of a consumer of stream s."""
    make("s")
    arn = f"arn:aws:kinesis:us-east-1:{cloud.account}:stream/s"
    told: str = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")["Consumer"]["ConsumerARN"]
    return told


def subscribe(kinesis: Any, consumer: str, start: dict[str, Any], index: int = 0) -> Iterator[dict[str, Any]]:
    events = kinesis.subscribe_to_shard(ConsumerARN=consumer, ShardId=shard_id(index), StartingPosition=start)["EventStream"]
    return (event["SubscribeToShardEvent"] for event in events)


def put(kinesis: Any, *data: bytes) -> str:
    for each in data:
        number: str = kinesis.put_record(StreamName="s", Data=each, PartitionKey="k")["SequenceNumber"]
    return number


def data(event: dict[str, Any]) -> list[bytes]:
    return [record["Data"] for record in event["Records"]]


def test_what_is_there_comes_at_once_and_the_rest_as_it_is_written(kinesis: Any, consumer: str) -> None:
    last = put(kinesis, b"a", b"b")
    events = subscribe(kinesis, consumer, HORIZON)
    first = next(events)
    assert data(first) == [b"a", b"b"]
    assert (first["ContinuationSequenceNumber"], first["MillisBehindLatest"]) == (last, 0)
    assert first["Records"][1]["SequenceNumber"] == last
    put(kinesis, b"c")
    assert data(next(events)) == [b"c"]


def test_a_new_subscription_goes_on_where_one_was(cloud: Any, kinesis: Any, consumer: str) -> None:
    put(kinesis, b"a")
    start = next(subscribe(kinesis, consumer, HORIZON))["ContinuationSequenceNumber"]
    put(kinesis, b"b")
    cloud.clock.advance(6)
    again = subscribe(kinesis, consumer, {"Type": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": start})
    assert data(next(again)) == [b"b"]


def test_who_has_nothing_to_tell_says_so(cloud: Any, kinesis: Any, consumer: str) -> None:
    put(kinesis, b"before")
    events = subscribe(kinesis, consumer, LATEST)
    first = next(events)
    assert (first["Records"], first["MillisBehindLatest"]) == ([], 0)
    cloud.clock.advance(6)
    assert next(events)["ContinuationSequenceNumber"] == first["ContinuationSequenceNumber"]


def test_a_subscription_ends_after_five_minutes(cloud: Any, kinesis: Any, consumer: str) -> None:
    events = subscribe(kinesis, consumer, LATEST)
    next(events)
    cloud.clock.advance(301)
    put(kinesis, b"late")
    assert [record for event in events for record in event["Records"]] == []


def test_another_subscription_takes_over_after_five_seconds(cloud: Any, kinesis: Any, consumer: str) -> None:
    events = subscribe(kinesis, consumer, LATEST)
    next(events)
    asked = {"ConsumerARN": consumer, "ShardId": shard_id(0), "StartingPosition": LATEST}
    assert "Another active subscription exists for this consumer" in refused(
        kinesis.subscribe_to_shard, "ResourceInUseException", **asked)
    cloud.clock.advance(5.1)
    second = subscribe(kinesis, consumer, LATEST)
    next(second)
    with pytest.raises(EventStreamError, match="ResourceInUseException"):
        list(events)
    put(kinesis, b"new")
    assert data(next(event for event in second if event["Records"])) == [b"new"]


def test_a_closed_shard_is_pushed_to_its_end_with_its_children(kinesis: Any, consumer: str) -> None:
    put(kinesis, b"a")
    events = subscribe(kinesis, consumer, LATEST)
    next(events)
    kinesis.split_shard(StreamName="s", ShardToSplit=shard_id(0), NewStartingHashKey=str(2 ** 127))
    last = next(events)
    assert [child["ShardId"] for child in last["ChildShards"]] == [shard_id(1), shard_id(2)]
    assert "ContinuationSequenceNumber" not in last
    assert list(events) == []


def test_a_subscription_ends_with_its_consumer(kinesis: Any, consumer: str) -> None:
    events = subscribe(kinesis, consumer, LATEST)
    next(events)
    kinesis.deregister_stream_consumer(ConsumerARN=consumer)
    with pytest.raises(EventStreamError, match="ResourceNotFoundException"):
        list(events)


def test_sealed_records_are_opened_for_who_may_decrypt(cloud: Any, kinesis: Any, consumer: str) -> None:
    kms = cloud.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kinesis.start_stream_encryption(StreamName="s", EncryptionType="KMS", KeyId=key)
    put(kinesis, b"secret")
    events = subscribe(kinesis, consumer, HORIZON)
    assert data(next(events)) == [b"secret"]
    cloud.clock.advance(301)
    kms.disable_key(KeyId=key)
    with pytest.raises(EventStreamError, match="KMSDisabledException"):
        list(subscribe(kinesis, consumer, HORIZON))


def test_two_mib_a_second_are_pushed(cloud: Any, kinesis: Any, consumer: str) -> None:
    for _ in range(4):
        put(kinesis, b"x" * (1024 * 1024 - 100))
        cloud.clock.advance(1)
    cloud.kernel.clock.freeze()
    events = subscribe(kinesis, consumer, HORIZON)
    assert [len(data(next(events))) for _ in range(3)] == [1, 1, 1]
    cloud.clock.advance(2)
    assert len(data(next(events))) == 1


def test_what_cannot_be_subscribed_to(kinesis: Any, consumer: str) -> None:
    asked = {"ConsumerARN": consumer, "ShardId": shard_id(0), "StartingPosition": LATEST}
    refused(kinesis.subscribe_to_shard, "ResourceNotFoundException", **asked | {"ConsumerARN": consumer + "0"})
    refused(kinesis.subscribe_to_shard, "ResourceNotFoundException", **asked | {"ShardId": shard_id(9)})
    refused(kinesis.subscribe_to_shard, "InvalidArgumentException",
            **asked | {"StartingPosition": {"Type": "AT_SEQUENCE_NUMBER"}})
    refused(kinesis.subscribe_to_shard, "DryRunOperationException", **asked, DryRun=True)
    next(subscribe(kinesis, consumer, LATEST))
