"""QueryVectors: the nearest vectors, those whose texts fit best, or both rankings in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cumulet.kernel import Call, operation

from .. import filters, opening, ranking, searching, settings
from ..places import Found, index_of, invalid
from ..ranking import Wanted
from ..resources import Vector
from ..searching import Ranked, Search
from ..tokens import Token
from ..vectors import hidden, is_short, metadata_of, packed

_MOST_ASKED = 10_000
_PAGE = 100                            # results of one answer; and the least that hybrid search takes of each ranking


class _Query(NamedTuple):
    """What is looked for. vector: packed; None where only texts are.  texts: none where only the vector is."""

    found: Found
    vector: bytes | None
    texts: list[Wanted]
    most: int
    fits: filters.Fits | None


class _Result(NamedTuple):
    """The final ranking.  near: the distances that are known.  fused: whether the ranking is of more than one."""

    ranked: Ranked
    near: dict[str, float]
    fused: bool


@operation
async def query_vectors(call: Call, topK: int, vectorBucketName: str | None = None, indexName: str | None = None,
                        indexArn: str | None = None, queryVector: Mapping[str, Any] | None = None,
                        queryTexts: Sequence[Mapping[str, str]] = (), filter: Any = None, queryMode: str | None = None,
                        returnMetadata: bool = False, returnDistance: bool = False, returnScores: bool = False,
                        nextToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_QueryVectors.html"""
    found = await call.run(_opened, vectorBucketName, indexName, indexArn)
    query = _read(found, topK, queryVector, queryTexts, filter, queryMode)
    token = Token.of(found.row.box, query.vector, queryTexts, topK, filter, queryMode)
    begin = token.begin(nextToken)
    result = await _run(query)
    shown = result.ranked[begin:begin + _PAGE]
    places = [place for _, place in shown]
    rows = await found.there.run(_rows, found.row.box, places) if returnMetadata or any(map(is_short, places)) else None
    scores = await found.there.run(ranking.scores_of, query.texts, places) if returnScores and query.texts else {}
    return {"distanceMetric": found.row.DistanceMetric,
            "nextToken": token.at(begin + _PAGE) if begin + _PAGE < len(result.ranked) else None,
            "vectors": [{"key": place if rows is None else rows[place].key,
                         "distance": result.near.get(place) if returnDistance else None,
                         "metadata": metadata_of(rows[place]) if rows is not None and returnMetadata else None,
                         "scores": _scores(result, rank, place, scores) if scores else None}
                        for rank, place in shown if rows is None or place in rows]}          # else it was deleted meanwhile


def _opened(call: Call, bucket: str | None, name: str | None, arn: str | None) -> Found:
    found = index_of(call, bucket, name, arn)
    opening.to_read(call, found)
    return found


def _read(found: Found, most: int, vector: Mapping[str, Any] | None, texts: Sequence[Mapping[str, str]], asked: Any,
          mode: str | None) -> _Query:
    """What a request says, checked against its index."""
    row = found.row
    if most > _MOST_ASKED:
        raise invalid(f"topK must be at most {_MOST_ASKED}", "topK")
    if vector is None and not texts:
        raise invalid("Must specify queryVector, queryTexts or both")
    if mode == settings.CLASSIC and row.mode == settings.ENHANCED:
        raise invalid("queryMode CLASSIC is not supported for an index in ENHANCED mode", "queryMode")
    if texts and row.mode != settings.ENHANCED:
        raise invalid("queryTexts requires an index in ENHANCED mode", "queryTexts")
    enhanced = (mode or row.mode) == settings.ENHANCED
    fits = None if asked is None else filters.compiled(asked, hidden(row), enhanced)
    try:
        data = None if vector is None else packed(row, vector.get("float32"))
    except ValueError as problem:
        raise invalid(f"Invalid query vector: {problem}", "queryVector") from None
    return _Query(found, data, _fields(found, texts), most, fits)


def _fields(found: Found, texts: Sequence[Mapping[str, str]]) -> list[Wanted]:
    fields = {field.key: field for field in found.row.fields}
    if len({text["metadataKey"] for text in texts}) < len(texts):
        raise invalid("Each metadata key can be in queryTexts at most once", "queryTexts")
    for text in texts:
        field = fields.get(text["metadataKey"])
        if field is None:
            raise invalid(f"metadata key '{text['metadataKey']}' is not configured for text search", "queryTexts")
        if not field.active:
            raise invalid(f"the text search configuration of metadata key '{field.key}' is still being built", "queryTexts")
    return [Wanted(fields[text["metadataKey"]], text["text"]) for text in texts]


async def _run(query: _Query) -> _Result:
    there, row = query.found.there, query.found.row
    if not query.texts:
        near = await searching.nearest(there, row, Search(query.vector or b"", query.most, query.fits))
        return _Result(near, {place: far for far, place in near}, False)
    if query.vector is None:
        together, _ = await ranking.search(there, row.box, query.texts, query.most, query.fits)
        return _Result(together, {}, False)
    depth = max(query.most, _PAGE)
    near = await searching.nearest(there, row, Search(query.vector, depth, query.fits))
    _, single = await ranking.search(there, row.box, query.texts, depth, query.fits)
    return _Result(ranking.fused([near, *single], query.most), {place: far for far, place in near}, True)


def _rows(call: Call, box: str, places: Sequence[str]) -> dict[str, Vector]:
    rows = (call.table(Vector).get(box, place) for place in places)
    return {row.place: row for row in rows if row is not None}


def _scores(result: _Result, rank: float, place: str, known: ranking.Scores) -> dict[str, Any]:
    return {"fused": -rank if result.fused else None, "vectorDistance": result.near.get(place),
            "bm25Scores": [{"metadataKey": name, "score": score} for name, score in known.get(place, {}).items()]}
