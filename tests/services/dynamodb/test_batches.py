"""Batches over the wire."""

from typing import Any

from .conftest import Make, N, S, index, refused


def test_a_batch_writes_and_reads_several_tables(make: Make, dynamodb: Any) -> None:
    one, two = make("one", "id"), make("two", "pk", "sk:N", "g", GlobalSecondaryIndexes=[index("by-g", "g")])
    dynamodb.put_item(TableName=one, Item={"id": S("old")})
    told = dynamodb.batch_write_item(ReturnConsumedCapacity="INDEXES", RequestItems={
        one: [{"PutRequest": {"Item": {"id": S("a"), "b": {"B": b"bin"}}}}, {"DeleteRequest": {"Key": {"id": S("old")}}}],
        two: [{"PutRequest": {"Item": {"pk": S("p"), "sk": N(n), "g": S("g")}}} for n in range(3)]})
    assert told["UnprocessedItems"] == {}
    assert {c["TableName"]: c["CapacityUnits"] for c in told["ConsumedCapacity"]} == {one: 2.0, two: 6.0}
    got = dynamodb.batch_get_item(ReturnConsumedCapacity="TOTAL", RequestItems={
        one: {"Keys": [{"id": S("a")}, {"id": S("old")}], "ConsistentRead": True},
        two: {"Keys": [{"pk": S("p"), "sk": N(2)}, {"pk": S("p"), "sk": N(0)}], "ProjectionExpression": "#s",
              "ExpressionAttributeNames": {"#s": "sk"}}})
    assert got["Responses"] == {one: [{"id": S("a"), "b": {"B": b"bin"}}], two: [{"sk": N(2)}, {"sk": N(0)}]}
    assert got["UnprocessedKeys"] == {}
    assert {c["TableName"]: c["CapacityUnits"] for c in got["ConsumedCapacity"]} == {one: 2.0, two: 1.0}
    assert dynamodb.query(TableName=two, IndexName="by-g", KeyConditionExpression="g = :g",
                          ExpressionAttributeValues={":g": S("g")})["Count"] == 3


def test_the_old_way_to_name_attributes(make: Make, dynamodb: Any) -> None:
    make("old", "id")
    dynamodb.put_item(TableName="old", Item={"id": S("a"), "v": N(1), "w": N(2)})
    got = dynamodb.batch_get_item(RequestItems={"old": {"Keys": [{"id": S("a")}], "AttributesToGet": ["v"]}})
    assert got["Responses"]["old"] == [{"v": N(1)}]


def test_what_a_wrong_batch_is_told_and_that_nothing_of_it_happens(make: Make, dynamodb: Any) -> None:
    make("batch", "id")
    put = {"PutRequest": {"Item": {"id": S("a")}}}
    duplicates = "Provided list of item keys contains duplicates"
    assert refused(dynamodb.batch_write_item, RequestItems={
        "batch": [put, {"DeleteRequest": {"Key": {"id": S("a")}}}]}) == duplicates
    assert refused(dynamodb.batch_get_item, RequestItems={"batch": {"Keys": [{"id": S("a")}] * 2}}) == duplicates
    assert refused(dynamodb.batch_write_item, RequestItems={"batch": [put, {}]}) == \
        "Supplied WriteRequest must contain exactly one of PutRequest or DeleteRequest"
    for wrong in ({"id": N(1)}, {"other": S("a")}):
        assert refused(dynamodb.batch_write_item, RequestItems={"batch": [put, {"PutRequest": {"Item": wrong}}]}) == \
            "The provided key element does not match the schema"
    refused(dynamodb.batch_write_item, "ResourceNotFoundException", RequestItems={"batch": [put], "none": [put]})
    refused(dynamodb.batch_write_item, RequestItems={"batch": [{"PutRequest": {"Item": {"id": S(str(n))}}} for n in range(26)]})
    refused(dynamodb.batch_get_item, RequestItems={"batch": {"Keys": [{"id": S(str(n))} for n in range(101)]}})
    make("other", "id")
    assert refused(dynamodb.batch_write_item, RequestItems={
        t: [{"PutRequest": {"Item": {"id": S(str(n))}}} for n in range(13)] for t in ("batch", "other")}) == \
        "Too many items requested for the BatchWriteItem call"
    assert refused(dynamodb.batch_get_item, RequestItems={
        t: {"Keys": [{"id": S(str(n))} for n in range(51)]} for t in ("batch", "other")}) == \
        "Too many items requested for the BatchGetItem call"
    assert dynamodb.scan(TableName="batch")["Count"] == 0


def test_a_batch_get_stops_at_16_mebibytes(make: Make, dynamodb: Any) -> None:
    make("big", "id")
    for n in range(45):
        dynamodb.put_item(TableName="big", Item={"id": S(f"{n:02}"), "v": S("x" * 400_000)})
    wanted: Any = {"big": {"Keys": [{"id": S(f"{n:02}")} for n in range(45)], "ConsistentRead": True}}
    seen = []
    pages = 0
    while wanted:
        got = dynamodb.batch_get_item(RequestItems=wanted)
        seen += [i["id"]["S"] for i in got["Responses"]["big"]]
        wanted = got["UnprocessedKeys"]
        assert not wanted or wanted["big"]["ConsistentRead"] is True
        pages += 1
    assert seen == [f"{n:02}" for n in range(45)]
    assert pages == 2


def test_batch_writes_tell_item_collections(make: Make, dynamodb: Any) -> None:
    make("groups", "pk", "sk", "o", LocalSecondaryIndexes=[index("loc", "pk", "o")])
    told = dynamodb.batch_write_item(ReturnItemCollectionMetrics="SIZE", RequestItems={
        "groups": [{"PutRequest": {"Item": {"pk": S("a"), "sk": S("b")}}}]})
    assert told["ItemCollectionMetrics"]["groups"][0]["ItemCollectionKey"] == {"pk": S("a")}
