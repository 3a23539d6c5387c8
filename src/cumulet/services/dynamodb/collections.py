"""Item collections: the items of one partition key with their places in local indexes, which may take 10 GB together.

The size is counted along with each write, in a row of its own; a collection without one (of an old data folder, or one that was
restored) is measured at its next write.
"""

from __future__ import annotations

from cumulet.kernel import error

from .resources import Collection, Facts
from .shelf import Shelf

LARGEST = 10 * (1 << 30)
_SUM = 'SELECT SUM("size") FROM {table} WHERE scope = {scope} AND "place" = ? AND "hash" = ?'


def counted(facts: Facts) -> bool:
    """Only tables with local indexes have item collections."""
    return any(not index.wide for index in facts.indexes)


def grow(shelf: Shelf, hash: bytes, by: int) -> None:
    """A write has changed the size of a collection; raise when it is too large then."""
    rows = shelf.call.table(Collection)
    row = rows.get(shelf.number, hash)
    size = row.size + by if row is not None else _measured(shelf, hash)
    if by > 0 and size > LARGEST:
        raise error.ItemCollectionSizeLimitExceededException("Collection size exceeded.")
    if size > 0:
        rows.put(Collection(shelf.number, hash, size))
    elif row is not None:
        rows.delete(shelf.number, hash)


def size_of(shelf: Shelf, hash: bytes) -> int:
    row = shelf.call.table(Collection).get(shelf.number, hash)
    return row.size if row is not None else _measured(shelf, hash)


def _measured(shelf: Shelf, hash: bytes) -> int:
    places = (shelf.number, *(index.number for index in shelf.facts.indexes if not index.wide))
    return sum(int(found or 0) for place in places for (found,) in shelf.entries.sql(_SUM, place, hash))
