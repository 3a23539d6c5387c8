"""Documented behaviour: tables, items, types, what is returned, and what it costs."""

from __future__ import annotations

from typing import Any

from . import documented
from .conftest import Make, N, S, index
from .documented import ABSENT, API, FAILED, GUIDE, INVALID, Refused, Row, call, check, create, get, invalid, put, song, update

TYPES = GUIDE + "HowItWorks.NamingRulesDataTypes.html"
LIMITS = GUIDE + "Constraints.html"
UNITS = GUIDE + "read-write-operations.html"


def consumed(units: float) -> dict[str, Any]:
    return {"ConsumedCapacity": {"TableName": "Things", "CapacityUnits": units}}


TOTAL = {"ReturnConsumedCapacity": "TOTAL"}


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = S("deep")
    for _ in range(levels):
        value = {"L": [value]}
    return value


PUTS = [
    Row(API + "PutItem.html", "a put replaces the whole item", [put(x=N(1)), put(y=N(2)), get()],
        {"Item": {"id": S("a"), "y": N(2)}}),
    Row(API + "PutItem.html", "ALL_OLD returns what was replaced", [put(x=N(1)), put(with_={"ReturnValues": "ALL_OLD"})],
        {"Attributes": {"id": S("a"), "x": N(1)}}),
    Row(API + "PutItem.html", "nothing is returned unless asked for", [put(x=N(1)), put()], {"Attributes": ABSENT}),
    Row(API + "PutItem.html", "a put returns old attributes only", [put(with_={"ReturnValues": "ALL_NEW"})],
        invalid("ReturnValues can only be ALL_OLD or NONE")),
    Row(API + "PutItem.html", "attribute_not_exists on the key keeps an item from being replaced",
        [put(), put(with_={"ConditionExpression": "attribute_not_exists(id)"})], FAILED),
    Row(API + "PutItem.html", "all key attributes must be there", [put("Music", Artist=S("Acme"))],
        invalid(INVALID + "Missing the key SongTitle in the item")),
    Row(API + "PutItem.html", "key attributes must have the types of the schema", [put(id=N(1))],
        invalid(INVALID + "Type mismatch for key id expected: S actual: N")),
    Row(API + "PutItem.html", "an index key attribute must have the type of the index", [song("x", Year=S("old"))],
        invalid("Type mismatch for Index Key Year Expected: N Actual: S IndexName: by-year")),
    Row(API + "DeleteItem.html", "deleting is idempotent: what is not there is no error",
        [("delete_item", {"TableName": "Things", "Key": {"id": S("a")}})], {"Attributes": ABSENT}),
    Row(API + "DeleteItem.html", "a deletion can return the item as it was",
        [put(x=N(1)), documented.on("delete_item", ReturnValues="ALL_OLD")], {"Attributes": {"id": S("a"), "x": N(1)}}),
    Row(API + "DeleteItem.html", "a deletion under a condition happens only if it holds",
        [put(x=N(1)), check("x > :v", v=N(1))],
        FAILED),
    Row(API + "DeleteItem.html", "the item is told when a condition fails, if asked for",
        [put(x=N(1)), documented.on("delete_item", ConditionExpression="attribute_exists(y)",
                                    ReturnValuesOnConditionCheckFailure="ALL_OLD")],
        Refused(FAILED.code, FAILED.message, {"Item": {"id": S("a"), "x": N(1)}})),
    Row(API + "GetItem.html", "no Item when there is none", [get()], {"Item": ABSENT}),
    Row(API + "GetItem.html", "of a composite key both parts are needed",
        [("get_item", {"TableName": "Music", "Key": {"Artist": S("Acme")}})],
        invalid("The provided key element does not match the schema")),
    Row(API + "GetItem.html", "a table that is not there", [("get_item", {"TableName": "None", "Key": {"id": S("a")}})],
        Refused("ResourceNotFoundException", "Requested resource not found")),
]

