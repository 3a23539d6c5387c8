"""Tables: create, describe, update, delete, list."""

from __future__ import annotations

from typing import Any

import msgspec

from cumulet.kernel import Call, error, not_implemented, operation

from .. import background, backups, encryption, insights, journal, keys, policies, replicas, tables, throttling, vectors
from ..definitions import change_indexes, change_stream, change_vectors, counted, save, settle, start_stream, tag_map
from ..destinations import forget_table
from ..resources import Expiry, Facts, Layout, Table
from ..shelf import name_of, placed

Doc = dict[str, Any]
_MOST_LISTED = 100


@operation
def create_table(
        call: Call, TableName: str, AttributeDefinitions: list[dict[str, str]] | None = None,
        KeySchema: list[dict[str, str]] | None = None, LocalSecondaryIndexes: list[Doc] | None = None,
        GlobalSecondaryIndexes: list[Doc] | None = None, BillingMode: str = "PROVISIONED",
        ProvisionedThroughput: dict[str, int] | None = None, StreamSpecification: Doc | None = None,
        Tags: list[dict[str, str]] | None = None, TableClass: str = "STANDARD",
        DeletionProtectionEnabled: bool = False, ResourcePolicy: str | None = None,
        OnDemandThroughput: dict[str, int] | None = None, WarmThroughput: dict[str, int] | None = None,
        SSESpecification: Doc | None = None, VectorIndexes: list[Doc] | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html"""
    if ":" in TableName:
        raise error.ValidationException("Invalid table name: only a name may be given to a new table")
    if not 3 <= len(TableName) <= 255:
        raise error.ValidationException("TableName must be at least 3 characters long and at most 255 characters long")
    for member, given in (("LocalSecondaryIndexes", LocalSecondaryIndexes), ("GlobalSecondaryIndexes", GlobalSecondaryIndexes),
                          ("VectorIndexes", VectorIndexes)):
        if given is not None and not given:
            raise tables.invalid(f"List of {member} is empty")
    table = Table(
        TableName=TableName, AttributeDefinitions=AttributeDefinitions or [], KeySchema=KeySchema or [],
        LocalSecondaryIndexes=LocalSecondaryIndexes or [], GlobalSecondaryIndexes=GlobalSecondaryIndexes or [],
        BillingMode=BillingMode, ProvisionedThroughput=ProvisionedThroughput, TableClass=TableClass,
        DeletionProtectionEnabled=DeletionProtectionEnabled, tags=tag_map(Tags), created=call.now, identity=call.uuid(),
        on_demand_since=call.now if BillingMode == "PAY_PER_REQUEST" else 0.0, OnDemandThroughput=OnDemandThroughput,
        WarmThroughput=WarmThroughput, vector_indexes=VectorIndexes or [])
    tables.check(table)
    throttling.check_all(table)
    facts = encryption.change(call, table, settle(call, table), SSESpecification)
    if StreamSpecification and StreamSpecification.get("StreamEnabled", True):    # CloudFormation leaves it out
        facts = start_stream(call, table, facts, StreamSpecification)
    save(call, table, facts)
    if ResourcePolicy is not None:
        policies.put(call, policies.find(call, call.arn(table)), ResourcePolicy)
    return {"TableDescription": tables.described(table, facts, call.arn(table), {}, "CREATING")}


@operation
def describe_table(call: Call, TableName: str) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTable.html"""
    call, TableName = placed(call, TableName)
    table, facts = _known(call, TableName)
    status = facts.state or encryption.status(call, table, facts)
    if status == "ACTIVE" and table.replicas:
        status = replicas.status(call, table)
    told = tables.described(table, facts, call.arn(table), counted(call, table, facts), status)
    return {"Table": told | replicas.described(call, table)}


@operation
def list_tables(call: Call, ExclusiveStartTableName: str | None = None, Limit: int = _MOST_LISTED) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTables.html"""
    rows = call.table(Layout).scan(after=ExclusiveStartTableName, limit=Limit + 1)
    names = [row.name for row in rows[:Limit]]
    return {"TableNames": names, "LastEvaluatedTableName": names[-1] if len(rows) > Limit else None}


@operation
def delete_table(call: Call, TableName: str) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DeleteTable.html"""
    table, facts = _settled(call, TableName)
    if table.DeletionProtectionEnabled:
        raise error.ValidationException("Resource cannot be deleted as it is currently protected against deletion. "
                                        "Disable deletion protection first.")
    if journal.is_read(call, table.number):
        raise error.ResourceInUseException(
            f"Attempt to change a resource which is still in use: Table is being backed up, exported or restored: {TableName}")
    told = tables.described(table, facts, call.arn(table), {}, "DELETING")
    if table.replicas:
        replicas.leave(call, table)
    kept = backups.last_one(call, table, facts)
    if facts.stream:
        change_stream(call, table, facts, {"StreamEnabled": False})
    forget_table(call, table.number)
    call.table(Table).delete(table.TableName)
    call.table(Layout).delete(table.TableName)
    for place in (*(() if kept else (table.number,)), *(index.number for index in facts.indexes)):
        call.task(background.drop, place=place)
    for index in facts.vectors:
        call.task(background.drop_vectors, place=index.number)
    journal.close(call, table.number)
    policies.forget(call, f"table/{table.TableName}")
    insights.end(call, table.TableName)
    encryption.forget(call, table)
    call.cancel(background.expire, str(table.number))
    return {"TableDescription": told}


@operation
def update_table(
        call: Call, TableName: str, AttributeDefinitions: list[dict[str, str]] | None = None, BillingMode: str | None = None,
        ProvisionedThroughput: dict[str, int] | None = None, GlobalSecondaryIndexUpdates: list[Doc] | None = None,
        StreamSpecification: Doc | None = None, TableClass: str | None = None,
        DeletionProtectionEnabled: bool | None = None, OnDemandThroughput: dict[str, int] | None = None,
        WarmThroughput: dict[str, int] | None = None, SSESpecification: Doc | None = None,
        ReplicaUpdates: list[Doc] | None = None, MultiRegionConsistency: str = "EVENTUAL",
        VectorIndexUpdates: list[Doc] | None = None, DisassociationProtectionEnabled: bool | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html"""
    if MultiRegionConsistency != "EVENTUAL":
        raise not_implemented("MultiRegionConsistency STRONG")
    table, facts = _settled(call, TableName)
    changes = DeletionProtectionEnabled is not None or any((
        BillingMode, ProvisionedThroughput, GlobalSecondaryIndexUpdates, StreamSpecification, TableClass, OnDemandThroughput,
        WarmThroughput, SSESpecification, ReplicaUpdates, VectorIndexUpdates))
    if DisassociationProtectionEnabled is not None:
        replicas.protect(table, DisassociationProtectionEnabled, changes)
    elif not changes:
        raise error.ValidationException(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or "
            "SSESpecification or ReplicaUpdates is required")
    if facts.filling:
        raise error.ResourceInUseException(
            f"Attempt to change a resource which is still in use: Table is being updated: {table.TableName}")
    if StreamSpecification is not None and ProvisionedThroughput is not None:
        raise tables.invalid("You cannot modify stream status while updating table IOPS")
    _change_billing(call, table, BillingMode, ProvisionedThroughput)
    if BillingMode or ProvisionedThroughput:
        replicas.share_units(call, table)
    if TableClass is not None:
        table.TableClass = TableClass
    if DeletionProtectionEnabled is not None:
        table.DeletionProtectionEnabled = DeletionProtectionEnabled
    _change_throughput(table, OnDemandThroughput, WarmThroughput)
    if SSESpecification is not None:
        facts = encryption.change(call, table, facts, SSESpecification)
    if GlobalSecondaryIndexUpdates:
        for there, row, known in replicas.others(call, table):
            own = replicas.with_own_reads(row, GlobalSecondaryIndexUpdates)
            save(there, row, change_indexes(there, row, known, AttributeDefinitions, own))
        facts = change_indexes(call, table, facts, AttributeDefinitions, GlobalSecondaryIndexUpdates)
    if StreamSpecification is not None:
        if table.replicas:
            raise tables.invalid("The stream of a global table cannot be changed")
        facts = change_stream(call, table, facts, StreamSpecification)
    if ReplicaUpdates:
        facts = replicas.change(call, table, facts, ReplicaUpdates)
    if VectorIndexUpdates:
        facts = change_vectors(call, table, facts, AttributeDefinitions, VectorIndexUpdates)
    vectors.check(table)
    save(call, table, facts)
    told = tables.described(table, facts, call.arn(table), counted(call, table, facts), "UPDATING")
    return {"TableDescription": told | replicas.described(call, table)}


def _change_throughput(table: Table, most: dict[str, int] | None, warm: dict[str, int] | None) -> None:
    if most is not None:
        throttling.check(table.BillingMode, most)
        table.OnDemandThroughput = throttling.changed(table.OnDemandThroughput, most)
    if warm is not None:
        table.WarmThroughput = tables.warmer(table.BillingMode, table.ProvisionedThroughput, table.WarmThroughput, warm)


def _change_billing(call: Call, table: Table, mode: str | None, units: dict[str, int] | None) -> None:
    if mode is None and units is None:
        return
    before = table.BillingMode
    if mode is not None:
        table.BillingMode = mode
    if table.replicas and mode is not None:
        replicas.must_be_scaled(call, table)
    if before == table.BillingMode == "PROVISIONED" and units == table.ProvisionedThroughput:
        assert units is not None
        reads, writes = units["ReadCapacityUnits"], units["WriteCapacityUnits"]
        raise error.ValidationException(
            "The provisioned throughput for the table will not change. The requested value equals the current value. "
            f"Current ReadCapacityUnits provisioned for the table: {reads}. Requested ReadCapacityUnits: {reads}. "
            f"Current WriteCapacityUnits provisioned for the table: {writes}. Requested WriteCapacityUnits: {writes}. "
            "Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.")
    if table.BillingMode == "PAY_PER_REQUEST":
        tables.check_throughput(table.BillingMode, units)
        table.ProvisionedThroughput = None
        for index in table.GlobalSecondaryIndexes:
            index.pop("ProvisionedThroughput", None)
        if before != table.BillingMode:
            table.on_demand_since = call.now
    elif units is not None:
        table.ProvisionedThroughput = units
        table.OnDemandThroughput = None
        for index in table.GlobalSecondaryIndexes:
            index.pop("OnDemandThroughput", None)
    tables.check_throughput(table.BillingMode, table.ProvisionedThroughput)


def _known(call: Call, name: str) -> tuple[Table, Facts]:
    table = call.get(Table, name_of(call, name))
    layout = call.table(Layout).get(table.TableName)
    assert layout is not None
    return table, keys.facts_of(layout.facts)


def _settled(call: Call, name: str) -> tuple[Table, Facts]:
    """A table that may be changed: items are not being brought into it."""
    table, facts = _known(call, name)
    if facts.state:
        raise error.ResourceInUseException(
            f"Attempt to change a resource which is still in use: Table is being created: {table.TableName}")
    return table, facts


# --- time to live ---

@operation
def update_time_to_live(call: Call, TableName: str, TimeToLiveSpecification: Doc) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html"""
    table, facts = _settled(call, TableName)
    name, enabled = TimeToLiveSpecification["AttributeName"], TimeToLiveSpecification["Enabled"]
    if enabled and facts.ttl:
        raise error.ValidationException("TimeToLive is already enabled")
    if not enabled and not facts.ttl:
        raise error.ValidationException("TimeToLive is already disabled")
    if not enabled and name != facts.ttl:
        raise error.ValidationException(
            f"TimeToLive is active on a different AttributeName: current AttributeName is {facts.ttl}")
    for there, row, known in ((call, table, facts), *replicas.others(call, table)):
        _switch_ttl(there, row, known, name if enabled else "")
    return {"TimeToLiveSpecification": TimeToLiveSpecification}


def _switch_ttl(call: Call, table: Table, facts: Facts, name: str) -> None:
    """Items end by this attribute from now on, or ("") no more."""
    table.TimeToLiveSpecification = {"AttributeName": name, "Enabled": True} if name else None
    save(call, table, msgspec.structs.replace(facts, ttl=name))
    if name:
        call.task(background.mark, table=table.TableName, number=table.number)
    else:
        call.table(Expiry).delete_all(table.number)
        call.cancel(background.expire, str(table.number))


@operation
def describe_time_to_live(call: Call, TableName: str) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeTimeToLive.html"""
    call, TableName = placed(call, TableName)
    _, facts = _known(call, TableName)
    return {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": facts.ttl} if facts.ttl else
            {"TimeToLiveStatus": "DISABLED"}}
