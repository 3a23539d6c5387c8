"""Changes of a table's definition: numbers, streams that begin and end, indexes that come and go, tags, counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from cumulet.kernel import Call, error
from cumulet.kernel import Table as Rows

from . import background, insights, keys, tables, throttling, vectors
from .resources import Counter, Embedding, Entry, Facts, Layout, Stream, Table, Tail
from .streams import KEPT, arn_of

_SAMPLE = 1000                               # rows weighed for the size of a large table


def give(call: Call, name: str, count: int = 1) -> int:
    """The first of so many new numbers."""
    counter = call.table(Counter).get(name) or Counter(name, 0)
    first = counter.value + 1
    counter.value += count
    call.put(counter)
    return first


def settle(call: Call, table: Table, state: str = "") -> Facts:
    """Give a new table its numbers and the Facts that follow. The caller puts both rows."""
    if call.table(Layout).get(table.TableName) is not None:
        raise error.ResourceInUseException(f"Table already exists: {table.TableName}")
    indexes = len(table.LocalSecondaryIndexes) + len(table.GlobalSecondaryIndexes) + len(table.vector_indexes)
    table.number = give(call, "place", 1 + indexes)
    facts = tables.facts_of(table, range(table.number + 1, table.number + 1 + indexes))
    return msgspec.structs.replace(facts, state=state) if state else facts


def save(call: Call, table: Table, facts: Facts) -> None:
    """Write down a table, new or changed."""
    call.put(table)
    facts = msgspec.structs.replace(facts, limits=throttling.limits_of(table, facts))
    throttling.begin(call, facts.limits)
    call.put(Layout(table.TableName, table.number, keys.pack(facts)))


def tag_map(tags: list[dict[str, str]] | None) -> dict[str, str]:
    """A list of tags as a map."""
    return {tag["Key"]: tag["Value"] for tag in tags or ()}


def counted(call: Call, table: Table, facts: Facts) -> dict[int, tuple[int, int]]:
    """Items and bytes of a table and its indexes: exact while they are few, else by the average of the first thousand."""
    found = {}
    places: list[tuple[int, Rows[Any]]] = [(table.number, call.table(Entry))]
    places += [(index.number, call.table(Entry)) for index in facts.indexes]
    places += [(index.number, call.table(Embedding)) for index in facts.vectors]
    for place, rows in places:
        sizes = [size for (size,) in rows.sql(
            'SELECT "size" FROM {table} WHERE scope = {scope} AND "place" = ? LIMIT ?', place, _SAMPLE)]
        count = len(sizes) if len(sizes) < _SAMPLE else rows.count(place)
        found[place] = (count, sum(sizes) if count == len(sizes) else sum(sizes) * count // len(sizes))
    return found


# --- streams ---

def start_stream(call: Call, table: Table, facts: Facts, wanted: dict[str, Any]) -> Facts:
    """Begin a new stream of a table."""
    view = wanted.get("StreamViewType")
    if not view:
        raise tables.invalid("StreamViewType is required when StreamEnabled is true")
    moment = datetime.fromtimestamp(call.now, UTC)
    while True:
        label = moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}"
        if call.table(Stream).find("table", table.TableName, label) is None:
            break
        moment += timedelta(milliseconds=1)
    number = give(call, "stream")
    stream = Stream(number=number, table=table.TableName, label=label, view=view, keys=table.KeySchema, created=call.now)
    call.put(stream)
    table.stream_arn = arn_of(call, stream)
    table.StreamSpecification = {"StreamEnabled": True, "StreamViewType": view}
    return msgspec.structs.replace(facts, stream=number, view=view)


def change_stream(call: Call, table: Table, facts: Facts, wanted: dict[str, Any]) -> Facts:
    """Switch a table's stream on or off."""
    if wanted.get("StreamEnabled", True):
        if facts.stream:
            raise error.ValidationException(f"Table already has an enabled stream: TableName: {table.TableName}")
        return start_stream(call, table, facts, wanted)
    if not facts.stream:
        raise error.ValidationException(f"Table has no stream to disable: TableName: {table.TableName}")
    if wanted.get("StreamViewType"):
        raise tables.invalid("StreamViewType should not be specified when StreamEnabled is false")
    tail = call.table(Tail).get(facts.stream)
    call.table(Stream).change(facts.stream, ended=call.now, last=tail.last if tail else 0)
    call.at(call.now + KEPT, background.forget, name=f"stream-{facts.stream}", stream=facts.stream)
    table.StreamSpecification = None
    return msgspec.structs.replace(facts, stream=0, view="")


# --- indexes ---

