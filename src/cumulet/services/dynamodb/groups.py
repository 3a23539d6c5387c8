"""Global tables of version 2017.11.29: tables that exist in several regions, joined and parted by name.

They replicate as those of the current version do; items get no `aws:rep:` attributes.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables.V1.html
"""

from __future__ import annotations

from typing import Any

import msgspec

from cumulet.kernel import Call, error

from . import keys, replicas, scaling, tables
from .definitions import save
from .resources import Entry, Facts, GlobalTable, Layout, Table

Doc = dict[str, Any]
Member = tuple[Call, Table, Facts]


def find(call: Call, name: str) -> GlobalTable:
    group = call.table(GlobalTable).get(name)
    if group is None or not group.regions:
        raise error.GlobalTableNotFoundException(f"Global table not found: Global table with name: '{name}' does not exist.")
    return group


def create(call: Call, name: str, regions: list[str]) -> GlobalTable:
    """Join empty tables of several regions."""
    before = call.table(GlobalTable).get(name)
    if before is not None and before.regions:
        raise error.GlobalTableAlreadyExistsException(
            f"Global table already exists: Global table with name: '{name}' already exists.")
    if not regions or len(set(regions)) < len(regions):
        raise error.ValidationException("ReplicationGroup must name each region once")
    found = [_fit(call, name, region) for region in regions]
    for _, table, _ in found[1:]:
        _alike(found[0][1], table)
    group = GlobalTable(name, list(regions), call.now)
    call.put(group)
    _join(found[0], regions)
    return group


def add(call: Call, group: GlobalTable, region: str) -> None:
    """Join one more empty table; what is there comes into it."""
    if region in group.regions:
        raise error.ReplicaAlreadyExistsException(f"Replica already exists in region: '{region}'")
    new, first = _fit(call, group.name, region), member(call, group, group.regions[0])
    _alike(first[1], new[1])
    group.regions = [*group.regions, region]
    call.put(group)
    _join(first, group.regions, region)


def remove(call: Call, group: GlobalTable, region: str) -> None:
    """Part one table from the group; it stays as it is."""
    there, table, facts = member(call, group, region)
    if table.replicas:
        replicas.leave(there, table)
    else:
        group.regions.remove(region)
        call.put(group)
    save(there, table, msgspec.structs.replace(facts, regions=()))


def member(call: Call, group: GlobalTable, region: str) -> Member:
    """The table of one region of a group."""
    there = call.elsewhere(region=region)
    table, layout = there.table(Table).get(group.name), there.table(Layout).get(group.name)
    if region not in group.regions or table is None or layout is None:
        raise error.ReplicaNotFoundException(f"Replica not found in region: '{region}'")
    return there, table, keys.facts_of(layout.facts)


def _fit(call: Call, name: str, region: str) -> Member:
    """A table that may join."""
    there = call.elsewhere(region=region)
    table, layout = there.table(Table).get(name), there.table(Layout).get(name)
    if table is None or layout is None:
        raise error.TableNotFoundException(f"Table not found: {name} in region {region}")
    facts = keys.facts_of(layout.facts)
    if table.replicas:
        raise error.ValidationException(f"Table {name} in region {region} is part of a global table already")
    if facts.view != "NEW_AND_OLD_IMAGES":
        raise error.ValidationException(
            f"Table {name} in region {region} needs a stream with new and old images to be part of a global table")
    if there.table(Entry).scan(table.number, limit=1):
        raise error.ValidationException(f"Table {name} in region {region} must be empty to be part of a global table")
    return there, table, facts


def _alike(one: Table, other: Table) -> None:
    if _shape(one) != _shape(other):
        raise error.ValidationException(f"The tables named {one.TableName} differ in their keys or indexes")


def _shape(table: Table) -> Doc:
    """What the tables of a group have in common."""
    return {"keys": table.KeySchema, "kinds": {d["AttributeName"]: d["AttributeType"] for d in table.AttributeDefinitions},
            "wide": {index["IndexName"]: index["KeySchema"] for index in table.GlobalSecondaryIndexes},
            "local": {index["IndexName"]: index["KeySchema"] for index in table.LocalSecondaryIndexes}}


def _join(first: Member, regions: list[str], new: str = "") -> None:
    there, table, facts = first
    others = [region for region in regions if region != there.region]
    save(there, table, replicas.join(there, table, facts, others, replicas.LEGACY, new))


# --- as it is told ---

def described(call: Call, group: GlobalTable, status: str = "ACTIVE") -> Doc:
    """GlobalTableDescription."""
    return {"GlobalTableName": group.name, "GlobalTableStatus": status, "CreationDateTime": group.created,
            "GlobalTableArn": f"arn:aws:dynamodb::{call.account}:global-table/{group.name}",
            "ReplicationGroup": [{"RegionName": region, "ReplicaStatus": "ACTIVE"} for region in group.regions]}


def settings(call: Call, group: GlobalTable) -> Doc:
    """What DescribeGlobalTableSettings tells."""
    return {"GlobalTableName": group.name,
            "ReplicaSettings": [_settings(member(call, group, region)) for region in group.regions]}


def _settings(one: Member) -> Doc:
    there, table, facts = one
    units = tables.throughput(table.ProvisionedThroughput)
    told: Doc = {
        "RegionName": there.region, "ReplicaStatus": "ACTIVE",
        "ReplicaBillingModeSummary": {"BillingMode": table.BillingMode},
        "ReplicaProvisionedReadCapacityUnits": units["ReadCapacityUnits"],
        "ReplicaProvisionedWriteCapacityUnits": units["WriteCapacityUnits"],
        "ReplicaTableClassSummary": {"TableClass": table.TableClass},
        **_scaled(there, table, "", "Replica")}
    if table.GlobalSecondaryIndexes:
        ready = {index.name: index.ready for index in facts.indexes}
        told["ReplicaGlobalSecondaryIndexSettings"] = [
            {"IndexName": index["IndexName"], "IndexStatus": "ACTIVE" if ready[index["IndexName"]] else "CREATING",
             "ProvisionedReadCapacityUnits": (index.get("ProvisionedThroughput") or {}).get("ReadCapacityUnits"),
             "ProvisionedWriteCapacityUnits": (index.get("ProvisionedThroughput") or {}).get("WriteCapacityUnits"),
             **_scaled(there, table, index["IndexName"], "")}
            for index in table.GlobalSecondaryIndexes]
    return told


def _scaled(there: Call, table: Table, index: str, prefix: str) -> Doc:
    """How reads and writes are scaled, where there are units that could be."""
    return {f"{prefix}Provisioned{kind}CapacityAutoScalingSettings":
            scaling.settings(there, scaling.Capacity(table.TableName, index, kind))
            for kind in scaling.KINDS if table.BillingMode == "PROVISIONED"}
