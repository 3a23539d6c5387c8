"""Tables in policies: names and ARNs, indexes, the many tables of batches and transactions, and the keys of items."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cumulet.kernel import Call, Guard, parse_arn

from .keys import facts_of
from .resources import Layout, Policy, Table

_STEPS = {"ConditionCheck": "dynamodb:ConditionCheckItem", "Put": "dynamodb:PutItem", "Update": "dynamodb:UpdateItem",
          "Delete": "dynamodb:DeleteItem", "Get": "dynamodb:GetItem"}
Targets = list[tuple[str, str]]


def targets(call: Call, members: Mapping[str, Any]) -> Targets | None:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html"""
    if "RequestItems" in members:
        return [("", _table(call, name)) for name in members["RequestItems"]]
    if "TransactItems" in members:
        steps = [(word, said) for item in members["TransactItems"] for word, said in item.items() if word in _STEPS]
        return list(dict.fromkeys((_STEPS[word], _table(call, said.get("TableName", ""))) for word, said in steps))
    name = members.get("TableName") or members.get("ResourceArn") or members.get("StreamArn") \
        or str(members.get("ShardIterator", "")).partition("|")[0]
    if not name or call.operation == "ListStreams":
        return None
    arn = _table(call, name)
    return [("", f"{arn}/index/{members['IndexName']}" if members.get("IndexName") else arn)]


def _table(call: Call, name: str) -> str:
    return name if name.startswith("arn:") else call.arn(Table(TableName=name, KeySchema=[]))


def unguarded(call: Call, members: Mapping[str, Any]) -> bool:
    """A table of this account without a policy."""
    name = members.get("TableName")
    if type(name) is not str or ":" in name:
        return False
    row = call.table(Layout).known(name)
    return row is not None and not facts_of(row.facts).guarded


def guard(call: Call, arn: str) -> Guard | None:
    """A table's policy speaks for its indexes as well; a stream has its own."""
    parsed = parse_arn(arn)
    parts = parsed.resource.split("/") if parsed is not None else []
    if len(parts) < 2 or parts[0] != "table":
        return None
    stream = len(parts) == 4 and parts[2] == "stream"
    if not stream:
        row = call.table(Layout).known(parts[1])
        if row is None or not facts_of(row.facts).guarded:
            return None
    policy = call.table(Policy).get("/".join(parts) if stream else f"table/{parts[1]}")
    return Guard(call.account, (("resource policy", policy.text),)) if policy is not None else None


def keys(call: Call, members: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html"""
    found: dict[str, str | list[str]] = {}
    if leading := _leading(call, members):
        found["dynamodb:leadingkeys"] = sorted(set(leading))
    if attributes := sorted(set(_attributes(members))):
        found["dynamodb:attributes"] = attributes
    if "TransactItems" in members:
        found["dynamodb:enclosingoperation"] = call.operation
    return found


def _leading(call: Call, members: Mapping[str, Any]) -> list[str]:
    """The values of the partition keys that the call is about."""
    found = []
    for name, item in _items(members):
        hashed = _hash(call, name.rpartition("/")[2])
        if hashed and (value := item.get(hashed)):
            found += [str(v) for v in value.values()]
    return found


def _items(members: Mapping[str, Any]) -> Iterable[tuple[str, dict[str, Any]]]:
    """Each (table, key or item) of a call."""
    for name, asked in (members.get("RequestItems") or {}).items():
        if isinstance(asked, dict):
            yield from ((name, key) for key in asked.get("Keys", ()))
        else:
            yield from ((name, said.get("Key") or said.get("Item") or {}) for one in asked for said in one.values())
    steps = [said for item in members.get("TransactItems") or () for said in item.values()]
    for said in [*steps, members]:
        if "TableName" in said:
            yield said["TableName"], said.get("Key") or said.get("Item") or _conditions(said)


def _conditions(said: Mapping[str, Any]) -> dict[str, Any]:
    """The equalities of a Query, by attribute."""
    old = said.get("KeyConditions") or {}
    found = {name: one["AttributeValueList"][0] for name, one in old.items()
             if one.get("ComparisonOperator") == "EQ" and one.get("AttributeValueList")}
    names, values = said.get("ExpressionAttributeNames") or {}, said.get("ExpressionAttributeValues") or {}
    for part in str(said.get("KeyConditionExpression", "")).replace("(", " ").replace(")", " ").replace(" and ", " AND ") \
            .split(" AND "):
        left, equals, right = (p.strip() for p in part.partition("="))
        if equals and right in values and not left.endswith(("<", ">")):
            found[names.get(left, left)] = values[right]
    return found


def _hash(call: Call, name: str) -> str:
    row = call.table(Layout).get(name)
    return facts_of(row.facts).hash if row is not None else ""


def _attributes(members: Mapping[str, Any]) -> Iterable[str]:
    """Top-level attributes that the call names."""
    for member in ("Key", "Item", "Expected", "AttributeUpdates", "KeyConditions", "ScanFilter", "QueryFilter"):
        yield from members.get(member) or ()
    yield from members.get("AttributesToGet") or ()
    names = members.get("ExpressionAttributeNames") or {}
    yield from names.values()
    for path in str(members.get("ProjectionExpression", "")).split(","):
        top = path.strip().partition(".")[0].partition("[")[0]
        if top:
            yield names.get(top, top)
