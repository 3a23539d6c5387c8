"""Documented behaviour: queries, scans, indexes, batches."""

from __future__ import annotations

from typing import Any

from . import documented
from .conftest import Make, N, S
from .documented import ABSENT, API, GUIDE, INVALID, Refused, Row, call, invalid, put, query, song

QUERY = API + "Query.html"
SCAN = API + "Scan.html"
KEYS = GUIDE + "Query.KeyConditionExpressions.html"
GLOBAL = GUIDE + "GSI.html"
LOCAL = GUIDE + "LSI.html"
SONGS = [song("c", Year=N(2), Genre=S("Rock")), song("a", Year=N(10), Genre=S("Rock")), song("B", Year=N(1), Label=S("x"))]


def titles(*found: str) -> list[dict[str, Any]]:
    return [{"SongTitle": S(title)} for title in found]


def shown(condition: str = "Artist = :a", with_: dict[str, Any] | None = None, **values: Any) -> Any:
    return query(condition, {"ProjectionExpression": "SongTitle", **(with_ or {})}, **values)


def scan(**members: Any) -> Any:
    return call("scan", TableName="Music", **members)


QUERIES = [
    Row(QUERY, "results are in the order of the sort key, texts by their bytes",
        [*SONGS, shown()], {"Items": titles("B", "a", "c")}),
    Row(QUERY, "numbers are in the order of numbers", [*SONGS, shown(with_={"IndexName": "by-year"})],
        {"Items": titles("B", "c", "a")}),
    Row(QUERY, "ScanIndexForward turns the order", [*SONGS, shown(with_={"ScanIndexForward": False})],
        {"Items": titles("c", "a", "B")}),
    Row(QUERY, "nothing found is an empty result",
        [query(a=S("Nobody"))], {"Items": [], "Count": 0, "LastEvaluatedKey": ABSENT}),
    Row(QUERY, "a limited page ends with the key from which to go on", [*SONGS, shown(with_={"Limit": 2})],
        {"Items": titles("B", "a"), "LastEvaluatedKey": {"Artist": S("Acme"), "SongTitle": S("a")}}),
    Row(QUERY, "the next page begins behind that key",
        [*SONGS, shown(with_={"ExclusiveStartKey": {"Artist": S("Acme"), "SongTitle": S("a")}})], {"Items": titles("c")}),
    Row(QUERY, "a start key must be a key", [*SONGS, query(with_={"ExclusiveStartKey": {"Artist": S("Acme")}})],
        invalid("The provided starting key is invalid")),
    Row(QUERY, "the partition key is tested for equality",
        [query("Artist > :a")], invalid("Query key condition not supported")),
    Row(QUERY, "a condition on the partition key is needed", [query("SongTitle = :a")],
        invalid("Query condition missed key schema element: Artist")),
    Row(KEYS, "one condition on the sort key at most", [query("Artist = :a AND SongTitle > :v AND SongTitle < :v", v=S("b"))],
        invalid("KeyConditionExpressions must only contain one condition per key")),
    Row(KEYS, "the sort key may begin with",
        [*SONGS, song("ab"), shown("Artist = :a AND begins_with(SongTitle, :v)", v=S("a"))],
        {"Items": titles("a", "ab")}),
    Row(KEYS, "the sort key may lie between",
        [*SONGS, shown("Artist = :a AND SongTitle BETWEEN :v AND :w", v=S("a"), w=S("c"))],
        {"Items": titles("a", "c")}),
    Row(KEYS, "OR is no key condition", [query("Artist = :a OR SongTitle = :a")],
        invalid("Invalid operator used in KeyConditionExpression: OR")),
    Row(KEYS, "begins_with is not for numbers",
        [query("Artist = :a AND begins_with(#y, :v)",
        {"IndexName": "by-year", "ExpressionAttributeNames": {"#y": "Year"}}, v=N(1))],
        invalid("operand type: N")),
    Row(GUIDE + "Query.FilterExpression.html", "a filter is applied after the limit",
        [*SONGS, query(with_={"FilterExpression": "attribute_exists(Label)", "Limit": 2})], {"Count": 1, "ScannedCount": 2}),
    Row(GUIDE + "Query.FilterExpression.html", "a filter may not name key attributes",
        [query(with_={"FilterExpression": "SongTitle > :v"}, v=S("a"))],
        invalid("Filter Expression can only contain non-primary key attributes: Primary key attribute: SongTitle")),
    Row(QUERY, "COUNT answers no items", [*SONGS, query(with_={"Select": "COUNT"})], {"Count": 3, "Items": ABSENT}),
    Row(QUERY, "SPECIFIC_ATTRIBUTES needs them to be named", [query(with_={"Select": "SPECIFIC_ATTRIBUTES"})],
        invalid("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")),
    Row(QUERY, "ALL_PROJECTED_ATTRIBUTES is for indexes", [query(with_={"Select": "ALL_PROJECTED_ATTRIBUTES"})],
        invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")),
    Row(GUIDE + "read-write-operations.html", "the units of a query are of all its items together",
        [*SONGS, query(with_={"ReturnConsumedCapacity": "TOTAL", "ConsistentRead": True})],
        {"ConsumedCapacity": {"TableName": "Music", "CapacityUnits": 1.0}}),
]

INDEXES = [
    Row(GLOBAL, "an item without the index's key is not in the index",
        [*SONGS, scan(IndexName="by-genre", Select="COUNT")], {"Count": 2}),
    Row(GLOBAL, "items of one index key need not differ",
        [*SONGS, call("query", TableName="Music", IndexName="by-genre", KeyConditionExpression="Genre = :g", Select="COUNT",
                      ExpressionAttributeValues={":g": S("Rock")})], {"Count": 2}),
    Row(GLOBAL, "the table's key is always projected", [song("c", Genre=S("Rock"), Label=S("x")), scan(IndexName="by-genre")],
        {"Items": [{"Artist": S("Acme"), "SongTitle": S("c"), "Genre": S("Rock")}]}),
    Row(GLOBAL, "an item leaves the index with its key",
        [SONGS[0], call("update_item", TableName="Music", Key={"Artist": S("Acme"), "SongTitle": S("c")},
                        UpdateExpression="REMOVE Genre"), scan(IndexName="by-genre")], {"Count": 0}),
    Row(GLOBAL, "global indexes are read eventually consistent", [scan(IndexName="by-genre", ConsistentRead=True)],
        invalid("Consistent reads are not supported on global secondary indexes")),
    Row(GLOBAL, "only what is projected can be asked of a global index",
        [scan(IndexName="by-genre", ProjectionExpression="Label")],
        invalid(INVALID + "Global secondary index by-genre does not project [Label]")),
    Row(LOCAL, "local indexes may be read strongly consistent",
        [*SONGS, query(with_={"IndexName": "by-year", "ConsistentRead": True, "Select": "COUNT"})], {"Count": 3}),
    Row(LOCAL, "what a local index does not project is fetched from the table, at the price of a read for each item",
        [SONGS[2], query(with_={"IndexName": "by-year", "Select": "ALL_ATTRIBUTES", "ReturnConsumedCapacity": "INDEXES"})],
        {"Items": [SONGS[2][1]["Item"]], "ConsumedCapacity": {
            "TableName": "Music", "CapacityUnits": 1.0, "Table": {"CapacityUnits": 0.5},
            "LocalSecondaryIndexes": {"by-year": {"CapacityUnits": 0.5}}}}),
    Row(QUERY, "an index must be the table's", [query(with_={"IndexName": "none"})],
        invalid("The table does not have the specified index: none")),
]

SCANS = [
    Row(SCAN, "a filter leaves out what was scanned",
        [*SONGS, scan(FilterExpression="attribute_exists(Genre)", Select="COUNT")],
        {"Count": 2, "ScannedCount": 3}),
    Row(SCAN, "a segment needs the number of segments", [scan(Segment=0)],
        invalid("The TotalSegments parameter is required but was not present in the request when Segment parameter is "
                "present")),
    Row(SCAN, "segments are counted from zero", [scan(Segment=2, TotalSegments=2)],
        invalid("Segment: 2 is not less than TotalSegments: 2")),
    Row(SCAN, "old and new parameters do not mix",
        [scan(AttributesToGet=["Artist"], FilterExpression="attribute_exists(Genre)")],
        invalid("Can not use both expression and non-expression parameters in the same request")),
]

KEY = {"id": S("a")}
BATCHES = [
    Row(API + "BatchGetItem.html", "what is not there is not in the response",
        [put(x=N(1)), call("batch_get_item", RequestItems={"Things": {"Keys": [KEY, {"id": S("none")}]}})],
        {"Responses": {"Things": [{"id": S("a"), "x": N(1)}]}, "UnprocessedKeys": {}}),
    Row(API + "BatchGetItem.html", "100 items at most",
        [call("batch_get_item", RequestItems={t: {"Keys": [{"id": S(f"{n}")} for n in range(c)]}
                                              for t, c in (("Things", 99), ("Music", 2))})],
        invalid("Too many items requested for the BatchGetItem call")),
    Row(API + "BatchGetItem.html", "each item once", [call("batch_get_item", RequestItems={"Things": {"Keys": [KEY, KEY]}})],
        invalid("Provided list of item keys contains duplicates")),
    Row(API + "BatchGetItem.html", "a missing table fails the whole batch",
        [call("batch_get_item", RequestItems={"Things": {"Keys": [KEY]}, "None": {"Keys": [KEY]}})],
        Refused("ResourceNotFoundException", "Requested resource not found")),
    Row(API + "BatchGetItem.html", "each item is rounded up by itself",
        [put(), put(id=S("b")), call("batch_get_item", ReturnConsumedCapacity="TOTAL", RequestItems={
            "Things": {"Keys": [KEY, {"id": S("b")}], "ConsistentRead": True}})],
        {"ConsumedCapacity": [{"TableName": "Things", "CapacityUnits": 2.0}]}),
    Row(API + "BatchWriteItem.html", "puts and deletions of several tables go together",
        [put(), call("batch_write_item", RequestItems={
            "Things": [{"DeleteRequest": {"Key": KEY}}],
            "Music": [{"PutRequest": {"Item": {"Artist": S("Acme"), "SongTitle": S("x")}}}]}), query()],
        {"Items": [{"Artist": S("Acme"), "SongTitle": S("x")}]}),
    Row(API + "BatchWriteItem.html", "an item is put or deleted, not both",
        [call("batch_write_item", RequestItems={"Things": [{"PutRequest": {"Item": KEY}}, {"DeleteRequest": {"Key": KEY}}]})],
        invalid("Provided list of item keys contains duplicates")),
    Row(API + "BatchWriteItem.html", "25 requests at most",
        [call("batch_write_item", RequestItems={t: [{"PutRequest": {"Item": {"id": S(f"{n}")}}} for n in range(c)]
                                                for t, c in (("Things", 25), ("Music", 1))})],
        invalid("Too many items requested for the BatchWriteItem call")),
]


@documented.rows(QUERIES + INDEXES + SCANS + BATCHES)
def test_as_documented(cloud: Any, make: Make, row: Row) -> None:
    documented.follow(cloud, make, row)
