"""Definitions of tables and indexes: what may be defined, the Facts that follow, and how a table is described."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from cumulet.kernel import AwsError, error

from . import compound, vectors
from .resources import Facts, Index, Table

Schema = list[dict[str, str]]
_INVALID = "One or more parameter values were invalid: "
_WARM = ("ReadUnitsPerSecond", "WriteUnitsPerSecond")
MOST_WIDE, MOST_LOCAL = 20, 5


def invalid(message: str) -> AwsError:
    return error.ValidationException(_INVALID + message)


def check(table: Table) -> None:
    """Raise what AWS says of a definition that does not hold together."""
    if not table.KeySchema:
        raise _null("keySchema")
    if not table.AttributeDefinitions:
        raise _null("attributeDefinitions")
    check_throughput(table.BillingMode, table.ProvisionedThroughput)
    _check_schema(table.KeySchema)
    if len(table.LocalSecondaryIndexes) > MOST_LOCAL:
        raise invalid(f"Number of LocalSecondaryIndexes exceeds per-table limit of {MOST_LOCAL}")
    if len(table.GlobalSecondaryIndexes) > MOST_WIDE:
        raise invalid(f"GlobalSecondaryIndex count exceeds the per-table limit of {MOST_WIDE}")
    seen: set[str] = set()
    for index in (*table.LocalSecondaryIndexes, *table.GlobalSecondaryIndexes):
        if index["IndexName"] in seen:
            raise invalid(f"Duplicate index name: {index['IndexName']}")
        seen.add(index["IndexName"])
    for index in table.LocalSecondaryIndexes:
        _check_local(table, index)
    for index in table.GlobalSecondaryIndexes:
        check_wide(table.BillingMode, index)
    for index in table.vector_indexes:
        _check_projection(index)
    vectors.check(table)
    check_attributes(table)


def used_attributes(table: Table) -> set[str]:
    """What the keys of a table and its indexes name, and the search schemas of vector indexes."""
    indexes = (*table.LocalSecondaryIndexes, *table.GlobalSecondaryIndexes)
    schemas = (table.KeySchema, *(index["KeySchema"] for index in indexes),
               *(index.get("SearchSchema") or () for index in table.vector_indexes))
    return {element["AttributeName"] for schema in schemas for element in schema}


def check_attributes(table: Table) -> None:
    """Every key attribute is defined, and every defined one is a key."""
    defined = [d["AttributeName"] for d in table.AttributeDefinitions]
    if len(set(defined)) < len(defined):
        raise invalid("Duplicate AttributeName in AttributeDefinitions")
    used: dict[str, None] = {}
    indexes = (*table.LocalSecondaryIndexes, *table.GlobalSecondaryIndexes)
    for schema in (table.KeySchema, *(index["KeySchema"] for index in indexes)):
        wanted = [element["AttributeName"] for element in schema]
        used |= dict.fromkeys(wanted)
        if not set(wanted) <= set(defined):
            raise invalid("Some index key attributes are not defined in AttributeDefinitions. "
                          f"Keys: [{', '.join(wanted)}], AttributeDefinitions: [{', '.join(defined)}]")
    if set(defined) - used_attributes(table):
        raise invalid("Number of attributes in KeySchema does not exactly match number of attributes defined in "
                      "AttributeDefinitions" if not indexes else "Some AttributeDefinitions are not used. "
                      f"AttributeDefinitions: [{', '.join(defined)}], keys used: [{', '.join(used)}]")


def check_throughput(mode: str, throughput: dict[str, int] | None) -> None:
    if mode == "PROVISIONED":
        if throughput is None:
            raise invalid("ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
    elif throughput is not None and (throughput["ReadCapacityUnits"] or throughput["WriteCapacityUnits"]):
        raise invalid("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")


def check_wide(mode: str, index: dict[str, Any]) -> None:
    """A global secondary index."""
    _check_compound(index["KeySchema"])
    _check_projection(index)
    if mode == "PROVISIONED" and index.get("ProvisionedThroughput") is None:
        raise invalid(f"ProvisionedThroughput is not specified for index: {index['IndexName']}")
    if mode != "PROVISIONED":
        check_throughput(mode, index.get("ProvisionedThroughput"))


def _check_local(table: Table, index: dict[str, Any]) -> None:
    schema = index["KeySchema"]
    if len(table.KeySchema) < 2:
        raise invalid("Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex")
    _check_schema(schema)
    if len(schema) < 2:
        raise invalid(f"Index KeySchema does not have a range key for index: {index['IndexName']}")
    ours, theirs = schema[0]["AttributeName"], table.KeySchema[0]["AttributeName"]
    if ours != theirs:
        raise invalid(f"Index KeySchema does not have the same leading hash key as table KeySchema for index: "
                      f"{index['IndexName']}. index hash key: {ours}, table hash key: {theirs}")
    _check_projection(index)


def _check_schema(schema: Schema) -> None:
    if schema[0]["KeyType"] != "HASH":
        raise error.ValidationException("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
    if len(schema) > 2:
        shown = ", ".join(f"KeySchemaElement(attributeName={e['AttributeName']}, keyType={e['KeyType']})" for e in schema)
        raise error.ValidationException(f"1 validation error detected: Value '[{shown}]' at 'keySchema' failed to satisfy "
                                        "constraint: Member must have length less than or equal to 2")
    if len(schema) == 2:
        if schema[0]["AttributeName"] == schema[1]["AttributeName"]:
            raise error.ValidationException(
                "Both the Hash Key and the Range Key element in the KeySchema have the same name")
        if schema[1]["KeyType"] != "RANGE":
            raise error.ValidationException("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")


def _check_compound(schema: Schema) -> None:
    """The key of a global index: up to four attributes of each sort, those of the partition key first."""
    kinds = [element["KeyType"] for element in schema]
    if kinds == ["HASH"] or (len(kinds) == 2 and kinds[0] != kinds[1]) or not kinds or kinds[0] != "HASH":
        return _check_schema(schema)
    if kinds != sorted(kinds):
        raise error.ValidationException("Invalid KeySchema: All HASH key elements must come before the RANGE key elements")
    for kind in ("HASH", "RANGE"):
        if kinds.count(kind) > compound.MOST:
            raise error.ValidationException(f"Invalid KeySchema: At most {compound.MOST} {kind} key elements are allowed")
    names = [element["AttributeName"] for element in schema]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise error.ValidationException(f"Invalid KeySchema: Some key elements have the same name: {twice}")
    return None


def _check_projection(index: dict[str, Any]) -> None:
    projection = index["Projection"]
    kind, attributes = projection.get("ProjectionType"), projection.get("NonKeyAttributes")
    if kind is None:
        raise invalid("Unknown ProjectionType: null")
    if kind == "INCLUDE" and not attributes:
        raise invalid("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
    if kind != "INCLUDE" and attributes is not None:
        raise invalid(f"ProjectionType is {kind}, but NonKeyAttributes is specified")


def _null(member: str) -> AwsError:
    return error.ValidationException(f"1 validation error detected: Value null at '{member}' failed to satisfy constraint: "
                                     "Member must not be null")


# --- facts ---

def facts_of(table: Table, numbers: Sequence[int]) -> Facts:
    """The Facts of a new table; its indexes get these numbers, local ones first, then global ones, then those of vectors."""
    [(first, first_kind)], second = _key(table, table.KeySchema)
    indexes = [index_of(table, index, number, index in table.GlobalSecondaryIndexes) for index, number in
               zip((*table.LocalSecondaryIndexes, *table.GlobalSecondaryIndexes), numbers, strict=False)]
    searched = [vectors.index_of(index, number) for index, number in
                zip(table.vector_indexes, numbers[len(indexes):], strict=True)]
    return Facts(first, first_kind, *(second[0] if second else ("", "")), tuple(indexes), vectors=tuple(searched))


def index_of(table: Table, index: dict[str, Any], number: int, wide: bool, ready: bool = True) -> Index:
    """What items need to know of an index."""
    first, second = _key(table, index["KeySchema"])
    projection = index["Projection"]
    return Index(index["IndexName"], number, *first[0], *(second[0] if second else ("", "")), projection["ProjectionType"],
                 tuple(projection.get("NonKeyAttributes") or ()), wide, ready, tuple(first[1:]), tuple(second[1:]))


def with_index_ready(facts: Facts, number: int) -> Facts:
    """The index with this number has been filled."""
    return msgspec.structs.replace(facts, indexes=tuple(
        msgspec.structs.replace(index, ready=True) if index.number == number else index for index in facts.indexes))


def _key(table: Table, schema: Schema) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The attributes of a partition key and of a sort key, with their types."""
    kinds = {d["AttributeName"]: d["AttributeType"] for d in table.AttributeDefinitions}
    first, second = ([(element["AttributeName"], kinds[element["AttributeName"]]) for element in schema
                      if element["KeyType"] == kind] for kind in ("HASH", "RANGE"))
    return first, second


