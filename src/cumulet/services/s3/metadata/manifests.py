"""Manifests and their lists: which files a snapshot of a table is made of. The tables here have no partitions.

https://iceberg.apache.org/spec/#manifests
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from . import avro

_EXISTING, _ADDED, _DELETED = 0, 1, 2


class File(NamedTuple):
    """A data file. snapshot, sequence: which put it into the table; 0 for the one that is being made."""

    path: str
    rows: int
    size: int
    snapshot: int = 0
    sequence: int = 0


class Snapshot(NamedTuple):
    """A snapshot that is being made: its files, and those that it takes out of the table. replaces: by others that hold the
    same."""

    number: int
    sequence: int
    added: Sequence[File]
    kept: Sequence[File]
    removed: Sequence[File]
    replaces: bool = False


def _field(name: str, kind: Any, number: int) -> dict[str, Any]:
    optional = isinstance(kind, list)
    return {"name": name, "type": kind, "field-id": number} | ({"default": None} if optional else {})


_LONG = ["null", "long"]
_DATA_FILE = {"type": "record", "name": "r2", "fields": [
    _field("content", "int", 134), _field("file_path", "string", 100), _field("file_format", "string", 101),
    _field("partition", {"type": "record", "name": "r102", "fields": []}, 102), _field("record_count", "long", 103),
    _field("file_size_in_bytes", "long", 104)]}
_ENTRY = {"type": "record", "name": "manifest_entry", "fields": [
    _field("status", "int", 0), _field("snapshot_id", _LONG, 1), _field("sequence_number", _LONG, 3),
    _field("file_sequence_number", _LONG, 4), _field("data_file", _DATA_FILE, 2)]}
_COUNTS = (("added_files_count", "int", 504), ("existing_files_count", "int", 505), ("deleted_files_count", "int", 506),
           ("added_rows_count", "long", 512), ("existing_rows_count", "long", 513), ("deleted_rows_count", "long", 514))
_LINE = {"type": "record", "name": "manifest_file", "fields": [
    _field("manifest_path", "string", 500), _field("manifest_length", "long", 501), _field("partition_spec_id", "int", 502),
    _field("content", "int", 517), _field("sequence_number", "long", 515), _field("min_sequence_number", "long", 516),
    _field("added_snapshot_id", "long", 503), *(_field(*one) for one in _COUNTS)]}


def _entry(status: int, one: File, made: Snapshot) -> dict[str, Any]:
    """A file that is new has its sequence number from the manifest's line; of one that goes, this snapshot is told."""
    new = status == _ADDED
    return {"status": status, "snapshot_id": made.number if status != _EXISTING else one.snapshot,
            "sequence_number": None if new else one.sequence, "file_sequence_number": None if new else one.sequence,
            "data_file": {"content": 0, "file_path": one.path, "file_format": "PARQUET", "partition": {},
                          "record_count": one.rows, "file_size_in_bytes": one.size}}


def manifest(made: Snapshot, schema: Mapping[str, Any], sync: bytes) -> bytes:
    """The one manifest of a snapshot."""
    entries = [_entry(status, one, made) for status, files in (
        (_ADDED, made.added), (_EXISTING, made.kept), (_DELETED, made.removed)) for one in files]
    head = {"schema": json.dumps(schema), "schema-id": "0", "partition-spec": "[]", "partition-spec-id": "0",
            "format-version": "2", "content": "data"}
    return avro.container(_ENTRY, head, entries, sync)


def listing(made: Snapshot, parent: int | None, path: str, length: int, sync: bytes) -> bytes:
    """The manifest list of a snapshot."""
    oldest = min((one.sequence for one in made.kept), default=made.sequence)
    line = {"manifest_path": path, "manifest_length": length, "partition_spec_id": 0, "content": 0,
            "sequence_number": made.sequence, "min_sequence_number": oldest, "added_snapshot_id": made.number,
            "added_files_count": len(made.added), "existing_files_count": len(made.kept),
            "deleted_files_count": len(made.removed), "added_rows_count": _rows(made.added),
            "existing_rows_count": _rows(made.kept), "deleted_rows_count": _rows(made.removed)}
    head = {"snapshot-id": str(made.number), "parent-snapshot-id": str(parent) if parent is not None else "null",
            "sequence-number": str(made.sequence), "format-version": "2"}
    return avro.container(_LINE, head, [line], sync)


def _rows(files: Iterable[File]) -> int:
    return sum(one.rows for one in files)


def summary(made: Snapshot) -> dict[str, str]:
    """What a snapshot says of itself."""
    total = [*made.added, *made.kept]
    how = "append" if not made.removed else "delete" if not made.added else "replace" if made.replaces else "overwrite"
    return {"operation": how, "added-data-files": str(len(made.added)), "added-records": str(_rows(made.added)),
            "deleted-data-files": str(len(made.removed)), "deleted-records": str(_rows(made.removed)),
            "total-data-files": str(len(total)), "total-records": str(_rows(total))}
