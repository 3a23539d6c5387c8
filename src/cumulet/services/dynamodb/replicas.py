"""Global tables: which regions have a replica, how one is made and leaves, and how they are told.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GlobalTables.html
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from cumulet.kernel import Call, error, not_implemented

from . import background, keys, replication, scaling, tables
from .archives import Bulk
from .definitions import save, start_stream
from .resources import Facts, GlobalTable, Layout, Table

Doc = dict[str, Any]
CURRENT, LEGACY = "2019.11.21", "2017.11.29"
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d+")
_OWN = {"RegionName", "TableClassOverride", "OnDemandThroughputOverride", "ProvisionedThroughputOverride"}
_HONOURED = {"Create": {*_OWN, "KMSMasterKeyId"}, "Update": _OWN, "Delete": {"RegionName"},
             "Disassociate": {"RegionName", "DisassociationMode"}}
_LOCAL = ("Cannot add, delete, or update the local region through ReplicaUpdates. Use CreateTable, DeleteTable, or UpdateTable "
          "as required.")


def change(call: Call, table: Table, facts: Facts, updates: list[Doc]) -> Facts:
    """ReplicaUpdates: one replica comes or goes."""
    if len(updates) != 1 or len(updates[0]) != 1:
        raise error.ValidationException("Only one replica can be created, updated or deleted at a time")
    [(action, asked)] = updates[0].items()
    if action not in _HONOURED:
        raise not_implemented(f"{action} of ReplicaUpdates")
    for member in asked.keys() - _HONOURED[action]:
        raise not_implemented(f"{member} of a replica")
    region = asked["RegionName"]
    if action == "Disassociate":
        return _disassociate(call, table, facts, region)
    if region == call.region:
        raise error.ValidationException(_LOCAL)
    if not _REGION.fullmatch(region):
        raise tables.invalid(f"Region {region} does not exist")
    if status(call, table) == "UPDATING":
        raise error.ResourceInUseException(
            f"Attempt to change a resource which is still in use: Table is being updated: {table.TableName}")
    if action == "Create":
        return _create(call, table, facts, asked)
    if region not in table.replicas:
        raise error.ValidationException(f"Failed to {action.lower()} the replica of table with name: '{table.TableName}' "
                                        f"because there is none in region '{region}'")
    there = call.elsewhere(region=region)
    if action == "Update":
        override = asked.get("ProvisionedThroughputOverride")
        there.aws.dynamodb.update_table(TableName=table.TableName, TableClass=asked.get("TableClassOverride"),
                                        OnDemandThroughput=asked.get("OnDemandThroughputOverride"),
                                        ProvisionedThroughput=_units(table, override) if override else None)
        return facts
    return _delete(call, there, table)


def protect(table: Table, on: bool, changes: bool) -> None:
    """Switch disassociation protection of the local replica. changes: the request has others."""
    if changes:
        raise error.ValidationException("DisassociationProtectionEnabled cannot be combined with any other change")
    if table.global_version != CURRENT:
        raise error.ValidationException(
            f"DisassociationProtectionEnabled can be specified only for replicas of global tables of version {CURRENT}")
    table.leaves = not on


def _disassociate(call: Call, table: Table, facts: Facts, region: str) -> Facts:
    """The local replica becomes a table of its own, once it has what was written elsewhere."""
    if region != call.region:
        raise error.ValidationException("Only the local replica can be disassociated: send the request to its region")
    if table.global_version != CURRENT:
        raise error.ValidationException(f"Table is not a replica of a global table of version {CURRENT}: {table.TableName}")
    if not table.leaves:
        raise error.ValidationException("Replica cannot be disassociated as it is currently protected against disassociation. "
                                        "Disable disassociation protection first.")
    for there, row, _ in others(call, table):
        replication.deliver_all(there, row.TableName, row.number)
    leave(call, table)
    table.leaves = False
    return msgspec.structs.replace(facts, regions=())


def _delete(call: Call, there: Call, table: Table) -> Facts:
    """The replica leaves the group with its table; what that changed here is read again."""
    there.aws.dynamodb.delete_table(TableName=table.TableName)
    left = call.table(Table).get(table.TableName)
    layout = call.table(Layout).get(table.TableName)
    assert left is not None
    assert layout is not None
    table.replicas, table.global_version = left.replicas, left.global_version
    return keys.facts_of(layout.facts)


def _units(table: Table, override: Doc | None) -> Doc | None:
    """Of a replica: reads may be its own."""
    if table.ProvisionedThroughput is None and override:
        raise tables.invalid("ProvisionedThroughputOverride can be specified only when BillingMode is PROVISIONED")
    return {**table.ProvisionedThroughput, **(override or {})} if table.ProvisionedThroughput is not None else None


def must_be_scaled(call: Call, table: Table) -> None:
    """A global table's writes are on demand, or follow their load."""
    if table.BillingMode == "PROVISIONED" and not scaling.is_scaled(call, table):
        raise error.ValidationException("Table write capacity should either be Pay-Per-Request or AutoScaled.")


