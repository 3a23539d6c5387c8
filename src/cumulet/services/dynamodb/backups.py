"""Backups: a table's definition and its items as they were at one moment, and how they are told."""

from __future__ import annotations

from typing import Any

import msgspec

from cumulet.kernel import Call, error, parse_arn

from . import copying, definitions, journal, tables
from .archives import Backup
from .resources import Facts, Layout, Table
from .shelf import name_of

Doc = dict[str, Any]
KEPT_AFTER_TABLE = 35 * journal.DAY


def known_table(call: Call, name: str) -> tuple[Table, Layout]:
    """The table of a name or ARN, as the operations of backups miss it."""
    found = name_of(call, name)
    table, layout = call.table(Table).get(found), call.table(Layout).get(found)
    if table is None or layout is None:
        raise error.TableNotFoundException(f"Table not found: {found}")
    return table, layout


def create(call: Call, table: Table, facts: Facts, layout: Layout, name: str) -> Backup:
    """Hold the table still; its items are copied in slices."""
    place = definitions.give(call, "place")
    backup = _of(call, table, facts, name, "USER", place)
    backup.source = table.number
    backup.change = journal.pin(call, layout, backup.id)
    call.put(backup)
    call.task(copying.into_backup, backup=backup.id)
    return backup


def last_one(call: Call, table: Table, facts: Facts) -> bool:
    """A table with point-in-time recovery leaves a backup behind, which takes its items over as they lie; did it?"""
    if journal.known(call, table.number) is None:
        return False
    backup = _of(call, table, facts, f"{table.TableName}$DeletedTableBackup", "SYSTEM", table.number)
    backup.complete = True
    backup.expires = call.now + KEPT_AFTER_TABLE
    backup.items, backup.size = definitions.counted(call, table, facts)[table.number]
    call.put(backup)
    call.at(backup.expires, copying.end_backup, name=backup.id, backup=backup.id)
    return True


def _of(call: Call, table: Table, facts: Facts, name: str, kind: str, place: int) -> Backup:
    return Backup(id=f"{int(call.now * 1000):014d}-{call.token(8)}", name=name, table=table.TableName, identity=table.identity,
                  kind=kind, created=call.now, definition=msgspec.msgpack.encode(table), place=place, ttl=facts.ttl, source=0,
                  change=0)


def definition(backup: Backup) -> Table:
    """The table as it was."""
    return msgspec.msgpack.decode(backup.definition, type=Table)


def arn_of(call: Call, backup: Backup) -> str:
    return f"{call.arn(definition(backup))}/backup/{backup.id}"


def find(call: Call, arn: str) -> tuple[Call, Backup]:
    """The backup of an ARN, and the region where it lies."""
    parsed = parse_arn(arn)
    parts = parsed.resource.split("/") if parsed is not None and parsed.service == "dynamodb" else []
    if parsed is None or len(parts) != 4 or parts[0] != "table" or parts[2] != "backup":
        raise error.ValidationException(f"Invalid backup ARN: {arn}")
    there = call.elsewhere(region=parsed.region)
    backup = there.table(Backup).get(parts[3]) if parsed.account == call.account else None
    if backup is None or backup.table != parts[1]:
        raise error.BackupNotFoundException(f"Backup not found: {arn}")
    return there, backup


def status(backup: Backup) -> str:
    return "AVAILABLE" if backup.complete else "CREATING"


def details(call: Call, backup: Backup) -> Doc:
    """BackupDetails."""
    return {"BackupArn": arn_of(call, backup), "BackupName": backup.name, "BackupSizeBytes": backup.size,
            "BackupStatus": status(backup), "BackupType": backup.kind, "BackupCreationDateTime": backup.created,
            "BackupExpiryDateTime": backup.expires or None}


def summary(call: Call, backup: Backup) -> Doc:
    """BackupSummary."""
    return details(call, backup) | {"TableName": backup.table, "TableId": backup.identity,
                                    "TableArn": call.arn(definition(backup))}


def described(call: Call, backup: Backup) -> Doc:
    """BackupDescription."""
    table = definition(backup)
    source = {"TableName": table.TableName, "TableId": table.identity, "TableArn": call.arn(table),
              "TableSizeBytes": backup.size, "KeySchema": table.KeySchema, "TableCreationDateTime": table.created,
              "ProvisionedThroughput": tables.throughput(table.ProvisionedThroughput), "ItemCount": backup.items,
              "BillingMode": table.BillingMode, "OnDemandThroughput": table.OnDemandThroughput}
    features: Doc = {}
    if table.LocalSecondaryIndexes:
        features["LocalSecondaryIndexes"] = [_only(index, "IndexName", "KeySchema", "Projection")
                                             for index in table.LocalSecondaryIndexes]
    if table.GlobalSecondaryIndexes:
        features["GlobalSecondaryIndexes"] = [
            _only(index, "IndexName", "KeySchema", "Projection")
            | {"ProvisionedThroughput": tables.throughput(index.get("ProvisionedThroughput")),
               "OnDemandThroughput": index.get("OnDemandThroughput")}
            for index in table.GlobalSecondaryIndexes]
    if table.vector_indexes:
        features["VectorIndexes"] = table.vector_indexes
    if table.StreamSpecification:
        features["StreamDescription"] = table.StreamSpecification
    if table.key_arn:
        features["SSEDescription"] = {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": table.key_arn}
    if backup.ttl:
        features["TimeToLiveDescription"] = {"TimeToLiveStatus": "ENABLED", "AttributeName": backup.ttl}
    return {"BackupDetails": details(call, backup), "SourceTableDetails": source, "SourceTableFeatureDetails": features}


def _only(index: Doc, *members: str) -> Doc:
    return {name: index[name] for name in members}
