"""What a call says of items, as condition keys of policies: partition keys, attributes, what is answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from cumulet.kernel import AwsError, Call, parse_arn

from . import search
from .expressions import conditions, parser, paths, updates
from .keys import facts_of
from .partiql import plan, rights
from .resources import Layout
from .terms import Terms
from .values import Value

_READS = {"GetItem", "BatchGetItem", "TransactGetItems", "Query", "Scan"}
_EXPRESSIONS: dict[str, Callable[..., Any]] = {
    "UpdateExpression": updates.compiled, "ProjectionExpression": paths.projection,
    **{label: partial(conditions.compiled, label) for label in (
        "ConditionExpression", "FilterExpression", "KeyConditionExpression")}}
_WHOLE, _SOME = "ALL_ATTRIBUTES", "SPECIFIC_ATTRIBUTES"


def keys(call: Call, members: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html"""
    found: dict[str, str | list[str]] = {}
    texts = rights.texts(members)
    said = rights.said(texts, lambda table, index: _schema(call, table, index))
    if leading := [*_leading(call, members), *said.leading]:
        found["dynamodb:leadingkeys"] = sorted(set(leading))
    if attributes := sorted({*_attributes(members), *said.attributes}):
        found["dynamodb:attributes"] = attributes
    if "TransactItems" in members or "TransactStatements" in members:
        found["dynamodb:enclosingoperation"] = call.operation
    for member in ("ReturnValues", "ReturnConsumedCapacity"):
        if isinstance(value := members.get(member), str):
            found[f"dynamodb:{member.lower()}"] = value
    if said.returned:
        found["dynamodb:returnvalues"] = sorted(set(said.returned))
    if said.scans is not None:
        found["dynamodb:fulltablescan"] = str(said.scans).lower()
    if select := said.select or (_select(members) if call.operation in _READS else ""):
        found["dynamodb:select"] = select
    return found


def _select(members: Mapping[str, Any]) -> str:
    """What of the items a read asks for, said or not."""
    if members.get("Select"):
        return str(members["Select"])
    each = [*(members.get("RequestItems") or {}).values(), *(one.get("Get", {}) for one in members.get("TransactItems") or ())]
    some = [bool(one.get("ProjectionExpression") or one.get("AttributesToGet")) for one in each or [members]]
    return _SOME if all(some) else "ALL_PROJECTED_ATTRIBUTES" if members.get("IndexName") else _WHOLE


def _leading(call: Call, members: Mapping[str, Any]) -> list[str]:
    """The values of the partition keys that the call is about."""
    found = []
    for name, item in _items(members):
        schema = _schema(call, name, "")
        for attribute, _ in schema.hash if schema is not None else ():
            found += rights.plain(item.get(attribute) or {})
    for value in _asked(call, members):
        found += rights.plain(value)
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
            yield said["TableName"], said.get("Key") or said.get("Item") or {}


def _asked(call: Call, members: Mapping[str, Any]) -> list[Value]:
    """The partition key that a Query names."""
    text, old = members.get("KeyConditionExpression"), members.get("KeyConditions") or {}
    schema = _schema(call, members.get("TableName", ""), members.get("IndexName") or "") if text or old else None
    if schema is None:
        return []
    if not text:
        return [value for name, _ in schema.hash for value in (old.get(name) or {}).get("AttributeValueList") or []]
    try:
        terms = Terms(members.get("ExpressionAttributeNames"), members.get("ExpressionAttributeValues"),
                      KeyConditionExpression=text)
        found = plan.hash_values(schema, terms.condition(text, "KeyConditionExpression"), terms.values)
        return [value for values in found or () for value in values]
    except AwsError:                     # the operation will say it
        return []


def _schema(call: Call, table: str, index: str) -> search.Schema | None:
    """The key of a table or index, if there is such."""
    arn = parse_arn(table) if ":" in table else None
    if arn is not None:
        call, table = call.elsewhere(account=arn.account), arn.resource.split("/")[-1]
    row = call.table(Layout).known(table)
    if row is None:
        return None
    facts = facts_of(row.facts)
    return search.schema_of(next((i for i in facts.indexes if i.name == index), facts) if index else facts)


def _attributes(members: Mapping[str, Any]) -> Iterable[str]:
    """Top-level attributes that the call names."""
    for said in _parts(members):
        for member in ("Key", "Item", "Expected", "AttributeUpdates", "KeyConditions", "ScanFilter", "QueryFilter"):
            yield from said.get(member) or ()
        for key in said.get("Keys") or ():
            yield from key
        yield from said.get("AttributesToGet") or ()
        yield from (said.get("ExpressionAttributeNames") or {}).values()
        for member, compiled in _EXPRESSIONS.items():
            if text := said.get(member):
                try:
                    yield from compiled(text, parser.names_of(said.get("ExpressionAttributeNames"))).roots
                except AwsError:         # the operation will say it
                    continue


def _parts(members: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    """A call, and the requests that are in it."""
    yield members
    for asked in (members.get("RequestItems") or {}).values():
        yield from [asked] if isinstance(asked, dict) else [said for one in asked for said in one.values()]
    yield from (said for item in members.get("TransactItems") or () for said in item.values())