UPDATES = [
    Row(API + "UpdateItem.html", "an update makes an item that is not there", [update("SET x = :v", v=N(1)), get()],
        {"Item": {"id": S("a"), "x": N(1)}}),
    Row(API + "UpdateItem.html", "without an expression only the key is made", [documented.on("update_item"), get()],
        {"Item": {"id": S("a")}}),
    Row(API + "UpdateItem.html", "UPDATED_NEW returns only what was updated, as it is now",
        [put(x=N(1), y=N(1)), update("SET x = :v", v=N(2), with_={"ReturnValues": "UPDATED_NEW"})],
        {"Attributes": {"x": N(2)}}),
    Row(API + "UpdateItem.html", "UPDATED_OLD returns only what was updated, as it was",
        [put(x=N(1), y=N(1)), update("SET x = :v", v=N(2), with_={"ReturnValues": "UPDATED_OLD"})],
        {"Attributes": {"x": N(1)}}),
    Row(API + "UpdateItem.html", "ALL_NEW returns the whole item after the update",
        [put(x=N(1)), update("SET y = :v", v=N(2), with_={"ReturnValues": "ALL_NEW"})],
        {"Attributes": {"id": S("a"), "x": N(1), "y": N(2)}}),
    Row(API + "UpdateItem.html", "ALL_OLD of a new item returns nothing",
        [update("SET y = :v", v=N(2), with_={"ReturnValues": "ALL_OLD"})], {"Attributes": ABSENT}),
    Row(API + "UpdateItem.html", "key attributes cannot be updated", [put(), update("SET id = :v", v=S("b"))],
        invalid(INVALID + "Cannot update attribute id. This attribute is part of the key")),
]

KINDS = [
    Row(TYPES, "strings may be empty where they are no keys", [put(x=S("")), get()], {"Item": {"id": S("a"), "x": S("")}}),
    Row(TYPES, "binary may be empty where it is no key", [put(x={"B": b""}), get()], {"Item": {"id": S("a"), "x": {"B": b""}}}),
    Row(TYPES, "key values may not be empty", [put(id=S(""))],
        invalid("The AttributeValue for a key attribute cannot contain an empty string value. Key: id")),
    Row(TYPES, "index key values may not be empty", [song("x", Genre=S(""))],
        invalid("cannot contain an empty string value. IndexName: by-genre, IndexKey: Genre")),
    Row(TYPES, "sets may not be empty", [put(x={"SS": []})], invalid(INVALID + "An string set  may not be empty")),
    Row(TYPES, "the values of a set are unique", [put(x={"SS": ["p", "p"]})],
        invalid(INVALID + "Input collection [p, p] contains duplicates.")),
    Row(TYPES, "sets may hold empty strings", [put(x={"SS": ["", "p"]}), get()],
        {"Item": {"id": S("a"), "x": {"SS": ["", "p"]}}}),
    Row(TYPES, "lists and maps hold values of any types, empty ones too",
        [put(x={"L": [N(1), S("p"), {"M": {"y": {"NULL": True}, "z": {"L": []}}}]}), get()],
        {"Item": {"id": S("a"), "x": {"L": [N(1), S("p"), {"M": {"y": {"NULL": True}, "z": {"L": []}}}]}}}),
    Row(TYPES, "documents nest 32 levels deep", [put(x=nested(32)), get()], {"Item": {"id": S("a"), "x": nested(32)}}),
    Row(LIMITS, "documents nest no deeper than 32 levels", [put(x=nested(33))],
        invalid("Nesting Levels have exceeded supported limits")),
    Row(TYPES, "numbers have 38 significant digits", [put(x=N("1" * 38)), get()], {"Item": {"id": S("a"), "x": N("1" * 38)}}),
    Row(TYPES, "more than 38 digits are an error", [put(x=N("1" * 39))],
        invalid("Attempting to store more than 38 significant digits in a Number")),
    Row(TYPES, "zeros in front and behind are trimmed",
        [put(x=N("007.2500")), get()], {"Item": {"id": S("a"), "x": N("7.25")}}),
    Row(TYPES, "numbers up to 9.9E+125", [put(x=N("1E+126"))],
        invalid("Number overflow. Attempting to store a number with magnitude larger than supported range")),
    Row(TYPES, "numbers down to 1E-130", [put(x=N("1E-131"))],
        invalid("Number underflow. Attempting to store a number with magnitude smaller than supported range")),
    Row(API + "AttributeValue.html", "a number is digits in a string", [put(x=N("many"))],
        invalid("The parameter cannot be converted to a numeric value: many")),
    Row(API + "AttributeValue.html", "a value has exactly one type", [put(x={"S": "p", "N": "1"})],
        invalid("Supplied AttributeValue has more than one datatypes set, "
                "must contain exactly one of the supported datatypes")),
    Row(TYPES, "NULL is only ever true", [put(x={"NULL": False})],
        invalid(INVALID + "Null attribute value types must have the value of true")),
    Row(LIMITS, "an item has at most 400 KB",
        [put(x=S("x" * 409_600))], invalid("Item size has exceeded the maximum allowed size")),
    Row(LIMITS, "attribute names count for the size", [put(**{"n" * 60_000: S("x" * 349_600)})],
        invalid("Item size has exceeded the maximum allowed size")),
    Row(LIMITS, "a partition key has at most 2048 bytes", [put(id=S("x" * 2049))],
        invalid("Size of hashkey has exceeded the maximum size limit of2048 bytes")),
    Row(LIMITS, "a sort key has at most 1024 bytes", [song("x" * 1025)],
        invalid("Aggregated size of all range keys has exceeded the size limit of 1024 bytes")),
]

