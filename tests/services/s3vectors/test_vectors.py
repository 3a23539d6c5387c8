"""Vectors: put, read, listed in pages and segments, deleted, refused."""

from __future__ import annotations

import random
import struct
from typing import Any

import pytest

from conftest import Cloud
from cumulet.services.s3vectors.resources import Vector
from services.s3vectors.conftest import PLACE, Put, make_index, near, query, refused, vector


def keys_of(answer: dict[str, Any]) -> list[str]:
    return [one["key"] for one in answer["vectors"]]


def test_a_vector_is_put_and_read_as_float32(vectors: Any, put: Put, index: str) -> None:
    metadata = {"genre": "novel", "year": 1984, "price": 9.5, "old": True, "tags": ["a", 1, False]}
    put(vector("k", 0.1, -2, **metadata))
    assert vectors.get_vectors(**PLACE, keys=["k", "none", "k"])["vectors"] == [{"key": "k"}]
    told = vectors.get_vectors(indexArn=index, keys=["k"], returnData=True, returnMetadata=True)["vectors"]
    single = struct.unpack("<f", struct.pack("<f", 0.1))[0]
    assert told == [{"key": "k", "data": {"float32": [single, -2.0]}, "metadata": metadata}]


def test_putting_a_key_again_replaces_all_of_it(vectors: Any, put: Put) -> None:
    put(vector("k", 1, 1, a=1))
    put(vector("k", 2, 2))
    told = vectors.get_vectors(**PLACE, keys=["k"], returnData=True, returnMetadata=True)["vectors"]
    assert told == [{"key": "k", "data": {"float32": [2.0, 2.0]}, "metadata": {}}]


def test_deleted_vectors_are_gone(vectors: Any, put: Put) -> None:
    put(vector("a", 1, 1), vector("b", 2, 2))
    vectors.delete_vectors(**PLACE, keys=["a", "never"])
    assert keys_of(vectors.list_vectors(**PLACE)) == ["b"]
    assert near(vectors, 1, 1) == ["b"]


def test_vectors_are_listed_in_pages(vectors: Any, put: Put) -> None:
    put(*(vector(f"k{n}", n, n, n=n) for n in range(5)))
    pages = list(vectors.get_paginator("list_vectors").paginate(**PLACE, PaginationConfig={"PageSize": 2}))
    assert [keys_of(page) for page in pages] == [["k0", "k1"], ["k2", "k3"], ["k4"]]
    told = vectors.list_vectors(**PLACE, maxResults=1, returnData=True, returnMetadata=True)
    assert told["vectors"] == [{"key": "k0", "data": {"float32": [0.0, 0.0]}, "metadata": {"n": 0}}]


@pytest.mark.parametrize("count", [1, 3, 16])
def test_segments_share_the_vectors_among_them(vectors: Any, put: Put, count: int) -> None:
    put(*(vector(f"k{n}", n, n) for n in range(60)))
    parts = [keys_of(vectors.list_vectors(**PLACE, segmentCount=count, segmentIndex=n)) for n in range(count)]
    assert sorted(key for part in parts for key in part) == sorted(f"k{n}" for n in range(60))
    assert all(parts)


def test_a_page_of_a_listing_ends_after_a_megabyte(vectors: Any, bucket: str) -> None:
    index = make_index(vectors, metadataConfiguration={"nonFilterableMetadataKeys": ["text"]})
    vectors.put_vectors(indexArn=index, vectors=[vector(f"k{n:03}", 1, 1, text="x" * 15_000) for n in range(80)])
    first = vectors.list_vectors(indexArn=index)
    assert len(first["vectors"]) == 70
    rest = vectors.list_vectors(indexArn=index, nextToken=first["nextToken"])
    assert keys_of(first) + keys_of(rest) == [f"k{n:03}" for n in range(80)]
    assert "nextToken" not in rest


def test_segments_need_both_members(vectors: Any, index: str) -> None:
    with refused("ValidationException", "together"):
        vectors.list_vectors(**PLACE, segmentCount=2)
    with refused("ValidationException", "segmentIndex must be less than segmentCount"):
        vectors.list_vectors(**PLACE, segmentCount=2, segmentIndex=2)


@pytest.mark.parametrize(("values", "message"), [
    ((1, 2, 3), "Invalid record for key 'k': vector must have length 2, but has length 3"),
    ((1e39, 0), "too large for float32"), ((float("nan"), 1), "NaN and Infinity"), ((float("inf"), 1), "NaN and Infinity")])
def test_vectors_that_do_not_fit_are_refused(vectors: Any, put: Put, values: tuple[float, ...], message: str) -> None:
    with refused("ValidationException", message):
        put(vector("good", 1, 1), vector("k", *values))
    assert vectors.list_vectors(**PLACE)["vectors"] == []


