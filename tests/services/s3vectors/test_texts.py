"""Full-text search and hybrid search: BM25 by the book, fields added and taken away, rankings fused."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import pytest

from conftest import Cloud
from cumulet.services.s3vectors.analysis import terms
from cumulet.services.s3vectors.resources import Corpus, Posting
from services.s3vectors.conftest import PLACE, Put, make_index, refused, vector

NOTES = {"a": "The cat sat on the mat.", "b": "A cat and another CAT: cats!", "c": "Error E-1042 in module foo_bar",
         "d": "nothing to see", "e": "cat cat cat cat"}


@pytest.fixture
def notes(vectors: Any, bucket: str) -> str:
    """An index whose `text` is searched, with the notes at (n, 0)."""
    index = make_index(vectors, metadataConfiguration={
        "nonFilterableMetadataKeys": ["text"], "textSearchConfigurations": [{"metadataKey": "text"}]})
    fill(vectors)
    return index


def fill(vectors: Any) -> None:
    vectors.put_vectors(**PLACE, vectors=[vector(key, n, 0, text=text, n=n) for n, (key, text) in enumerate(NOTES.items())])


def search(vectors: Any, text: str = "cat", key: str = "text", **more: Any) -> list[dict[str, Any]]:
    asked = {**PLACE, "topK": 10, "queryTexts": [{"text": text, "metadataKey": key}], **more}
    return list(vectors.query_vectors(**asked)["vectors"])


def found(vectors: Any, text: str = "cat", key: str = "text", **more: Any) -> str:
    return "".join(one["key"] for one in search(vectors, text, key, **more))


def by_the_book(query: str, texts: dict[str, str]) -> dict[str, float]:
    """BM25, from the texts themselves."""
    read = {key: terms(text, "") for key, text in texts.items()}
    usual = sum(one.total() for one in read.values()) / len(read)
    scores: Counter[str] = Counter()
    for term in terms(query, ""):
        having = [key for key, one in read.items() if term in one]
        weight = math.log(1 + (len(read) - len(having) + 0.5) / (len(having) + 0.5))
        for key in having:
            times, length = read[key][term], read[key].total()
            scores[key] += weight * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * length / usual))
    return dict(scores.most_common())


@pytest.mark.parametrize("text", ["cat", "Cat mat", "E 1042", "the see nothing", "foo_bar", "cats"])
def test_scores_are_those_of_bm25(vectors: Any, notes: str, text: str) -> None:
    expected = by_the_book(text, NOTES)
    answer = search(vectors, text, returnScores=True)
    assert [one["key"] for one in answer] == list(expected)
    for one in answer:
        score = pytest.approx(expected[one["key"]], rel=1e-5)
        assert one["scores"] == {"bm25Scores": [{"metadataKey": "text", "score": score}]}


def test_nothing_is_found_where_nothing_fits(vectors: Any, notes: str) -> None:
    assert found(vectors, "dog") == ""
    assert found(vectors, "...") == ""
    assert found(vectors, "CAT", topK=1) == "e"


def test_texts_follow_their_vectors(vectors: Any, notes: str, cloud: Cloud) -> None:
    vectors.put_vectors(**PLACE, vectors=[vector("a", 1, 1, text="a dog"), vector("d", 1, 1, text="a cat")])
    vectors.delete_vectors(**PLACE, keys=["e", "none"])
    assert (found(vectors, "cat"), found(vectors, "dog"), found(vectors, "mat")) == ("db", "a", "")
    vectors.put_vectors(**PLACE, vectors=[vector("b", 1, 1)])
    assert found(vectors, "cat") == "d"
    left = {"a": "a dog", "c": NOTES["c"], "d": "a cat"}
    [one] = search(vectors, "dog", returnScores=True)
    assert one["scores"]["bm25Scores"][0]["score"] == pytest.approx(by_the_book("dog", left)["a"], rel=1e-5)


def test_filters_come_before_the_search(vectors: Any, notes: str) -> None:
    assert found(vectors, "cat", filter={"n": {"$lt": 3}}) == "ba"
    assert found(vectors, "cat", filter={"n": {"$gt": 9}}) == ""
    with refused("ValidationException", "'text' is not filterable"):
        found(vectors, "cat", filter={"text": "x"})


def test_hybrid_search_fuses_the_rankings(vectors: Any, notes: str) -> None:
    """Near (4, 0) are e, d, c, b, a; by words e, b, a."""
    answer = search(vectors, "cat", queryVector={"float32": [4, 0]}, returnScores=True, returnDistance=True)
    order = {"e": (1, 1), "d": (2, 0), "c": (3, 0), "b": (4, 2), "a": (5, 3)}
    fused = {key: sum(1 / (60 + place) for place in places if place) for key, places in order.items()}
    assert [one["key"] for one in answer] == sorted(fused, key=lambda key: -fused[key])
    for one in answer:
        key = one["key"]
        assert one["scores"]["fused"] == pytest.approx(fused[key], rel=1e-5)
        assert one["distance"] == one["scores"]["vectorDistance"] == 4 - "abcde".index(key)
        assert bool(one["scores"]["bm25Scores"]) is (key in "abe")


def test_several_fields_count_together(vectors: Any, bucket: str) -> None:
    make_index(vectors, metadataConfiguration={"textSearchConfigurations": [{"metadataKey": "title"}, {"metadataKey": "body"}]})
    vectors.put_vectors(**PLACE, vectors=[
        vector("a", 1, 1, title="red", body="blue"), vector("b", 1, 1, title="red", body="red"),
        vector("c", 1, 1, body=["blue", "sky", 7])])
    asked = [{"text": "red", "metadataKey": "title"}, {"text": "blue", "metadataKey": "body"}]
    answer = vectors.query_vectors(**PLACE, topK=3, queryTexts=asked, returnScores=True, returnMetadata=True)["vectors"]
    assert [one["key"] for one in answer] == ["a", "b", "c"] or [one["key"] for one in answer] == ["a", "c", "b"]
    assert [one["metadataKey"] for one in answer[0]["scores"]["bm25Scores"]] == ["title", "body"]
    assert answer[0]["metadata"] == {"title": "red", "body": "blue"}


def test_english_knows_stems_and_stop_words(vectors: Any, bucket: str) -> None:
    make_index(vectors, metadataConfiguration={"textSearchConfigurations": [{"metadataKey": "text", "language": "en"}]})
    vectors.put_vectors(**PLACE, vectors=[vector("a", 1, 1, text="the running dogs"), vector("b", 1, 1, text="to be or not")])
    assert found(vectors, "a dog RUNS") == "a"
    assert found(vectors, "the") == ""
    assert vectors.get_index(**PLACE)["index"]["metadataConfiguration"]["textSearchConfigurations"] == [
        {"metadataKey": "text", "language": "en", "status": "ACTIVE"}]


def test_a_field_is_added_built_and_taken_away(vectors: Any, put: Put, cloud: Cloud) -> None:
    fill(vectors)
    put(*(vector(f"more{n:03}", n, n, text="filler") for n in range(120)))
    with refused("ValidationException", "metadata key 'text' is not configured for text search"):
        found(vectors)
    add = {"textSearchConfigurations": [{"metadataKey": "text"}]}
    index = vectors.update_metadata_configuration(**PLACE, add=add)["indexArn"]
    cloud.clock.idle()
    told = vectors.get_index(indexArn=index)["index"]["metadataConfiguration"]
    assert told == {"textSearchConfigurations": [{"metadataKey": "text", "status": "ACTIVE"}]}
    assert found(vectors) == "eba"
    assert len(search(vectors, "filler", topK=200)) == 100
    with refused("ConflictException", "already"):
        vectors.update_metadata_configuration(**PLACE, add=add)
    vectors.update_metadata_configuration(**PLACE, delete=add)
    with refused("ValidationException", "not configured for text search"):
        found(vectors)
    with refused("NotFoundException", "not configured for text search"):
        vectors.update_metadata_configuration(**PLACE, delete=add)
    cloud.clock.idle()
    for kind in (Posting, Corpus):
        assert cloud.kernel.store.run_now(lambda tx, kind=kind: tx.table(kind, cloud.account, "us-east-1").count()) == 0


def test_postings_go_with_their_index(vectors: Any, notes: str, cloud: Cloud) -> None:
    vectors.delete_index(**PLACE)
    cloud.clock.idle()
    assert cloud.kernel.store.run_now(lambda tx: tx.table(Posting, cloud.account, "us-east-1").count()) == 0


def test_what_cannot_be_asked(vectors: Any, notes: str) -> None:
    with refused("ValidationException", "queryVector, queryTexts or both"):
        vectors.query_vectors(**PLACE, topK=1)
    one = {"text": "x", "metadataKey": "text"}
    with refused("ValidationException", "at most once"):
        vectors.query_vectors(**PLACE, topK=1, queryTexts=[one, one])
    for said in ({}, {"add": {"textSearchConfigurations": [{"metadataKey": "a"}]},
                      "delete": {"textSearchConfigurations": [{"metadataKey": "text"}]}}):
        with refused("ValidationException", "either add or delete but not both"):
            vectors.update_metadata_configuration(**PLACE, **said)
    with refused("NotImplemented", "language fr"):
        vectors.update_metadata_configuration(
            **PLACE, add={"textSearchConfigurations": [{"metadataKey": "a", "language": "fr"}]})
    with refused("ValidationException", "at most 10"):
        vectors.update_metadata_configuration(
            **PLACE, add={"textSearchConfigurations": [{"metadataKey": f"k{n}"} for n in range(10)]})