COSTS = [
    Row(UNITS, "an eventually consistent read of up to 4 KB takes half a unit",
        [put(x=S("x" * 4000)), get(**TOTAL)], consumed(0.5)),
    Row(UNITS, "a strongly consistent read takes a whole one", [put(), get(**TOTAL, ConsistentRead=True)], consumed(1.0)),
    Row(UNITS, "reads are rounded up to the next 4 KB",
        [put(x=S("x" * 4096)), get(**TOTAL, ConsistentRead=True)], consumed(2.0)),
    Row(UNITS, "reading what is not there counts as well", [get(**TOTAL)], consumed(0.5)),
    Row(UNITS, "a projection does not make a read cheaper",
        [put(x=S("x" * 9000)), get(**TOTAL, ConsistentRead=True, ProjectionExpression="id")], consumed(3.0)),
    Row(UNITS, "writes are rounded up to the next KB", [put(x=S("x" * 1500), with_=TOTAL)], consumed(2.0)),
    Row(UNITS, "a put counts the larger of the two sizes", [put(x=S("x" * 2500)), put(with_=TOTAL)], consumed(3.0)),
    Row(UNITS, "an update counts the whole item",
        [put(x=S("x" * 2500)), update("SET y = :v", v=N(1), with_=TOTAL)], consumed(3.0)),
    Row(UNITS, "deleting what is not there counts one unit", [documented.on("delete_item", **TOTAL)], consumed(1.0)),
    Row(API + "PutItem.html", "INDEXES tells the units of the table and of each index",
        [("put_item", {"TableName": "Music", "ReturnConsumedCapacity": "INDEXES", "Item": {
            "Artist": S("Acme"), "SongTitle": S("x"), "Genre": S("Rock"), "Year": N(1)}})],
        {"ConsumedCapacity": {
            "TableName": "Music", "CapacityUnits": 3.0, "Table": {"CapacityUnits": 1.0},
            "LocalSecondaryIndexes": {"by-year": {"CapacityUnits": 1.0}},
            "GlobalSecondaryIndexes": {"by-genre": {"CapacityUnits": 1.0}}}}),
    Row(API + "ItemCollectionMetrics.html", "an item collection is told with bounds of its size in GB",
        [("put_item", {"TableName": "Music", "ReturnItemCollectionMetrics": "SIZE",
                       "Item": {"Artist": S("Acme"), "SongTitle": S("x")}})],
        {"ItemCollectionMetrics": {"ItemCollectionKey": {"Artist": S("Acme")}, "SizeEstimateRangeGB": [0.0, 1.0]}}),
]


