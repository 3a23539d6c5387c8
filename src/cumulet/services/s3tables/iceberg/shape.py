"""What metadata must look like for the rest to work on it: files and commits come from anybody.

https://iceberg.apache.org/spec/#table-metadata-fields
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import msgspec

from . import Invalid


class _Part(msgspec.Struct, rename="kebab"):
    """A structure of which further members may stand."""


class _Schema(_Part):
    schema_id: int
    fields: list[dict[str, Any]]


class _Spec(_Part):
    spec_id: int
    fields: list[dict[str, Any]]


class _Order(_Part):
    order_id: int
    fields: list[dict[str, Any]]


class _Snapshot(_Part):
    snapshot_id: int
    timestamp_ms: int
    manifest_list: str | None = None
    parent_snapshot_id: int | None = None
    sequence_number: int = 0


class _Ref(_Part):
    type: str
    snapshot_id: int
    min_snapshots_to_keep: int | None = None


class _Logged(_Part):
    snapshot_id: int
    timestamp_ms: int


class _Former(_Part):
    metadata_file: str
    timestamp_ms: int


class _Statistics(_Part):
    snapshot_id: int
    statistics_path: str


class _Metadata(_Part):
    format_version: int
    table_uuid: str
    location: str
    last_updated_ms: int
    last_column_id: int
    schemas: list[_Schema]
    current_schema_id: int
    partition_specs: list[_Spec]
    default_spec_id: int
    sort_orders: list[_Order]
    default_sort_order_id: int
    last_partition_id: int
    last_sequence_number: int
    properties: dict[str, str]
    refs: dict[str, _Ref]
    snapshots: list[_Snapshot]
    snapshot_log: list[_Logged]
    metadata_log: list[_Former]
    statistics: list[_Statistics]
    partition_statistics: list[_Statistics]
    current_snapshot_id: int | None = None
    next_row_id: int = 0


# What may be absent from a file, and what that means.
_ABSENT: dict[str, Any] = {
    "sort-orders": [{"order-id": 0, "fields": []}], "default-sort-order-id": 0, "last-partition-id": 999, "refs": {},
    "last-sequence-number": 0, "properties": {}, "snapshots": [], "snapshot-log": [], "metadata-log": [], "statistics": [],
    "partition-statistics": []}
# Of which lists one is chosen: the name of its id, and of what says which.
_CHOSEN = (("schemas", "schema-id", "current-schema-id"), ("partition-specs", "spec-id", "default-spec-id"),
           ("sort-orders", "order-id", "default-sort-order-id"))


def completed(table: dict[str, Any]) -> dict[str, Any]:
    """Metadata with all that may be absent."""
    return deepcopy(_ABSENT) | table


def check(table: dict[str, Any]) -> None:
    """Raises Invalid for what is no metadata."""
    try:
        msgspec.convert(table, _Metadata)
    except (msgspec.ValidationError, RecursionError) as problem:
        raise Invalid(f"That is not the metadata of a table: {problem}") from None
    for kinds, number, current in _CHOSEN:
        if not any(one[number] == table[current] for one in table[kinds]):
            raise Invalid(f"That is not the metadata of a table: {current} is not there.")