def share_units(call: Call, table: Table) -> None:
    """All replicas have the same billing and writes; reads are each one's own."""
    if table.global_version != CURRENT:
        return
    units = table.ProvisionedThroughput
    for there, row, facts in others(call, table):
        row.BillingMode, row.on_demand_since = table.BillingMode, table.on_demand_since
        if units is not None:
            reads = (row.ProvisionedThroughput or units)["ReadCapacityUnits"]
            row.ProvisionedThroughput = {**units, "ReadCapacityUnits": reads}
            row.OnDemandThroughput = None
        else:
            row.ProvisionedThroughput = None
        for index in row.GlobalSecondaryIndexes:
            index.pop("OnDemandThroughput" if units is not None else "ProvisionedThroughput", None)
        save(there, row, facts)


def with_own_reads(table: Table, updates: list[Doc]) -> list[Doc]:
    """Changes of indexes, as they come to a replica elsewhere: it keeps what it has of reads."""
    before = {index["IndexName"]: index.get("ProvisionedThroughput") for index in table.GlobalSecondaryIndexes}
    found = []
    for update in updates:
        change = update.get("Update") or {}
        known = before.get(change.get("IndexName", ""))
        if known and change.get("ProvisionedThroughput"):
            units = {**change["ProvisionedThroughput"], "ReadCapacityUnits": known["ReadCapacityUnits"]}
            update = {"Update": {**change, "ProvisionedThroughput": units}}
        found.append(update)
    return found


def _create(call: Call, table: Table, facts: Facts, asked: Doc) -> Facts:
    region, key = asked["RegionName"], asked.get("KMSMasterKeyId")
    must_be_scaled(call, table)
    if facts.stream and facts.view != "NEW_AND_OLD_IMAGES":
        raise tables.invalid("The stream of a global table must have the StreamViewType NEW_AND_OLD_IMAGES")
    if table.grant and not key:
        raise tables.invalid("KMSMasterKeyId must be specified for each replica.")
    if call.table(Bulk).find("table", table.TableName, "IN_PROGRESS") is not None:
        raise error.ResourceInUseException(
            f"Attempt to change a resource which is still in use: A bulk put is in progress: {table.TableName}")
    there = call.elsewhere(region=region)
    if region in table.replicas or there.table(Layout).get(table.TableName) is not None:
        raise error.ValidationException(f"Failed to create a the new replica of table with name: '{table.TableName}' because "
                                        "one or more replicas already existed as tables.")
    if not facts.stream:
        facts = start_stream(call, table, facts, {"StreamViewType": "NEW_AND_OLD_IMAGES"})
    there.aws.dynamodb.create_table(
        TableName=table.TableName, AttributeDefinitions=table.AttributeDefinitions, KeySchema=table.KeySchema,
        LocalSecondaryIndexes=table.LocalSecondaryIndexes or None, GlobalSecondaryIndexes=table.GlobalSecondaryIndexes or None,
        BillingMode=table.BillingMode, StreamSpecification=table.StreamSpecification,
        ProvisionedThroughput=_units(table, asked.get("ProvisionedThroughputOverride")),
        TableClass=asked.get("TableClassOverride") or table.TableClass,
        OnDemandThroughput={**(table.OnDemandThroughput or {}), **(asked.get("OnDemandThroughputOverride") or {})} or None,
        SSESpecification={"Enabled": True, "KMSMasterKeyId": key} if key else None)
    made, layout = there.table(Table).get(table.TableName), there.table(Layout).get(table.TableName)
    assert made is not None
    assert layout is not None
    made.TimeToLiveSpecification = table.TimeToLiveSpecification
    save(there, made, msgspec.structs.replace(keys.facts_of(layout.facts), state="CREATING", ttl=facts.ttl))
    if table.BillingMode == "PROVISIONED":
        scaling.copy(call, there, table)
    return join(call, table, facts, [*table.replicas, region], CURRENT, region)


