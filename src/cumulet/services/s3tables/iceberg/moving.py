"""A table's metadata and manifests for a copy of it that lies elsewhere: all paths lead into the copy.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-replication-how-replication-works.html
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from typing import Any

from . import Invalid, changes
from .avro import head, records
from .avrowriting import container
from .files import data_files
from .metadata import Metadata

Move = Callable[[str], str]                      # where a file of the table is in the copy
_POSITIONS = 1                                   # content of a file that names rows of other files by their paths
# What a copy has as its source has it.
_AS_SOURCE = ("format-version", "last-sequence-number", "last-column-id", "current-schema-id", "schemas", "default-spec-id",
              "last-partition-id", "default-sort-order-id", "properties", "refs", "current-snapshot-id", "next-row-id",
              "encryption-keys")
_STATISTICS = ("statistics", "partition-statistics")


def check(table: Metadata) -> None:
    """Raises Invalid for a table of which there are no copies."""
    if set(table["refs"]) - {"main"}:
        raise Invalid("Tables with tags or branches are not supported.")
    if any(not one.get("manifest-list") for one in table["snapshots"]):
        raise Invalid("Tables whose snapshots have no manifest lists are not supported.")


def statistics(table: Metadata) -> list[str]:
    """The files of statistics."""
    return [one["statistics-path"] for kind in _STATISTICS for one in table[kind]]


def manifest(data: bytes, move: Move) -> tuple[bytes, list[str]]:
    """A manifest for the copy, and the files that it leads to, where they are now."""
    def moved(one: Any) -> None:
        file = one["data_file"]
        if file.get("content") == _POSITIONS:
            raise Invalid("Tables with deletions by position are not supported.")
        file["file_path"] = move(file["file_path"])

    return _rewritten(data, moved), list(data_files(data))


def manifest_list(data: bytes, there: Mapping[str, tuple[str, int]]) -> bytes:
    """A manifest list for the copy. there: where each manifest is then, and how long."""
    def moved(one: Any) -> None:
        one["manifest_path"], one["manifest_length"] = there[one["manifest_path"]]

    return _rewritten(data, moved)


def _rewritten(data: bytes, change: Callable[[Any], None]) -> bytes:
    """The same file with other records: who wrote it may have written anything."""
    entries = list(records(data))
    try:
        for one in entries:
            change(one)
        return container(head(data), entries)
    except (KeyError, TypeError, AttributeError, OverflowError, struct.error):
        raise Invalid("A manifest is not as Iceberg has it.") from None


def metadata(source: Metadata, copy: Metadata | None, uuid: str, location: str, move: Move, now: float,
             former: str) -> Metadata:
    """The next metadata of a copy. copy: its metadata so far, at `former`.  location: where the copy lies."""
    moved = [{**one, "manifest-list": move(one["manifest-list"])} for one in source["snapshots"]]
    before: Metadata = copy or {"snapshots": [], "snapshot-log": [], "sort-orders": [], "partition-specs": [],
                                "metadata-log": [], "last-updated-ms": source["last-updated-ms"]}
    said: Metadata = {name: source[name] for name in _AS_SOURCE if name in source}
    said |= {"table-uuid": uuid, "location": location, "last-updated-ms": before["last-updated-ms"],
             "metadata-log": before["metadata-log"],
             "snapshots": sorted(_merged(before["snapshots"], moved, "snapshot-id"), key=lambda one: int(one["timestamp-ms"])),
             "sort-orders": _merged(before["sort-orders"], source["sort-orders"], "order-id"),
             "partition-specs": _merged(before["partition-specs"], source["partition-specs"], "spec-id")}
    log = {(one["timestamp-ms"], one["snapshot-id"]) for one in (*before["snapshot-log"], *source["snapshot-log"])}
    said["snapshot-log"] = [{"timestamp-ms": at, "snapshot-id": snapshot} for at, snapshot in sorted(log)]
    for kind in _STATISTICS:
        said[kind] = [{**one, "statistics-path": move(one["statistics-path"])} for one in source[kind]]
    return changes.apply(said, [], now, former)


def _merged(old: list[dict[str, Any]], new: list[dict[str, Any]], number: str) -> list[dict[str, Any]]:
    """Those of both, by their ids; the newer ones count."""
    return list(({one[number]: one for one in old} | {one[number]: one for one in new}).values())