@pytest.mark.parametrize("key", ["a/b c", "é", "日本", "\x00", "a\x00b", "\n", "😀", "'; --", "%"])
def test_keys_and_metadata_may_be_any_text(vectors: Any, put: Put, key: str) -> None:
    put(vector(key, 1, 1, **{"k" + key: key}))
    told = {"key": key, "metadata": {"k" + key: key}}
    assert vectors.get_vectors(**PLACE, keys=[key], returnMetadata=True)["vectors"] == [told]
    assert query(vectors, 1, 1, returnMetadata=True, filter={"k" + key: key}) == [told]
    assert keys_of(vectors.list_vectors(**PLACE)) == [key]


def test_keys_of_1024_characters_may_be_of_any_script(vectors: Any, bucket: str) -> None:
    make_index(vectors, metadataConfiguration={"textSearchConfigurations": [{"metadataKey": "text"}]})
    chance = random.Random(3)
    keys = sorted("".join(chr(chance.randint(0x4E00, 0x9FFF)) for _ in range(1024)) for _ in range(3))
    vectors.put_vectors(**PLACE, vectors=[vector(key, n, 0, text="word") for n, key in enumerate(keys)])
    assert near(vectors, 0, 0) == keys
    found = vectors.query_vectors(**PLACE, topK=3, queryTexts=[{"text": "word", "metadataKey": "text"}])
    pages = vectors.get_paginator("list_vectors").paginate(**PLACE, PaginationConfig={"PageSize": 1})
    assert keys_of(found) == keys == [key for page in pages for key in keys_of(page)]


@pytest.mark.parametrize(("number", "told"), [
    (2 ** 63, 2 ** 63), (2 ** 70, float(2 ** 70)), (-(2 ** 70), -float(2 ** 70)), (1e300, 1e300)])
def test_large_numbers_are_doubles(vectors: Any, put: Put, number: float, told: float) -> None:
    put(vector("k", 1, 1, n=number))
    assert near(vectors, 1, 1, filter={"n": {"$gte": number}}) == ["k"]
    assert vectors.get_vectors(**PLACE, keys=["k"], returnMetadata=True)["vectors"][0]["metadata"] == {"n": told}


def test_cosine_knows_no_zero(vectors: Any, bucket: str) -> None:
    make_index(vectors, distanceMetric="cosine")
    with refused("ValidationException", "Invalid record for key 'k': cosine distance does not support vectors with zero norm"):
        vectors.put_vectors(**PLACE, vectors=[vector("k", 0, 0)])


@pytest.mark.parametrize(("metadata", "message"), [
    ({"a": "x" * 2050}, "Filterable metadata must have at most 2048 bytes"),
    ({"text": "x" * 41_000}, "Metadata must have at most 40960 bytes"),
    ({f"k{n}": n for n in range(51)}, "at most 50 keys"), ({"a": {"b": 1}}, "string, number, boolean"),
    ({"a": None}, "string, number, boolean"), ({"a": [["b"]]}, "string, number, boolean")])
def test_metadata_has_limits(vectors: Any, bucket: str, metadata: dict[str, Any], message: str) -> None:
    make_index(vectors, metadataConfiguration={"nonFilterableMetadataKeys": ["text"]})
    with refused("ValidationException", f"Invalid record for key 'k': {message}" if message[0] in "FM" else message):
        vectors.put_vectors(**PLACE, vectors=[vector("k", 1, 1) | {"metadata": metadata}])


def test_metadata_that_is_not_filterable_may_be_large(vectors: Any, bucket: str) -> None:
    make_index(vectors, metadataConfiguration={"nonFilterableMetadataKeys": ["text"]})
    vectors.put_vectors(**PLACE, vectors=[vector("k", 1, 1, text="x" * 30_000, a=1)])
    told = vectors.get_vectors(**PLACE, keys=["k"], returnMetadata=True)["vectors"][0]["metadata"]
    assert told == {"text": "x" * 30_000, "a": 1}


def test_an_index_made_again_is_empty_and_the_old_vectors_go(vectors: Any, put: Put, cloud: Cloud) -> None:
    put(*(vector(f"k{n}", n, n) for n in range(50)))
    vectors.delete_index(**PLACE)
    make_index(vectors)
    assert vectors.list_vectors(**PLACE)["vectors"] == []
    cloud.clock.idle()
    assert cloud.kernel.store.run_now(lambda tx: tx.table(Vector, cloud.account, "us-east-1").count()) == 0


def test_five_hundred_vectors_are_put_at_once(vectors: Any, bucket: str) -> None:
    index = make_index(vectors, dimension=256)
    vectors.put_vectors(indexArn=index, vectors=[vector(f"k{n}", *[0.123456789] * 256) for n in range(500)])
    assert len(vectors.list_vectors(indexArn=index)["vectors"]) == 500
