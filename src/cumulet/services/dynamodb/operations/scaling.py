"""Auto scaling of a global table's replicas: described and updated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import keys, replicas, scaling
from ..resources import Facts, Layout, Table
from ..scaling import Capacity, Change
from ..shelf import name_of

Doc = dict[str, Any]


def _known(call: Call, name: str) -> tuple[Table, Facts]:
    table = call.get(Table, name_of(call, name))
    layout = call.table(Layout).get(table.TableName)
    assert layout is not None
    return table, keys.facts_of(layout.facts)


def _members(call: Call, table: Table, facts: Facts) -> list[tuple[Call, Table, Facts]]:
    """The replicas, this region's one as well."""
    if table.global_version != replicas.CURRENT:
        raise error.ResourceNotFoundException(
            f"Requested resource not found: {table.TableName} is no global table of version {replicas.CURRENT}")
    return sorted([(call, table, facts), *replicas.others(call, table)], key=lambda one: one[0].region)


def _described(call: Call, table: Table, facts: Facts) -> Doc:
    """TableAutoScalingDescription."""
    return {"TableName": table.TableName, "TableStatus": replicas.status(call, table),
            "Replicas": [_replica(*one) for one in _members(call, table, facts)]}


def _replica(there: Call, table: Table, facts: Facts) -> Doc:
    def of(index: str) -> Iterator[tuple[str, Doc]]:
        return ((kind, scaling.settings(there, Capacity(table.TableName, index, kind))) for kind in scaling.KINDS)

    ready = {index.name: index.ready for index in facts.indexes}
    return {"RegionName": there.region, "ReplicaStatus": facts.state or "ACTIVE",
            **{f"ReplicaProvisioned{kind}CapacityAutoScalingSettings": told for kind, told in of("")},
            "GlobalSecondaryIndexes": [
                {"IndexName": index["IndexName"], "IndexStatus": "ACTIVE" if ready[index["IndexName"]] else "CREATING",
                 **{f"Provisioned{kind}CapacityAutoScalingSettings": told for kind, told in of(index["IndexName"])}}
                for index in table.GlobalSecondaryIndexes]}


@operation
def describe_table_replica_auto_scaling(call: Call, TableName: str) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTableReplicaAutoScaling.html"""
    return {"TableAutoScalingDescription": _described(call, *_known(call, TableName))}


@operation
def update_table_replica_auto_scaling(
        call: Call, TableName: str, GlobalSecondaryIndexUpdates: list[Doc] | None = None,
        ProvisionedWriteCapacityAutoScalingUpdate: Doc | None = None, ReplicaUpdates: list[Doc] | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTableReplicaAutoScaling.html"""
    table, facts = _known(call, TableName)
    members = {there.region: there for there, _, _ in _members(call, table, facts)}
    changes = [*_of_all(GlobalSecondaryIndexUpdates or [], ProvisionedWriteCapacityAutoScalingUpdate),
               *_of_some(ReplicaUpdates or [])]
    if not changes:
        raise error.ValidationException("At least one of GlobalSecondaryIndexUpdates, "
                                        "ProvisionedWriteCapacityAutoScalingUpdate or ReplicaUpdates is required")
    indexes = {"", *(index["IndexName"] for index in table.GlobalSecondaryIndexes)}
    for one in changes:
        if one.named not in indexes or one.region not in {"", *members}:
            raise error.ResourceNotFoundException(
                f"Requested resource not found: {one.named if one.named not in indexes else one.region}")
    scaling.apply(members, table.TableName, changes)
    return {"TableAutoScalingDescription": _described(call, *_known(call, TableName)) | {"TableStatus": "UPDATING"}}


def _of_all(indexes: list[Doc], writes: Doc | None) -> Iterator[Change]:
    """Writes are scaled alike everywhere."""
    if writes is not None:
        yield Change("", "", "Write", writes)
    for update in indexes:
        if wanted := update.get("ProvisionedWriteCapacityAutoScalingUpdate"):
            yield Change("", update.get("IndexName", ""), "Write", wanted)


def _of_some(updates: list[Doc]) -> Iterator[Change]:
    """Reads are each replica's own."""
    for update in updates:
        if wanted := update.get("ReplicaProvisionedReadCapacityAutoScalingUpdate"):
            yield Change(update["RegionName"], "", "Read", wanted)
        for index in update.get("ReplicaGlobalSecondaryIndexUpdates") or ():
            if wanted := index.get("ProvisionedReadCapacityAutoScalingUpdate"):
                yield Change(update["RegionName"], index.get("IndexName", ""), "Read", wanted)
