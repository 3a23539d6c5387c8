"""Which prefixes and groups an object belongs to: properties."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cumulet.services.s3.lens.scopes import Prefixes, Thing, belongs

KEYS = st.text("ab/ö", max_size=12)
CONDITIONS: dict[str, st.SearchStrategy[Any]] = {
    "MatchAnyPrefix": st.lists(st.text("ab/", min_size=1, max_size=2), min_size=1, max_size=2),
    "MatchAnySuffix": st.lists(st.text("ab/", min_size=1, max_size=2), min_size=1, max_size=2),
    "MatchAnyTag": st.just([{"Key": "k", "Value": "v"}]),
    "MatchObjectAge": st.just({"DaysGreaterThan": 1, "DaysLessThan": 5}),
    "MatchObjectSize": st.just({"BytesGreaterThan": 10})}
THINGS = st.builds(Thing, KEYS, st.integers(0, 20), st.floats(0, 10 * 86_400), st.sampled_from([{}, {"k": "v"}, {"k": "x"}]))


@given(KEYS, st.integers(1, 10))
def test_prefixes_are_the_beginnings_that_end_with_the_delimiter(key: str, depth: int) -> None:
    expected = [key[:end] for end in range(1, len(key) + 1) if key[end - 1] == "/"]
    assert Prefixes("/", depth, 1.0).of(key) == expected[:depth]


@given(THINGS, st.fixed_dictionaries({}, optional=CONDITIONS).filter(lambda said: len(said) > 1))
def test_and_is_all_of_them_and_or_is_any(thing: Thing, conditions: dict[str, Any]) -> None:
    each = [belongs({name: said}, thing) for name, said in conditions.items()]
    assert belongs({"And": conditions}, thing) == all(each)
    assert belongs({"Or": conditions}, thing) == any(each)


def test_the_ends_of_ranges_are_outside() -> None:
    said = {"MatchObjectSize": {"BytesGreaterThan": 10, "BytesLessThan": 12}}
    assert [belongs(said, Thing("k", size, 0, {})) for size in (10, 11, 12)] == [False, True, False]
