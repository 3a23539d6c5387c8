"""What is kept of a bucket's metadata tables: their files, and what these do not tell yet."""

from __future__ import annotations

from typing import Any

import msgspec

from cumulet.kernel import stored

from .manifests import File


@stored(auto="id", scope="global", indexes={"waiting": ("bucket", "id")}, belongs={"bucket": ("s3_bucket.number",)})
class Change(msgspec.Struct, kw_only=True):
    """A record that the journal does not have yet: what happened at a moment, in the words of its columns."""

    bucket: int
    at: float
    record: dict[str, Any]
    id: int = 0


@stored(auto="id", scope="global", indexes={"waiting": ("bucket", "table", "id")},
        belongs={"bucket": ("s3_bucket.number",)})
class Touched(msgspec.Struct, kw_only=True):
    """A key that the inventory or the table of annotations tells as it was before."""

    bucket: int
    table: str
    key: bytes
    id: int = 0


@stored(key=("bucket", "kind", "low", "path"), scope="global", belongs={"bucket": ("s3_bucket.number",)})
class DataFile(msgspec.Struct, kw_only=True):
    """A file of a bucket's metadata tables. kind: "journal", or what it tells that is there now: "current", "older",
    "annotations".

    low: of such a file, the first key that it is for; it is for all below the next file's.  newest: of a journal's file, the
    moment of its youngest record.  snapshot, sequence: which put it into the table.
    """

    bucket: int
    kind: str
    low: bytes
    path: str
    rows: int
    size: int
    snapshot: int
    sequence: int
    newest: float = 0.0

    @property
    def file(self) -> File:
        """As manifests have it."""
        return File(self.path, self.rows, self.size, self.snapshot, self.sequence)
