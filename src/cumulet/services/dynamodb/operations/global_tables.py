"""Global tables of version 2017.11.29: create, update, describe, list, settings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import groups, scaling
from ..definitions import save
from ..resources import GlobalTable, Table
from ..scaling import Change

Doc = dict[str, Any]
_MOST_LISTED = 100


@operation
def create_global_table(call: Call, GlobalTableName: str, ReplicationGroup: list[Doc]) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateGlobalTable.html"""
    group = groups.create(call, GlobalTableName, [one.get("RegionName") or call.region for one in ReplicationGroup])
    return {"GlobalTableDescription": groups.described(call, group, "CREATING")}


@operation
def update_global_table(call: Call, GlobalTableName: str, ReplicaUpdates: list[Doc]) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateGlobalTable.html"""
    for update in ReplicaUpdates:
        group = groups.find(call, GlobalTableName)
        if "Create" in update:
            groups.add(call, group, update["Create"]["RegionName"])
        if "Delete" in update:
            groups.remove(call, group, update["Delete"]["RegionName"])
    told = call.table(GlobalTable).get(GlobalTableName)
    assert told is not None
    return {"GlobalTableDescription": groups.described(call, told, "UPDATING")}


@operation
def describe_global_table(call: Call, GlobalTableName: str) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeGlobalTable.html"""
    return {"GlobalTableDescription": groups.described(call, groups.find(call, GlobalTableName))}


@operation
def list_global_tables(call: Call, ExclusiveStartGlobalTableName: str | None = None, Limit: int = _MOST_LISTED,
                       RegionName: str | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListGlobalTables.html"""
    found = [row for row in call.table(GlobalTable).scan(after=ExclusiveStartGlobalTableName)
             if row.regions and (RegionName is None or RegionName in row.regions)]
    told = [{"GlobalTableName": row.name, "ReplicationGroup": [{"RegionName": region} for region in row.regions]}
            for row in found[:Limit]]
    return {"GlobalTables": told, "LastEvaluatedGlobalTableName": found[Limit - 1].name if len(found) > Limit else None}


@operation
def describe_global_table_settings(call: Call, GlobalTableName: str) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeGlobalTableSettings.html"""
    return groups.settings(call, groups.find(call, GlobalTableName))


@operation
def update_global_table_settings(
        call: Call, GlobalTableName: str, GlobalTableBillingMode: str | None = None,
        GlobalTableProvisionedWriteCapacityUnits: int | None = None,
        GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate: Doc | None = None,
        GlobalTableGlobalSecondaryIndexSettingsUpdate: list[Doc] | None = None,
        ReplicaSettingsUpdate: list[Doc] | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateGlobalTableSettings.html"""
    group = groups.find(call, GlobalTableName)
    own = {one["RegionName"]: one for one in ReplicaSettingsUpdate or ()}
    for region in own:
        groups.member(call, group, region)
    members = {}
    for region in group.regions:
        there, table, facts = groups.member(call, group, region)
        members[region] = there
        _units(table, GlobalTableBillingMode, GlobalTableProvisionedWriteCapacityUnits, own.get(region) or {})
        _index_units(table, GlobalTableGlobalSecondaryIndexSettingsUpdate or [], "Write")
        _index_units(table, (own.get(region) or {}).get("ReplicaGlobalSecondaryIndexSettingsUpdate") or [], "Read")
        save(there, table, facts)
    scaling.apply(members, GlobalTableName, _scalings(
        GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate, GlobalTableGlobalSecondaryIndexSettingsUpdate or [],
        ReplicaSettingsUpdate or []))
    return groups.settings(call, group)


def _scalings(writes: Doc | None, indexes: list[Doc], own: list[Doc]) -> Iterator[Change]:
    """Auto scaling: writes alike everywhere, reads by region."""
    if writes is not None:
        yield Change("", "", "Write", writes)
    for index in indexes:
        if wanted := index.get("ProvisionedWriteCapacityAutoScalingSettingsUpdate"):
            yield Change("", index["IndexName"], "Write", wanted)
    for update in own:
        if wanted := update.get("ReplicaProvisionedReadCapacityAutoScalingSettingsUpdate"):
            yield Change(update["RegionName"], "", "Read", wanted)
        for index in update.get("ReplicaGlobalSecondaryIndexSettingsUpdate") or ():
            if wanted := index.get("ProvisionedReadCapacityAutoScalingSettingsUpdate"):
                yield Change(update["RegionName"], index["IndexName"], "Read", wanted)


def _units(table: Table, mode: str | None, writes: int | None, own: Doc) -> None:
    """Billing, units and class of one replica."""
    table.TableClass = own.get("ReplicaTableClass") or table.TableClass
    table.BillingMode = mode or table.BillingMode
    if table.BillingMode == "PAY_PER_REQUEST":
        table.ProvisionedThroughput = None
        return
    before = table.ProvisionedThroughput or {}
    units = {"ReadCapacityUnits": own.get("ReplicaProvisionedReadCapacityUnits") or before.get("ReadCapacityUnits", 0),
             "WriteCapacityUnits": writes or before.get("WriteCapacityUnits", 0)}
    if not all(units.values()):
        raise error.ValidationException("Read and write capacity units must be given when the billing mode is PROVISIONED")
    table.ProvisionedThroughput = units


def _index_units(table: Table, updates: list[Doc], kind: str) -> None:
    for update in updates:
        index = next((one for one in table.GlobalSecondaryIndexes if one["IndexName"] == update["IndexName"]), None)
        if index is None:
            raise error.IndexNotFoundException(f"Index not found: {update['IndexName']}")
        units = update.get(f"Provisioned{kind}CapacityUnits")
        if units:
            index["ProvisionedThroughput"] = {**(index.get("ProvisionedThroughput") or {}), f"{kind}CapacityUnits": units}
