"""Vectors: put, read, listed, deleted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Page, operation

from .. import opening
from ..places import Found, index_of, invalid
from ..resources import Vector
from ..texts import Filing
from ..vectors import place_of, row_of, told

_LIST_BYTES = 1 << 20
_AT_ONCE = 64
_BODY = 20 << 20


@operation
def put_vectors(call: Call, vectors: Sequence[Mapping[str, Any]], vectorBucketName: str | None = None,
                indexName: str | None = None, indexArn: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_PutVectors.html"""
    if call.request is not None and int(call.request.headers.get("content-length", 0)) > _BODY:
        raise invalid("Request body exceeds max allowed size")
    found = index_of(call, vectorBucketName, indexName, indexArn)
    opening.to_write(call, found)
    rows = {row.place: row for row in [row_of(found.row, one) for one in vectors]}
    _file_texts(found, rows)
    table = found.there.table(Vector)
    for row in rows.values():
        table.put(row)


@operation
def get_vectors(call: Call, keys: Sequence[str], vectorBucketName: str | None = None, indexName: str | None = None,
                indexArn: str | None = None, returnData: bool = False, returnMetadata: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_GetVectors.html"""
    found = index_of(call, vectorBucketName, indexName, indexArn)
    opening.to_read(call, found)
    rows = (found.there.table(Vector).get(found.row.box, place_of(key)) for key in dict.fromkeys(keys))
    return {"vectors": [told(row, returnData, returnMetadata) for row in rows if row is not None]}


@operation
def delete_vectors(call: Call, keys: Sequence[str], vectorBucketName: str | None = None, indexName: str | None = None,
                   indexArn: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_DeleteVectors.html"""
    found = index_of(call, vectorBucketName, indexName, indexArn)
    opening.to_read(call, found)
    places = [place_of(key) for key in keys]
    _file_texts(found, dict.fromkeys(places))
    table = found.there.table(Vector)
    for place in places:
        table.delete(found.row.box, place)


def _file_texts(found: Found, rows: Mapping[str, Vector | None]) -> None:
    """Before vectors become these."""
    if not found.row.fields:
        return
    filing, table = Filing(found.there, found.row.fields), found.there.table(Vector)
    for place, row in rows.items():
        filing.change(place, table.get(found.row.box, place), row)
    filing.done()


@operation
def list_vectors(call: Call, vectorBucketName: str | None = None, indexName: str | None = None, indexArn: str | None = None,
                 segmentCount: int | None = None, segmentIndex: int | None = None, returnData: bool = False,
                 returnMetadata: bool = False, page: Page[Vector] = Page(500, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_ListVectors.html"""
    if (segmentCount is None) != (segmentIndex is None):
        raise invalid("segmentCount and segmentIndex must be specified together")
    if segmentCount is not None and segmentIndex is not None and segmentIndex >= segmentCount:
        raise invalid("segmentIndex must be less than segmentCount", "segmentIndex")
    found = index_of(call, vectorBucketName, indexName, indexArn)
    if returnData or returnMetadata:
        opening.to_read(call, found)
    rows: list[Vector] = []
    size = 0
    for row in _in_order(found, page.after or "", segmentCount or 1, segmentIndex or 0):
        rows.append(row)
        if len(rows) > page.limit:
            break
        size += len(row.data) + len(row.filterable) + len(row.further)
        if size > _LIST_BYTES:
            page.limit = len(rows)
    return {"vectors": [told(row, returnData, returnMetadata) for row in page.cut(rows, lambda row: row.place)]}


def _in_order(found: Found, after: str, count: int, segment: int) -> Iterator[Vector]:
    """The vectors of a segment, read some at a time: they may be large."""
    rows: list[Vector] = []
    while not rows or len(rows) == _AT_ONCE:
        rows = found.there.table(Vector).rows(
            'SELECT {columns} FROM {table} WHERE scope = {scope} AND "box" = ? AND "place" > ? '
            'AND (("hash" * ?) >> 32) = ? ORDER BY "place" LIMIT ?', found.row.box, after, count, segment, _AT_ONCE)
        yield from rows
        if not rows:
            return
        after = rows[-1].place
