"""The rules against plain ones, on whatever Hypothesis makes up: filters, the best of many, fusion, the terms of texts."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cumulet.kernel import AwsError
from cumulet.services.s3vectors import filters, ranking
from cumulet.services.s3vectors.analysis import terms
from cumulet.services.s3vectors.searching import Best

KEYS = st.sampled_from(["a", "b", "c"])
PLAIN = st.sampled_from([0, 1, 2.5, True, False, "", "x", "xy"])
METADATA = st.dictionaries(KEYS, PLAIN | st.lists(PLAIN, max_size=3))
NUMBERS = st.sampled_from([0, 1, 2, 2.5])
CONSTRAINTS = st.one_of(
    PLAIN.map(lambda one: {"$eq": one}), PLAIN.map(lambda one: {"$ne": one}), PLAIN,
    st.lists(PLAIN, min_size=1, max_size=3).flatmap(lambda one: st.sampled_from([{"$in": one}, {"$nin": one}])),
    st.dictionaries(st.sampled_from(["$gt", "$gte", "$lt", "$lte"]), NUMBERS, min_size=1),
    st.booleans().map(lambda one: {"$exists": one}), st.sampled_from(["", "x", "y"]).map(lambda one: {"$startsWith": one}))
FILTERS = st.recursive(st.dictionaries(KEYS, CONSTRAINTS, min_size=1), lambda inner: st.one_of(
    st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"$and": parts}),
    st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"$or": parts})), max_leaves=6)


def same(one: Any, other: Any) -> bool:
    return bool(one == other) and isinstance(one, bool) is isinstance(other, bool)


def holds(metadata: dict[str, Any], key: str, sign: str, operand: Any) -> bool:
    """One constraint, as AWS's page tells it."""
    if sign == "$exists":
        return (key in metadata) is operand
    if sign in ("$ne", "$nin"):
        return not holds(metadata, key, {"$ne": "$eq", "$nin": "$in"}[sign], operand)
    if key not in metadata:
        return False
    values = metadata[key] if isinstance(metadata[key], list) else [metadata[key]]
    if sign == "$eq":
        return any(same(value, operand) for value in values)
    if sign == "$in":
        return any(same(value, one) for value in values for one in operand)
    if sign == "$startsWith":
        return any(isinstance(value, str) and value.startswith(operand) for value in values)
    numbers = [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
    return any({"$gt": value > operand, "$gte": value >= operand, "$lt": value < operand, "$lte": value <= operand}[sign]
               for value in numbers)


def fits(metadata: dict[str, Any], asked: dict[str, Any]) -> bool:
    for name, value in asked.items():
        if name == "$and":
            if not all(fits(metadata, part) for part in value):
                return False
        elif name == "$or":
            if not any(fits(metadata, part) for part in value):
                return False
        else:
            wanted = value if isinstance(value, dict) else {"$eq": value}
            if not all(holds(metadata, name, sign, operand) for sign, operand in wanted.items()):
                return False
    return True


@settings(max_examples=60)
@given(METADATA, FILTERS)
def test_filters_mean_what_they_say(metadata: dict[str, Any], asked: dict[str, Any]) -> None:
    assert filters.compiled(asked, (), True)(metadata) is fits(metadata, asked)


WORDS = st.sampled_from(["$and", "$or", "$in", "$eq", "$gt", "$exists", "a", "$startsWith"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=8)
RANKINGS = st.permutations("abcd").map(lambda keys: [(float(n), key) for n, key in enumerate(keys)])


@given(JSON, METADATA)
def test_whatever_a_filter_is_it_is_read_or_refused(asked: Any, metadata: dict[str, Any]) -> None:
    try:
        found = filters.compiled(asked, (), False)
    except AwsError as problem:
        refusal = problem.code
    else:
        refusal = ""
        found(metadata)
    assert refusal in ("", "ValidationException")


@given(st.lists(st.lists(st.integers(0, 9), max_size=20), max_size=8), st.integers(1, 5))
def test_the_best_are_those_of_all(portions: list[list[int]], most: int) -> None:
    best, everything, number = Best(most), [], 0
    for distances in portions:
        keys = [f"k{number + n:03}" for n in range(len(distances))]
        number += len(distances)
        best.add(distances, keys)
        everything += list(zip(distances, keys, strict=True))
    assert best.ranked() == sorted(everything)[:most]


@given(st.lists(RANKINGS, min_size=1, max_size=3))
def test_fusion_is_the_sum_over_the_rankings(rankings: list[list[tuple[float, str]]]) -> None:
    expected = {key: sum(1 / (61 + [one for _, one in ranking].index(key)) for ranking in rankings) for key in "abcd"}
    found = ranking.fused(rankings, 4)
    assert {key: -score for score, key in found} == pytest.approx(expected)
    assert found == sorted(found)


@pytest.mark.parametrize(("text", "language", "expected"), [
    ("The QUICK brown-fox can't e.g. 3.14 foo_bar", "", ["the", "quick", "brown", "fox", "can't", "e.g", "3.14", "foo_bar"]),
    ("Straße ÉTÉ 日本", "", ["straße", "été", "日", "本"]), (["a b", 1, "c"], "", ["a", "b", "c"]), (7, "", []), (None, "", []),
    ("The ponies are running to the connections", "en", ["poni", "run", "connect"]), ("x" * 300, "", ["x" * 255])])
def test_the_terms_of_a_text(text: Any, language: str, expected: list[str]) -> None:
    assert list(terms(text, language)) == expected
