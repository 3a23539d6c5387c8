"""Queries: the nearest first, distances, filters, pages."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest

from services.s3vectors.conftest import PLACE, Put, make_index, near, query, refused, vector


def test_the_nearest_come_first(vectors: Any, put: Put) -> None:
    put(vector("far", 9, 9), vector("near", 1, 1), vector("middle", 4, 4))
    assert near(vectors, 0, 0) == ["near", "middle", "far"]
    assert near(vectors, 0, 0, topK=2) == ["near", "middle"]
    assert near(vectors, 10, 10, topK=1) == ["far"]


def test_euclidean_distance(vectors: Any, put: Put) -> None:
    put(vector("a", 3, 4))
    answer = vectors.query_vectors(**PLACE, topK=1, queryVector={"float32": [0, 0]}, returnDistance=True)
    assert answer["distanceMetric"] == "euclidean"
    assert answer["vectors"] == [{"key": "a", "distance": 5.0}]


def test_cosine_distance(vectors: Any, bucket: str) -> None:
    make_index(vectors, distanceMetric="cosine")
    vectors.put_vectors(**PLACE, vectors=[
        vector("same", 10, 10), vector("across", 1, -1), vector("against", -2, -2), vector("beside", 0, 1)])
    found = {one["key"]: one["distance"] for one in query(vectors, 1, 1, returnDistance=True)}
    assert list(found) == ["same", "beside", "across", "against"]
    assert found == pytest.approx({"same": 0, "beside": 1 - math.sqrt(0.5), "across": 1, "against": 2}, abs=1e-6)


@pytest.mark.parametrize("lengths", [(1e-20, 2e-20, 5e-20), (1e-30, 1, 1e30), (1e15, 3e15, 2e15)])
def test_cosine_is_blind_to_lengths(vectors: Any, bucket: str, lengths: tuple[float, ...]) -> None:
    make_index(vectors, distanceMetric="cosine")
    short, middle, long = lengths
    vectors.put_vectors(**PLACE, vectors=[
        vector("near", 3 * short, 4 * short), vector("across", -4 * middle, 3 * middle), vector("far", -3 * long, -4 * long)])
    found = {one["key"]: one["distance"] for one in query(vectors, 6, 8, returnDistance=True)}
    assert found == pytest.approx({"near": 0, "across": 1, "far": 2}, abs=1e-6)


@pytest.mark.parametrize("metric", ["euclidean", "cosine"])
def test_the_same_as_by_the_book(vectors: Any, bucket: str, metric: str) -> None:
    """Against the formulas of the textbook, over vectors of very different lengths."""
    chance = random.Random(7)
    make_index(vectors, dimension=5, distanceMetric=metric)
    rows = {f"k{n:03}": [chance.gauss(0, 10 ** chance.randint(-3, 3)) for _ in range(5)] for n in range(300)}
    vectors.put_vectors(**PLACE, vectors=[vector(key, *values) for key, values in rows.items()])
    asked = [chance.gauss(0, 1) for _ in range(5)]

    def distance(values: list[float]) -> float:
        if metric == "euclidean":
            return math.sqrt(sum((a - b) ** 2 for a, b in zip(asked, values, strict=True)))
        dot = sum(a * b for a, b in zip(asked, values, strict=True))
        return 1 - dot / math.hypot(*asked) / math.hypot(*values)

    expected = sorted((distance(values), key) for key, values in rows.items())[:20]
    found = query(vectors, *asked, topK=20, returnDistance=True)
    assert [one["key"] for one in found] == [key for _, key in expected]
    assert [one["distance"] for one in found] == pytest.approx([far for far, _ in expected], rel=1e-4, abs=1e-6)


def test_metadata_comes_when_it_is_asked_for(vectors: Any, put: Put) -> None:
    put(vector("a", 1, 1, n=1), vector("b", 2, 2))
    assert query(vectors, 0, 0) == [{"key": "a"}, {"key": "b"}]
    assert query(vectors, 0, 0, returnMetadata=True) == [{"key": "a", "metadata": {"n": 1}}, {"key": "b", "metadata": {}}]


def test_many_results_come_in_pages(vectors: Any, put: Put) -> None:
    put(*(vector(f"k{n:03}", n, 0) for n in range(250)))
    pages = list(vectors.get_paginator("query_vectors").paginate(**PLACE, topK=230, queryVector={"float32": [0, 0]}))
    assert [len(page["vectors"]) for page in pages] == [100, 100, 30]
    assert [one["key"] for page in pages for one in page["vectors"]] == [f"k{n:03}" for n in range(230)]


BOOKS = [vector("a", 1, 0, genre="novel", year=1984, sold=True, tags=["old", "blue"]),
         vector("b", 2, 0, genre="poem", year=2001, sold=False, tags=["new"]),
         vector("c", 3, 0, genre="novel", year=2020.5, tags=["blue", 7]),
         vector("d", 4, 0)]


@pytest.mark.parametrize(("asked", "expected"), [
    ({"genre": "novel"}, "ac"), ({"genre": {"$eq": "poem"}}, "b"), ({"genre": {"$ne": "novel"}}, "bd"),
    ({"tags": "blue"}, "ac"), ({"tags": {"$ne": "blue"}}, "bd"), ({"year": {"$gt": 1984}}, "bc"),
    ({"year": {"$gte": 1984}}, "abc"), ({"year": {"$lt": 2001}}, "a"), ({"year": {"$lte": 2001}}, "ab"),
    ({"year": {"$gte": 1990, "$lt": 2010}}, "b"), ({"genre": {"$in": ["poem", "play"]}}, "b"),
    ({"tags": {"$in": ["new", 7]}}, "bc"), ({"genre": {"$nin": ["poem"]}}, "acd"), ({"sold": {"$exists": True}}, "ab"),
    ({"sold": {"$exists": False}}, "cd"), ({"sold": True}, "a"), ({"sold": 1}, ""), ({"tags": 7}, "c"),
    ({"tags": {"$gt": 6}}, "c"), ({"genre": {"$gt": 1}}, ""), ({"genre": {"$startsWith": "no"}}, "ac"),
    ({"tags": {"$startsWith": "o"}}, "a"), ({"$and": [{"genre": "novel"}, {"year": {"$lt": 2000}}]}, "a"),
    ({"$or": [{"genre": "poem"}, {"year": {"$gt": 2010}}]}, "bc"), ({"genre": "novel", "tags": 7}, "c"),
    ({"$or": [{"$and": [{"genre": "novel"}, {"sold": True}]}, {"genre": "poem"}]}, "ab"), ({"none": "x"}, "")])
def test_filters(vectors: Any, put: Put, asked: dict[str, Any], expected: str) -> None:
    put(*BOOKS)
    assert "".join(near(vectors, 0, 0, filter=asked)) == expected


@pytest.mark.parametrize(("asked", "message"), [
    ({}, "non-empty JSON object"), ([], "non-empty JSON object"), ("x", "non-empty JSON object"),
    ({"$and": []}, "$and must be a non-empty array"), ({"$or": {"a": 1}}, "$or must be a non-empty array"),
    ({"a": {"$gt": "1"}}, "$gt must be a number"), ({"a": {"$gt": True}}, "$gt must be a number"),
    ({"a": {"$in": []}}, "$in must be a non-empty array"), ({"a": {"$in": "x"}}, "$in must be a non-empty array"),
    ({"a": {"$nin": [[1]]}}, "takes strings, numbers and booleans"), ({"a": {"$eq": [1]}}, "$eq takes"),
    ({"a": None}, "$eq takes"), ({"a": {"$exists": 1}}, "$exists must be a boolean"), ({"a": {}}, "no operator"),
    ({"a": {"$regex": "x"}}, "unknown operator $regex"), ({"$not": {"a": 1}}, "unknown operator $not"),
    ({"a": {"$startsWith": 1}}, "$startsWith must be a string"), ({"text": "x"}, "'text' is not filterable"),
    ({"$or": [{"a": n} for n in range(101)]}, "at most 100 constraints")])
def test_filters_that_are_none(vectors: Any, bucket: str, asked: Any, message: str) -> None:
    make_index(vectors, metadataConfiguration={"nonFilterableMetadataKeys": ["text"]})
    with refused("ValidationException", message):
        near(vectors, 0, 0, filter=asked)


def test_a_filter_that_is_nested_too_deeply(vectors: Any, index: str) -> None:
    asked: dict[str, Any] = {"a": 1}
    for _ in range(100):
        asked = {"$and": [asked]}
    with refused("ValidationException", "nested too deeply"):
        near(vectors, 0, 0, filter=asked)


def test_what_is_asked_for_must_fit_the_index(vectors: Any, index: str) -> None:
    with refused("ValidationException", "vector must have length 2, but has length 1"):
        near(vectors, 0)
    with refused("ValidationException", "queryMode CLASSIC"):
        near(vectors, 0, 0, queryMode="CLASSIC")
    with refused("ValidationException", "topK"):
        near(vectors, 0, 0, topK=10_001)
    with refused("NotFoundException", "The specified index could not be found"):
        near(vectors, 0, 0, indexName="none")


def test_an_empty_index_has_nothing_near(vectors: Any, index: str) -> None:
    assert near(vectors, 0, 0) == []
