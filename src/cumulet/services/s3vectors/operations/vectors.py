"""Vectors: put, read, listed, deleted, and found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Page, operation

from .. import filters, opening, searching, settings
from ..places import Found, index_of, invalid
from ..resources import Vector
from ..searching import Search
from ..tokens import Token
from ..vectors import hidden, metadata_of, packed, row_of, told

_MOST_ASKED = 10_000
_PAGE = 100
_LIST_BYTES = 1 << 20


@operation
def put_vectors(call: Call, vectors: Sequence[Mapping[str, Any]], vectorBucketName: str | None = None,
                indexName: str | None = None, indexArn: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_PutVectors.html"""
    found = index_of(call, vectorBucketName, indexName, indexArn)
    opening.to_write(call, found)
    rows = [row_of(found.row, one) for one in vectors]
    table = found.there.table(Vector)
    for row in rows:
        table.put(row)


@operation
def get_vectors(call: Call, keys: Sequence[str], vectorBucketName: str | None = None, indexName: str | None = None,
                indexArn: str | None = None, returnData: bool = False, returnMetadata: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_GetVectors.html"""
    found = index_of(call, vectorBucketName, indexName, indexArn)
    opening.to_read(call, found)
    rows = (found.there.table(Vector).get(found.row.box, key) for key in dict.fromkeys(keys))
    return {"vectors": [told(row, returnData, returnMetadata) for row in rows if row is not None]}


@operation
def delete_vectors(call: Call, keys: Sequence[str], vectorBucketName: str | None = None, indexName: str | None = None,
                   indexArn: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_DeleteVectors.html"""
    found = index_of(call, vectorBucketName, indexName, indexArn)
    opening.to_read(call, found)
    for key in keys:
        found.there.table(Vector).delete(found.row.box, key)


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
    rows, size = [], 0
    for row in found.there.table(Vector).rows(
            'SELECT {columns} FROM {table} WHERE scope = {scope} AND "box" = ? AND "key" > ? '
            'AND (("segment" * ?) >> 32) = ? ORDER BY "key" LIMIT ?',
            found.row.box, page.after or "", segmentCount or 1, segmentIndex or 0, page.limit + 1):
        rows.append(row)
        size += len(row.data) + len(row.filterable) + len(row.further)
        if size > _LIST_BYTES:
            page.limit = min(page.limit, len(rows))
    return {"vectors": [told(row, returnData, returnMetadata) for row in page.cut(rows, lambda row: row.key)]}


@operation
async def query_vectors(call: Call, topK: int, vectorBucketName: str | None = None, indexName: str | None = None,
                        indexArn: str | None = None, queryVector: Mapping[str, Any] | None = None, filter: Any = None,
                        queryMode: str | None = None, returnMetadata: bool = False, returnDistance: bool = False,
                        nextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_QueryVectors.html"""
    if topK > _MOST_ASKED:
        raise invalid(f"topK must be at most {_MOST_ASKED}", "topK")
    found = await call.run(_opened, vectorBucketName, indexName, indexArn)
    if queryMode == settings.CLASSIC and found.row.mode == settings.ENHANCED:
        raise invalid("queryMode CLASSIC is not supported for an index in ENHANCED mode", "queryMode")
    mode = queryMode or found.row.mode
    fits = None if filter is None else filters.compiled(filter, hidden(found.row), mode == settings.ENHANCED)
    try:
        vector = packed(found.row, (queryVector or {}).get("float32"))
    except ValueError as problem:
        raise invalid(f"Invalid query vector: {problem}", "queryVector") from None
    ranked = await searching.nearest(found.there, found.row, Search(vector, topK, fits))
    token = Token.of(found.row.box, vector, topK, filter, mode)
    begin = token.begin(nextToken)
    shown = ranked[begin:begin + _PAGE]
    known = await found.there.run(_metadata, found.row.box, [key for _, key in shown]) if returnMetadata else {}
    return {"distanceMetric": found.row.DistanceMetric,
            "nextToken": token.at(begin + _PAGE) if begin + _PAGE < len(ranked) else None,
            "vectors": [{"key": key, "distance": far if returnDistance else None, "metadata": known.get(key)}
                        for far, key in shown]}


def _opened(call: Call, bucket: str | None, name: str | None, arn: str | None) -> Found:
    found = index_of(call, bucket, name, arn)
    opening.to_read(call, found)
    return found


def _metadata(call: Call, box: str, wanted: Sequence[str]) -> dict[str, dict[str, Any]]:
    rows = (call.table(Vector).get(box, key) for key in wanted)
    return {row.key: metadata_of(row) for row in rows if row is not None}
