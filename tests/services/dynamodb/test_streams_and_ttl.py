"""Streams and time to live over the wire, with the clock moved."""

from typing import Any

import pytest

from .conftest import Make, N, S, index, refused

STREAM = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}}


@pytest.fixture
def streams(cloud: Any) -> Any:
    return cloud.client("dynamodbstreams")


def arn_of(dynamodb: Any, table: str) -> str:
    arn: str = dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
    return arn


def iterator(streams: Any, arn: str, kind: str = "TRIM_HORIZON", **more: Any) -> str:
    [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    found: str = streams.get_shard_iterator(StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType=kind,
                                            **more)["ShardIterator"]
    return found


def records(streams: Any, arn: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = streams.get_records(ShardIterator=iterator(streams, arn))["Records"]
    return found


def test_every_change_is_a_record(make: Make, dynamodb: Any, streams: Any) -> None:
    make("seen", "id", **STREAM)
    arn = arn_of(dynamodb, "seen")
    dynamodb.put_item(TableName="seen", Item={"id": S("a"), "b": {"B": b"bin"}})
    dynamodb.put_item(TableName="seen", Item={"id": S("a"), "b": {"B": b"bin"}})             # nothing changed
    dynamodb.update_item(TableName="seen", Key={"id": S("a")}, UpdateExpression="SET n = :n",
                         ExpressionAttributeValues={":n": N(1)})
    dynamodb.delete_item(TableName="seen", Key={"id": S("a")})
    dynamodb.delete_item(TableName="seen", Key={"id": S("a")})
    refused(dynamodb.put_item, "ConditionalCheckFailedException", TableName="seen", Item={"id": S("a")},
            ConditionExpression="attribute_exists(id)")
    found = records(streams, arn)
    assert [r["eventName"] for r in found] == ["INSERT", "MODIFY", "REMOVE"]
    one, two = {"id": S("a"), "b": {"B": b"bin"}}, {"id": S("a"), "b": {"B": b"bin"}, "n": N(1)}
    assert [(r["dynamodb"].get("OldImage"), r["dynamodb"].get("NewImage")) for r in found] == [
        (None, one), (one, two), (two, None)]
    numbers = [r["dynamodb"]["SequenceNumber"] for r in found]
    assert numbers == sorted(set(numbers))
    assert all(21 <= len(n) <= 40 for n in numbers)
    assert all(r["dynamodb"]["Keys"] == {"id": S("a")} and r["awsRegion"] == "us-east-1" and r["eventSource"] == "aws:dynamodb"
               and r["eventVersion"] == "1.1" and "userIdentity" not in r for r in found)
    assert found[0]["dynamodb"]["SizeBytes"] == 2 + 1 + 1 + 3


@pytest.mark.parametrize(("view", "images"), [("KEYS_ONLY", set()), ("NEW_IMAGE", {"NewImage"}), ("OLD_IMAGE", {"OldImage"})])
def test_a_view_shows_its_images(make: Make, dynamodb: Any, streams: Any, view: str, images: set[str]) -> None:
    make("viewed", "id", StreamSpecification={"StreamEnabled": True, "StreamViewType": view})
    for n in (1, 2):
        dynamodb.put_item(TableName="viewed", Item={"id": S("a"), "n": N(n)})
    last = records(streams, arn_of(dynamodb, "viewed"))[-1]["dynamodb"]
    assert last["StreamViewType"] == view
    assert {"NewImage", "OldImage"} & set(last) == images


def test_transactions_batches_and_indexes_leave_records_too(make: Make, dynamodb: Any, streams: Any) -> None:
    make("all", "id", **STREAM)
    dynamodb.batch_write_item(RequestItems={"all": [{"PutRequest": {"Item": {"id": S(k)}}} for k in "abc"]})
    dynamodb.transact_write_items(TransactItems=[{"Delete": {"TableName": "all", "Key": {"id": S(k)}}} for k in "ab"])
    assert [r["eventName"] for r in records(streams, arn_of(dynamodb, "all"))] == ["INSERT"] * 3 + ["REMOVE"] * 2


def test_iterators_begin_where_they_are_told(cloud: Any, make: Make, dynamodb: Any, streams: Any) -> None:
    make("walked", "id", **STREAM)
    arn = arn_of(dynamodb, "walked")
    latest = iterator(streams, arn, "LATEST")
    for n in range(5):
        dynamodb.put_item(TableName="walked", Item={"id": S(str(n))})
        cloud.clock.advance(10)
    assert len(streams.get_records(ShardIterator=latest)["Records"]) == 5
    found = records(streams, arn)
    third = found[2]["dynamodb"]["SequenceNumber"]

    def keys(kind: str, **more: Any) -> list[str]:
        got = streams.get_records(ShardIterator=iterator(streams, arn, kind, **more))["Records"]
        return [r["dynamodb"]["Keys"]["id"]["S"] for r in got]

    assert keys("AT_SEQUENCE_NUMBER", SequenceNumber=third) == ["2", "3", "4"]
    assert keys("AFTER_SEQUENCE_NUMBER", SequenceNumber=third) == ["3", "4"]
    assert keys("LATEST") == []
    assert keys("AT_TIMESTAMP", Timestamp=cloud.clock.now() - 25) == ["3", "4"]
    [shard] = streams.describe_stream(StreamArn=arn, Limit=1)["StreamDescription"]["Shards"]
    for more in ({"ExclusiveStartShardId": shard["ShardId"]},
                 {"ShardFilter": {"Type": "CHILD_SHARDS", "ShardId": shard["ShardId"]}}):
        assert streams.describe_stream(StreamArn=arn, **more)["StreamDescription"]["Shards"] == []
    step, seen = iterator(streams, arn), []
    for _ in range(4):
        page = streams.get_records(ShardIterator=step, Limit=2)
        seen += [r["dynamodb"]["Keys"]["id"]["S"] for r in page["Records"]]
        step = page["NextShardIterator"]
    assert seen == ["0", "1", "2", "3", "4"]
    assert "Sequence number" in refused(streams.get_shard_iterator, StreamArn=arn, ShardIteratorType="AT_SEQUENCE_NUMBER",
                                        ShardId=streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"])
    refused(streams.get_records, ShardIterator="nonsense")
    refused(streams.get_shard_iterator, "ResourceNotFoundException", StreamArn=arn, ShardIteratorType="LATEST",
            ShardId="shardId-00000000000000000000-00000000")


def test_records_are_kept_a_day_and_iterators_a_quarter_of_an_hour(cloud: Any, make: Make, dynamodb: Any, streams: Any) -> None:
    make("daily", "id", **STREAM)
    arn = arn_of(dynamodb, "daily")
    dynamodb.put_item(TableName="daily", Item={"id": S("old")})
    old = records(streams, arn)[0]["dynamodb"]["SequenceNumber"]
    early = iterator(streams, arn)
    cloud.clock.advance(901)
    refused(streams.get_records, "ExpiredIteratorException", ShardIterator=early)
    cloud.clock.advance(43_200)
    dynamodb.put_item(TableName="daily", Item={"id": S("new")})
    cloud.clock.advance(43_200)
    assert [r["dynamodb"]["Keys"]["id"]["S"] for r in records(streams, arn)] == ["new"]
    [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    refused(streams.get_shard_iterator, "TrimmedDataAccessException", StreamArn=arn, ShardId=shard["ShardId"],
            ShardIteratorType="AT_SEQUENCE_NUMBER", SequenceNumber=old)
    cloud.clock.advance(86_400)
    assert records(streams, arn) == []
    dynamodb.put_item(TableName="daily", Item={"id": S("newest")})
    assert len(records(streams, arn)) == 1
    cloud.clock.advance(86_461)
    assert records(streams, arn) == []


def test_a_stream_ends_and_another_begins(cloud: Any, make: Make, dynamodb: Any, streams: Any) -> None:
    make("twice", "id", **STREAM)
    first = arn_of(dynamodb, "twice")
    dynamodb.put_item(TableName="twice", Item={"id": S("a")})
    on, off = STREAM, {"StreamSpecification": {"StreamEnabled": False}}
    assert "already has an enabled stream" in refused(dynamodb.update_table, TableName="twice", **on)
    dynamodb.update_table(TableName="twice", **off)
    assert refused(dynamodb.update_table, TableName="twice", **off) == "Table has no stream to disable: TableName: twice"
    dynamodb.put_item(TableName="twice", Item={"id": S("unseen")})
    told = streams.describe_stream(StreamArn=first)["StreamDescription"]
    assert told["StreamStatus"] == "DISABLED"
    assert "EndingSequenceNumber" in told["Shards"][0]["SequenceNumberRange"]
    page = streams.get_records(ShardIterator=iterator(streams, first))
    assert len(page["Records"]) == 1
    assert "NextShardIterator" not in page
    dynamodb.update_table(TableName="twice", **on)
    second = arn_of(dynamodb, "twice")
    assert [s["StreamArn"] for s in streams.list_streams(TableName="twice")["Streams"]] == [first, second]
    one = streams.list_streams(Limit=1)
    assert one["Streams"][0]["TableName"] == "twice"
    assert [s["StreamArn"] for s in streams.list_streams(
        ExclusiveStartStreamArn=one["LastEvaluatedStreamArn"])["Streams"]] == [second]
    dynamodb.delete_table(TableName="twice")
    assert streams.describe_stream(StreamArn=second)["StreamDescription"]["StreamStatus"] == "DISABLED"
    cloud.clock.advance(86_401)
    assert streams.list_streams()["Streams"] == []
    refused(streams.describe_stream, "ResourceNotFoundException", StreamArn=second)


def ttl(dynamodb: Any, table: str, name: str = "expires", enabled: bool = True) -> Any:
    return dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification={"AttributeName": name, "Enabled": enabled})


def ids(dynamodb: Any, table: str) -> list[str]:
    return sorted(i["id"]["S"] for i in dynamodb.scan(TableName=table)["Items"])


def test_items_end_with_their_time(cloud: Any, make: Make, dynamodb: Any, streams: Any) -> None:
    make("mortal", "id", "", "g", GlobalSecondaryIndexes=[
        index("by-g", "g")], **STREAM)
    now = int(cloud.clock.now())
    dynamodb.put_item(TableName="mortal", Item={"id": S("before"), "expires": N(now + 100)})
    assert ttl(dynamodb, "mortal")["TimeToLiveSpecification"] == {"AttributeName": "expires", "Enabled": True}
    cloud.clock.idle()
    assert dynamodb.describe_time_to_live(TableName="mortal")["TimeToLiveDescription"] == \
        {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    for key, until in (("later", N(now + 300)), ("sooner", N(f"{now + 50}.5")), ("text", S("100")),
                       ("ancient", N(now - 200_000_000))):
        dynamodb.put_item(TableName="mortal", Item={"id": S(key), "expires": until, "g": S("g")})
    dynamodb.put_item(TableName="mortal", Item={"id": S("never")})
    cloud.clock.advance(51)
    assert ids(dynamodb, "mortal") == ["ancient", "before", "later", "never", "text"]
    dynamodb.update_item(TableName="mortal", Key={"id": S("before")}, UpdateExpression="SET expires = :u",
                         ExpressionAttributeValues={":u": N(now + 400)})
    cloud.clock.advance(260)
    assert ids(dynamodb, "mortal") == ["ancient", "before", "never", "text"]
    assert dynamodb.scan(TableName="mortal", IndexName="by-g")["Count"] == 2
    gone = [r for r in records(streams, arn_of(dynamodb, "mortal")) if r["eventName"] == "REMOVE"]
    assert [(r["dynamodb"]["Keys"]["id"]["S"], r["userIdentity"]) for r in gone] == [
        (key, {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}) for key in ("sooner", "later")]
    ttl(dynamodb, "mortal", enabled=False)
    cloud.clock.advance(1000)
    assert "before" in ids(dynamodb, "mortal")


def test_many_items_end_at_one_moment(cloud: Any, make: Make, dynamodb: Any) -> None:
    make("many", "id")
    now = int(cloud.clock.now())
    ttl(dynamodb, "many")
    for at in range(0, 450, 25):
        dynamodb.batch_write_item(RequestItems={"many": [
            {"PutRequest": {"Item": {"id": S(f"{n}"), "expires": N(now + 100)}}} for n in range(at, at + 25)]})
    cloud.clock.advance(101)
    assert dynamodb.describe_table(TableName="many")["Table"]["ItemCount"] == 0


def test_what_wrong_time_to_live_is_told(make: Make, dynamodb: Any) -> None:
    make("wrong", "id")
    assert refused(ttl, dynamodb=dynamodb, table="wrong", enabled=False) == "TimeToLive is already disabled"
    ttl(dynamodb, "wrong")
    assert refused(ttl, dynamodb=dynamodb, table="wrong") == "TimeToLive is already enabled"
    assert refused(ttl, dynamodb=dynamodb, table="wrong", name="other", enabled=False) == \
        "TimeToLive is active on a different AttributeName: current AttributeName is expires"