# --- throughput that is ready at once ---

def warm(mode: str, provisioned: dict[str, int] | None, wanted: dict[str, int] | None) -> dict[str, Any]:
    """The reads and writes that a table or index can take at once: what was wanted, at least what it has anyway."""
    ready = (12_000, 4_000) if mode == "PAY_PER_REQUEST" or provisioned is None else (
        provisioned["ReadCapacityUnits"], provisioned["WriteCapacityUnits"])
    wanted = wanted or {}
    return {member: max(units, wanted.get(member) or 0) for member, units in zip(_WARM, ready, strict=True)}


def warmer(mode: str, provisioned: dict[str, int] | None, before: dict[str, int] | None,
           wanted: dict[str, int]) -> dict[str, int]:
    """WarmThroughput after a change, which may only raise it."""
    now = warm(mode, provisioned, before)
    for member, units in wanted.items():
        if units < now[member]:
            raise invalid(f"WarmThroughput cannot be decreased: requested {member} {units} is lower than the current value "
                          f"{now[member]}")
    return {**(before or {}), **wanted}


# --- descriptions ---

def described(table: Table, facts: Facts, arn: str, counts: dict[int, tuple[int, int]], status: str) -> dict[str, Any]:
    """TableDescription. counts: of the table and each index, how many items and bytes."""
    items, size = counts.get(table.number, (0, 0))
    told: dict[str, Any] = {
        "AttributeDefinitions": table.AttributeDefinitions, "TableName": table.TableName, "KeySchema": table.KeySchema,
        "TableStatus": "UPDATING" if facts.filling and status == "ACTIVE" else status, "CreationDateTime": table.created,
        "ProvisionedThroughput": throughput(table.ProvisionedThroughput), "TableSizeBytes": size, "ItemCount": items,
        "TableArn": arn, "TableId": table.identity, "DeletionProtectionEnabled": table.DeletionProtectionEnabled}
    if table.BillingMode == "PAY_PER_REQUEST":
        told["BillingModeSummary"] = {"BillingMode": "PAY_PER_REQUEST",
                                      "LastUpdateToPayPerRequestDateTime": table.on_demand_since}
    elif table.on_demand_since:
        told["BillingModeSummary"] = {"BillingMode": "PROVISIONED",
                                      "LastUpdateToPayPerRequestDateTime": table.on_demand_since}
    told["WarmThroughput"] = warm(table.BillingMode, table.ProvisionedThroughput, table.WarmThroughput) | {"Status": "ACTIVE"}
    if table.key_arn:
        told["SSEDescription"] = {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": table.key_arn,
                                  "InaccessibleEncryptionDateTime": table.inaccessible_since or None}
    if table.OnDemandThroughput:
        told["OnDemandThroughput"] = table.OnDemandThroughput
    if table.TableClass != "STANDARD":
        told["TableClassSummary"] = {"TableClass": table.TableClass}
    if table.stream_arn:
        told |= {"LatestStreamLabel": table.stream_arn.rpartition("/")[2], "LatestStreamArn": table.stream_arn}
    if table.StreamSpecification:
        told["StreamSpecification"] = table.StreamSpecification
    if table.origin:
        told["RestoreSummary"] = {**table.origin, "RestoreInProgress": bool(facts.state)}
    known = {index.name: index for index in facts.indexes}
    if table.LocalSecondaryIndexes:
        told["LocalSecondaryIndexes"] = [
            _described(index, known[index["IndexName"]], arn, counts) for index in table.LocalSecondaryIndexes]
    if table.GlobalSecondaryIndexes:
        told["GlobalSecondaryIndexes"] = [
            _described(index, known[index["IndexName"]], arn, counts)
            | _standing(table, index, known[index["IndexName"]], status) for index in table.GlobalSecondaryIndexes]
    if table.vector_indexes:
        of = {index.name: index for index in facts.vectors}
        told["VectorIndexes"] = [vectors.described(index, of[index["IndexName"]], arn, counts, status)
                                 for index in table.vector_indexes]
    return told


def _described(index: dict[str, Any], facts: Index, arn: str, counts: dict[int, tuple[int, int]]) -> dict[str, Any]:
    items, size = counts.get(facts.number, (0, 0))
    return {"IndexName": index["IndexName"], "KeySchema": index["KeySchema"], "Projection": index["Projection"],
            "IndexSizeBytes": size, "ItemCount": items, "IndexArn": f"{arn}/index/{index['IndexName']}"}


def _standing(table: Table, index: dict[str, Any], facts: Index, status: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "IndexStatus": (status if status in ("CREATING", "DELETING") else "ACTIVE") if facts.ready else "CREATING",
        "ProvisionedThroughput": throughput(index.get("ProvisionedThroughput")),
        "OnDemandThroughput": index.get("OnDemandThroughput"),
        "WarmThroughput": warm(table.BillingMode, index.get("ProvisionedThroughput"), index.get("WarmThroughput"))
        | {"Status": "ACTIVE"}}
    return told if facts.ready else told | {"Backfilling": True}


def throughput(units: dict[str, int] | None) -> dict[str, int]:
    return {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0} | (units or {})
