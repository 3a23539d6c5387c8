"""Records of a stream as all kinds of streams have them here, and what a kind of stream can be asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from cumulet.kernel import Call

from ..resources import EventSourceMapping


class Record(NamedTuple):
    """lane: records with the same one reach the function in their order.  shown: as functions get it.  size: so many bytes, or
    somewhat less."""

    number: str
    created: float
    lane: str
    shown: dict[str, Any]
    size: int


class Source(Protocol):
    """A kind of stream, read with the rights of the function's role.

    quick: seconds between two looks at a shard where something goes on; 0 if a look waits by itself.  batch: how the place of a
    batch that was given up is told.  data: the member that filters see as JSON, "" for none.
    """

    quick: float
    batch: str
    data: str

    def shards(self, call: Call, mapping: EventSourceMapping) -> Mapping[str, tuple[str, ...]]:
        """The shards of the stream, each with those that it continues."""

    def begin(self, call: Call, mapping: EventSourceMapping, shard: str, where: Mapping[str, Any]) -> str:
        """An iterator. where: members of GetShardIterator."""

    def read(self, call: Call, mapping: EventSourceMapping, shard: str, iterator: str, most: int) -> tuple[list[Record], str]:
        """The next records, and the iterator that reads on; "" at the end of a shard that is closed."""

    def seen(self, record: Record) -> Mapping[str, Any]:
        """A record as filters see it."""


class Shard(NamedTuple):
    """A shard of a mapping's stream."""

    mapping: EventSourceMapping
    source: Source
    id: str
