"""Which files a table's metadata leads to.

https://iceberg.apache.org/spec/#manifests
"""

from __future__ import annotations

from collections.abc import Iterator

from . import Invalid
from .avro import records
from .metadata import Metadata

_DELETED = 2                           # status of a manifest's entry for a file that this snapshot removed


def lists(table: Metadata) -> list[str]:
    """The manifest lists of all snapshots."""
    return [str(one["manifest-list"]) for one in table["snapshots"] if one.get("manifest-list")]


def direct(table: Metadata) -> set[str]:
    """What the metadata names itself: former metadata, manifest lists, statistics."""
    found = {str(one["metadata-file"]) for one in table["metadata-log"]} | set(lists(table))
    for kind in ("statistics", "partition-statistics"):
        found |= {str(one["statistics-path"]) for one in table[kind]}
    return found


def manifests(data: bytes) -> list[str]:
    """The manifests that a manifest list names."""
    return [_path(one, "manifest_path") for one in records(data)]


def data_files(data: bytes) -> Iterator[str]:
    """The files of data and of deletions that a manifest names, but for those that it says are gone."""
    for one in records(data):
        if not isinstance(one, dict) or one.get("status") != _DELETED:
            yield _path(one.get("data_file") if isinstance(one, dict) else None, "file_path")


def _path(said: object, name: str) -> str:
    found = said.get(name) if isinstance(said, dict) else None
    if not isinstance(found, str):
        raise Invalid(f"A manifest has an entry without {name}.")
    return found
