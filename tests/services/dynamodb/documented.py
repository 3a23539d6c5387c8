"""What a page of AWS's documentation says of DynamoDB, as calls and what the last of them answers."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError

from .conftest import Make, N, S, index

GUIDE = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
API = "https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_"
ABSENT = object()                            # a member that the answer does not have
INVALID = "One or more parameter values were invalid: "
Call = tuple[str, dict[str, Any]]


class Refused(NamedTuple):
    """An error. message: a part of it.  members: more that it tells."""

    code: str
    message: str
    members: dict[str, Any] = {}


class Row(NamedTuple):
    """page: its address.  says: what it says, in our words.  calls: the last one is what is looked at."""

    page: str
    says: str
    calls: list[Call]
    expected: dict[str, Any] | Refused


def invalid(message: str) -> Refused:
    return Refused("ValidationException", message)


FAILED = Refused("ConditionalCheckFailedException", "The conditional request failed")


# --- calls; the tables are Things (id) and Music (Artist, SongTitle) with indexes ---

def call(operation: str, **members: Any) -> Call:
    return operation, members


def put(table: str = "Things", /, *, with_: dict[str, Any] | None = None, **item: Any) -> Call:
    key = {"id": S("a")} if table == "Things" else {}
    return "put_item", {"TableName": table, "Item": key | item, **(with_ or {})}


def song(title: str, **more: Any) -> Call:
    return put("Music", Artist=S("Acme"), SongTitle=S(title), **more)


def on(operation: str, **members: Any) -> Call:
    """An operation on the thing `a`."""
    return operation, {"TableName": "Things", "Key": {"id": S("a")}, **members}


def get(**members: Any) -> Call:
    return on("get_item", **members)


def update(expression: str, names: dict[str, str] | None = None, with_: dict[str, Any] | None = None, **values: Any) -> Call:
    return on("update_item", UpdateExpression=expression, **given(names, values), **(with_ or {}))


def given(names: dict[str, str] | None, values: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"ExpressionAttributeNames": names} if names else {}
    return found | ({"ExpressionAttributeValues": {f":{name}": value for name, value in values.items()}} if values else {})


def check(condition: str, names: dict[str, str] | None = None, **values: Any) -> Call:
    """A condition on the thing `a`: the answer is empty, or FAILED."""
    return on("delete_item", ConditionExpression=condition, **given(names, values))


def query(condition: str = "Artist = :a", with_: dict[str, Any] | None = None, **values: Any) -> Call:
    return "query", {"TableName": "Music", "KeyConditionExpression": condition,
                     **given(None, {"a": S("Acme"), **values}), **(with_ or {})}


def create(name: str = "Another", sort: bool = False, **members: Any) -> Call:
    """A table with the keys `id` and (if wanted) `at`."""
    keys = ["id", "at"] if sort else ["id"]
    return "create_table", {
        "TableName": name, "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": n, "KeyType": k} for n, k in zip(keys, ("HASH", "RANGE"), strict=False)],
        "AttributeDefinitions": [{"AttributeName": n, "AttributeType": "S"} for n in keys], **members}


def run(statement: str, *parameters: Any, **members: Any) -> Call:
    return "execute_statement", {"Statement": statement, **({"Parameters": list(parameters)} if parameters else {}), **members}


# --- running ---

def rows(table: list[Row]) -> Any:
    return pytest.mark.parametrize("row", table, ids=[row.says for row in table])


def follow(cloud: Any, make: Make, row: Row) -> None:
    """Make the calls of a row, and look at what the last one answers. Calls of ours: "advance" moves the clock, "failing" is
    one that is refused, "ending" puts a thing with a time to live of so many seconds."""
    make("Things", "id")
    make("Music", "Artist", "SongTitle", "Year:N", "Genre",
         GlobalSecondaryIndexes=[index("by-genre", "Genre", "", "KEYS_ONLY")],
         LocalSecondaryIndexes=[index("by-year", "Artist", "Year", "KEYS_ONLY")])
    client = cloud.client("dynamodb")
    for operation, members in row.calls[:-1]:
        if operation == "advance":
            cloud.clock.advance(members["seconds"])
        elif operation == "failing":
            with pytest.raises(ClientError):
                getattr(client, members["call"][0])(**members["call"][1])
        elif operation == "ending":
            client.put_item(TableName="Things", Item={"id": S("a"), "ends": N(int(cloud.clock.now()) + members["seconds"])})
        else:
            getattr(client, operation)(**members)
    operation, members = row.calls[-1]
    if isinstance(row.expected, Refused):
        refused(getattr(client, operation), members, row.expected)
        return
    told = getattr(client, operation)(**members)
    for member, value in row.expected.items():
        assert told.get(member, ABSENT) == value, told


def refused(ask: Any, members: dict[str, Any], expected: Refused) -> None:
    with pytest.raises(ClientError) as caught:
        ask(**members)
    told: Any = caught.value.response
    assert told["Error"]["Code"] == expected.code, told
    assert expected.message in told["Error"]["Message"], told
    for member, value in expected.members.items():
        assert told.get(member, ABSENT) == value, told