def change_indexes(call: Call, table: Table, facts: Facts, definitions: list[dict[str, str]] | None,
                   updates: list[dict[str, Any]]) -> Facts:
    """GlobalSecondaryIndexUpdates: at most one comes or goes at a time."""
    if sum("Create" in update or "Delete" in update for update in updates) > 1:
        raise error.LimitExceededException(
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table")
    for update in updates:
        if create := update.get("Create"):
            facts = _create_index(call, table, facts, definitions, create)
        elif delete := update.get("Delete"):
            facts = _delete_index(call, table, facts, delete["IndexName"])
        elif change := update.get("Update"):
            _update_index(table, _named(table, change["IndexName"]), change)
        else:
            raise tables.invalid("One of GlobalSecondaryIndexUpdate Create, Update or Delete must be given")
    return facts


def _create_index(call: Call, table: Table, facts: Facts, definitions: list[dict[str, str]] | None,
                  create: dict[str, Any]) -> Facts:
    if any(index.name == create["IndexName"] for index in facts.indexes):
        raise error.ValidationException("Attempting to create an index which already exists")
    if len(table.GlobalSecondaryIndexes) >= tables.MOST_WIDE:
        raise error.LimitExceededException(
            f"GlobalSecondaryIndex count exceeds the per-table limit of {tables.MOST_WIDE}")
    tables.check_wide(table.BillingMode, create)
    _define(table, definitions)
    table.GlobalSecondaryIndexes = [*table.GlobalSecondaryIndexes, create]
    tables.check_attributes(table)
    number = give(call, "place")
    call.task(background.fill, table=table.TableName, number=table.number, index=number)
    index = tables.index_of(table, create, number, wide=True, ready=False)
    return msgspec.structs.replace(facts, indexes=(*facts.indexes, index))


def _define(table: Table, definitions: list[dict[str, str]] | None) -> None:
    """AttributeDefinitions that come with a new index."""
    known = {d["AttributeName"]: d for d in table.AttributeDefinitions}
    for definition in definitions or ():
        if known.setdefault(definition["AttributeName"], definition) != definition:
            raise tables.invalid("Cannot change the type of an attribute that is a key: " + definition["AttributeName"])
    table.AttributeDefinitions = list(known.values())


def _forget_definitions(table: Table) -> None:
    """Leave out AttributeDefinitions that nothing uses any more."""
    used = tables.used_attributes(table)
    table.AttributeDefinitions = [d for d in table.AttributeDefinitions if d["AttributeName"] in used]


def _update_index(table: Table, index: dict[str, Any], change: dict[str, Any]) -> None:
    """New units of an index."""
    provisioned, most, warm = (change.get(f"{name}Throughput") for name in ("Provisioned", "OnDemand", "Warm"))
    if not (provisioned or most or warm):
        raise tables.invalid(f"ProvisionedThroughput is not specified for index: {change['IndexName']}")
    if provisioned:
        tables.check_throughput(table.BillingMode, provisioned)
        index["ProvisionedThroughput"] = provisioned
    if most:
        throttling.check(table.BillingMode, most)
        index["OnDemandThroughput"] = throttling.changed(index.get("OnDemandThroughput"), most)
    if warm:
        index["WarmThroughput"] = tables.warmer(table.BillingMode, index.get("ProvisionedThroughput"),
                                                index.get("WarmThroughput"), warm)


def _delete_index(call: Call, table: Table, facts: Facts, name: str) -> Facts:
    gone = _named(table, name)
    table.GlobalSecondaryIndexes = [index for index in table.GlobalSecondaryIndexes if index is not gone]
    _forget_definitions(table)
    place = next(index.number for index in facts.indexes if index.name == name)
    call.task(background.drop, place=place)
    return msgspec.structs.replace(facts, indexes=tuple(i for i in facts.indexes if i.name != name),
                                   counted=insights.end(call, table.TableName, name))


def change_vectors(call: Call, table: Table, facts: Facts, definitions: list[dict[str, str]] | None,
                   updates: list[dict[str, Any]]) -> Facts:
    """VectorIndexUpdates: one index comes or goes at a time."""
    if len(updates) != 1 or len(updates[0]) != 1:
        raise error.LimitExceededException(
            "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table")
    [(action, asked)] = updates[0].items()
    name = asked["IndexName"]
    if action == "Create":
        _define(table, definitions)
        table.vector_indexes = [*table.vector_indexes, asked]
        tables.check(table)
        number = give(call, "place")
        call.task(background.fill_vectors, table=table.TableName, number=table.number, index=number)
        return msgspec.structs.replace(facts, vectors=(*facts.vectors, vectors.index_of(asked, number, ready=False)))
    gone = next((index for index in facts.vectors if index.name == name), None)
    if gone is None:
        raise error.ResourceNotFoundException("Requested resource not found")
    table.vector_indexes = [index for index in table.vector_indexes if index["IndexName"] != name]
    _forget_definitions(table)
    call.task(background.drop_vectors, place=gone.number)
    return msgspec.structs.replace(facts, vectors=tuple(index for index in facts.vectors if index is not gone))


def _named(table: Table, name: str) -> dict[str, Any]:
    for index in table.GlobalSecondaryIndexes:
        if index["IndexName"] == name:
            return index
    raise error.ResourceNotFoundException("Requested resource not found")
