"""What happens unasked: vectors and postings that nobody sees any more go, and new fields of full-text search are built."""

from __future__ import annotations

from collections.abc import Sequence

from cumulet.kernel import Call, task

from .resources import Corpus, Index, Posting, Vector
from .texts import Filing
from .vectors import metadata_of

_AT_ONCE = 1000
_BUILT_AT_ONCE = 50


@task()
async def purge(call: Call, box: str, fields: Sequence[str]) -> None:
    """Of an index or of fields that were deleted: boxes and ids are never used twice."""
    more = bool(box)
    while more:
        more = await call.run(_some_vectors, box)
    for field in fields:
        more = True
        while more:
            more = await call.run(_some_postings, field)


def _some_vectors(call: Call, box: str) -> bool:
    gone = call.table(Vector).sql('SELECT "place" FROM {table} WHERE scope = {scope} AND "box" = ? ORDER BY "place" LIMIT ?',
                                  box, _AT_ONCE)
    for (place,) in gone:
        call.table(Vector).delete(box, place)
    return bool(gone)


def _some_postings(call: Call, field: str) -> bool:
    gone = call.table(Posting).scan(field, limit=_AT_ONCE)
    for row in gone:
        call.table(Posting).delete(row.field, row.term, row.place)
    if not gone:
        call.table(Corpus).delete(field)
    return bool(gone)


@task()
async def build(call: Call, bucket: str, index: str, field: str) -> None:
    """File the texts of the vectors that were there before the field was. What is put meanwhile is filed as it comes."""
    after: str | None = ""
    while after is not None:
        after = await call.run(_build_some, bucket, index, field, after)


def _build_some(call: Call, bucket: str, index: str, field: str, after: str) -> str | None:
    """The place after which to go on; None when all are filed, or the field is wanted no more."""
    row = call.table(Index).get(bucket, index)
    wanted = next((one for one in row.fields if one.id == field), None) if row is not None else None
    if row is None or wanted is None:
        return None
    rows = call.table(Vector).scan(row.box, after=after, limit=_BUILT_AT_ONCE)
    filing = Filing(call, [wanted])
    for vector in rows:
        filing.add(wanted, vector.place, metadata_of(vector))
    filing.done()
    if len(rows) == _BUILT_AT_ONCE:
        return rows[-1].place
    wanted.active = True
    call.put(row)
    return None