def join(call: Call, table: Table, facts: Facts, others: list[str], version: str, new: str = "") -> Facts:
    """Make a group of the tables of this region and the others; the new one is filled from here."""
    group = sorted({call.region, *others})
    for region in others:
        _belong(call.elsewhere(region=region), table.TableName, group, version)
    table.replicas, table.global_version = [region for region in group if region != call.region], version
    if new:
        call.task(replication.backfill, table=table.TableName, place=table.number, region=new)
    return msgspec.structs.replace(facts, regions=tuple(table.replicas))


def _belong(there: Call, name: str, group: list[str], version: str) -> None:
    """Tell one table of the group who belongs to it; alone, it is no global table any more."""
    row, layout = there.table(Table).get(name), there.table(Layout).get(name)
    if row is None or layout is None:
        return
    row.replicas = [region for region in group if region != there.region] if there.region in group else []
    row.global_version = version if row.replicas else ""
    facts = keys.facts_of(layout.facts)
    if not row.replicas:
        there.task(replication.forget_versions, table=name, place=row.number)
    elif facts.ttl:                                              # items of a region that left end elsewhere now
        there.task(background.mark, table=name, number=row.number)
    save(there, row, msgspec.structs.replace(facts, regions=tuple(row.replicas)))


def leave(call: Call, table: Table) -> None:
    """This region's replica leaves the group, once what was written here is told."""
    replication.deliver_all(call, table.TableName, table.number)
    for region in table.replicas:
        _belong(call.elsewhere(region=region), table.TableName, table.replicas, table.global_version)
    call.task(replication.forget_versions, table=table.TableName, place=table.number)
    group = call.table(GlobalTable).get(table.TableName) if table.global_version == LEGACY else None
    if group is not None:
        group.regions.remove(call.region)
        call.put(group)
    table.replicas, table.global_version = [], ""


def others(call: Call, table: Table) -> list[tuple[Call, Table, Facts]]:
    """The replicas of a table in other regions."""
    found = []
    for region in table.replicas:
        there = call.elsewhere(region=region)
        row, layout = there.table(Table).get(table.TableName), there.table(Layout).get(table.TableName)
        if row is not None and layout is not None:
            found.append((there, row, keys.facts_of(layout.facts)))
    return found


def described(call: Call, table: Table) -> Doc:
    """What DescribeTable tells of a global table beside all else."""
    if not table.replicas:
        return {}
    told: Doc = {"GlobalTableVersion": table.global_version, "Replicas": [
        {"RegionName": there.region, "ReplicaStatus": facts.state or "ACTIVE", "ReplicaArn": there.arn(row),
         "ReplicaTableClassSummary": {"TableClass": row.TableClass}, "KMSMasterKeyId": row.key_arn or None}
        for there, row, facts in others(call, table)]}
    return told | ({"MultiRegionConsistency": "EVENTUAL", "DisassociationProtectionEnabled": not table.leaves}
                   if table.global_version == CURRENT else {})


def status(call: Call, table: Table) -> str:
    """UPDATING while a replica is being filled."""
    return "UPDATING" if any(facts.state for _, _, facts in others(call, table)) else "ACTIVE"