def wide(name: str) -> dict[str, Any]:
    return {"Create": index(name, "id")}


TABLES = [
    Row(API + "CreateTable.html", "names of tables are unique in a region", [create("Things")],
        Refused("ResourceInUseException", "Table already exists: Things")),
    Row(LIMITS, "a table's name has 3 to 255 characters", [create("ab")], invalid("at least 3 characters long")),
    Row(API + "CreateTable.html", "a new table is being created",
        [create(), call("describe_table", TableName="Another"), call("list_tables")],
        {"TableNames": ["Another", "Music", "Things"]}),
    Row(API + "CreateTable.html", "attributes of the key schema must be defined",
        [create(KeySchema=[{"AttributeName": "other", "KeyType": "HASH"}])],
        invalid("Some index key attributes are not defined in AttributeDefinitions. "
                "Keys: [other], AttributeDefinitions: [id]")),
    Row(API + "CreateTable.html", "the first element of a schema is HASH",
        [create(KeySchema=[{"AttributeName": "id", "KeyType": "RANGE"}])],
        invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")),
    Row(API + "CreateTable.html", "PAY_PER_REQUEST takes no provisioned units",
        [create(ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})],
        invalid("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")),
    Row(API + "CreateTable.html", "PROVISIONED needs provisioned units", [create(BillingMode="PROVISIONED")],
        invalid("ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")),
    Row(LIMITS, "a table has at most five local indexes",
        [create(sort=True, LocalSecondaryIndexes=[index(f"loc{n}", "id", "at") for n in range(6)])],
        invalid("Number of LocalSecondaryIndexes exceeds per-table limit of 5")),
    Row(LIMITS, "a table has at most 20 global indexes",
        [create(GlobalSecondaryIndexes=[index(f"g{n:02}", "id") for n in range(21)])],
        invalid("GlobalSecondaryIndex count exceeds the per-table limit of 20")),
    Row(API + "CreateTable.html", "a local index has its table's partition key",
        [create(sort=True, LocalSecondaryIndexes=[index("loc", "at", "id")])],
        invalid("Index KeySchema does not have the same leading hash key as table KeySchema for index: loc")),
    Row(API + "CreateTable.html", "a local index needs a table with a sort key",
        [create(LocalSecondaryIndexes=[index("loc", "id", "id2")], AttributeDefinitions=[
            {"AttributeName": n, "AttributeType": "S"} for n in ("id", "id2")])],
        invalid("Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex")),
    Row(API + "Projection.html", "NonKeyAttributes are for INCLUDE only",
        [create(GlobalSecondaryIndexes=[index("g", "id", "", "ALL", ("x",)) | {"IndexName": "glob"}])],
        invalid("ProjectionType is ALL, but NonKeyAttributes is specified")),
    Row(API + "UpdateTable.html", "one index is made at a time",
        [call("update_table", TableName="Things", GlobalSecondaryIndexUpdates=[wide("one"), wide("two")])],
        Refused("LimitExceededException", "Only 1 online index can be created or deleted simultaneously per table")),
    Row(API + "UpdateTable.html", "a change must be named", [call("update_table", TableName="Things")],
        invalid("At least one of ProvisionedThroughput, BillingMode")),
    Row(API + "DeleteTable.html", "a table that is not there cannot be deleted", [call("delete_table", TableName="None")],
        Refused("ResourceNotFoundException", "Requested resource not found: Table: None not found")),
    Row(GUIDE + "WorkingWithTables.Basics.html", "a protected table is not deleted",
        [call("update_table", TableName="Things", DeletionProtectionEnabled=True), call("delete_table", TableName="Things")],
        invalid("Resource cannot be deleted as it is currently protected against deletion")),
    Row(API + "ListTables.html", "a list ends with the name from which to go on", [call("list_tables", Limit=1)],
        {"TableNames": ["Music"], "LastEvaluatedTableName": "Music"}),
]


@documented.rows(PUTS + UPDATES + KINDS + COSTS + TABLES)
def test_as_documented(cloud: Any, make: Make, row: Row) -> None:
    documented.follow(cloud, make, row)
