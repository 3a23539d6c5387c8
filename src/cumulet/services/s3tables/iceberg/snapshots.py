"""Snapshots of a table, and the branches and tags that name them.

https://iceberg.apache.org/spec/#snapshots
"""

from __future__ import annotations

from typing import Any

from . import Invalid, metadata
from .metadata import Metadata

MAIN = "main"
_REF = ("type", "snapshot-id", "max-ref-age-ms", "max-snapshot-age-ms", "min-snapshots-to-keep")


def add_snapshot(table: Metadata, update: dict[str, Any], added: dict[str, int]) -> None:
    """A new snapshot; nothing names it yet."""
    snapshot = update["snapshot"]
    number, sequence = snapshot["snapshot-id"], snapshot.get("sequence-number", 0)
    snapshot["manifest-list"], snapshot["timestamp-ms"]                   # a KeyError tells of what is missing
    if any(one["snapshot-id"] == number for one in table["snapshots"]):
        raise Invalid(f"Snapshot {number} is there already.")
    if table["format-version"] > 1:
        if sequence <= table["last-sequence-number"] and snapshot.get("parent-snapshot-id") is not None:
            raise Invalid(f"The sequence number {sequence} is not larger than {table['last-sequence-number']}, the last one.")
        table["last-sequence-number"] = max(sequence, table["last-sequence-number"])
    if table["format-version"] == metadata.NEWEST:
        if snapshot["first-row-id"] < table["next-row-id"]:
            raise Invalid(f"The first row id {snapshot['first-row-id']} is less than {table['next-row-id']}, the next one.")
        table["next-row-id"] += snapshot["added-rows"]
    table["snapshots"].append(snapshot)


def set_ref(table: Metadata, update: dict[str, Any], added: dict[str, int]) -> None:
    """A branch or tag names a snapshot. What `main` names is the table as it is now."""
    name, ref = update["ref-name"], {key: update[key] for key in _REF if update.get(key) is not None}
    snapshot = next((one for one in table["snapshots"] if one["snapshot-id"] == ref["snapshot-id"]), None)
    if snapshot is None:
        raise Invalid(f"There is no snapshot {ref['snapshot-id']}.")
    if ref["type"] not in ("branch", "tag") or (name == MAIN and ref["type"] != "branch"):
        raise Invalid(f"{name} cannot be a {str(ref['type'])[:16]}.")
    table["refs"][name] = ref
    if name == MAIN and table.get("current-snapshot-id") != ref["snapshot-id"]:
        table["current-snapshot-id"] = ref["snapshot-id"]
        table["snapshot-log"].append(
            {"snapshot-id": ref["snapshot-id"], "timestamp-ms": snapshot["timestamp-ms"]})


def remove_ref(table: Metadata, update: dict[str, Any], added: dict[str, int]) -> None:
    if table["refs"].pop(update["ref-name"], None) is not None and update["ref-name"] == MAIN:
        table.pop("current-snapshot-id", None)


def remove_snapshots(table: Metadata, update: dict[str, Any], added: dict[str, int]) -> None:
    """They go, with what names them or tells of them."""
    gone = set(update["snapshot-ids"])
    table["snapshots"] = [one for one in table["snapshots"] if one["snapshot-id"] not in gone]
    for name in [name for name, ref in table["refs"].items() if ref["snapshot-id"] in gone]:
        remove_ref(table, {"ref-name": name}, added)
    for kind in ("statistics", "partition-statistics"):
        table[kind] = [one for one in table[kind] if one["snapshot-id"] not in gone]
    log = table["snapshot-log"]
    last = max((at for at, one in enumerate(log) if one["snapshot-id"] in gone), default=-1)
    table["snapshot-log"] = log[last + 1:]


def expired(table: Metadata, keep: int, oldest: int) -> list[int]:
    """Ids of the snapshots older than `oldest` (milliseconds) that are not among the `keep` newest of a branch, nor named."""
    by_id = {one["snapshot-id"]: one for one in table["snapshots"]}
    kept = {ref["snapshot-id"] for ref in table["refs"].values()}
    for ref in table["refs"].values():
        if ref["type"] != "branch":
            continue
        at = by_id.get(ref["snapshot-id"])
        line: set[int] = set()
        while at is not None and len(line) < keep and at["snapshot-id"] not in line:
            line.add(at["snapshot-id"])
            at = by_id.get(at.get("parent-snapshot-id"))
        kept |= line
    return [one["snapshot-id"] for one in table["snapshots"] if one["timestamp-ms"] < oldest and one["snapshot-id"] not in kept]
