"""Patterns compared: properties that hold for all of them."""

from __future__ import annotations

import itertools
import json

from hypothesis import given
from hypothesis import strategies as st

from cumulet.services.accessanalyzer.checks import meet
from cumulet.services.accessanalyzer.patterns import match
from cumulet.services.accessanalyzer.positions import parse

PATTERN = st.text("ab*?", max_size=5)
TEXTS = ["".join(letters) for size in range(6) for letters in itertools.product("ab", repeat=size)]


@given(PATTERN, PATTERN)
def test_patterns_meet_where_a_text_is_in_both(one: str, other: str) -> None:
    both = any(match(one, text, False) and match(other, text, False) for text in TEXTS)
    if both:
        assert meet(one, other, False)
    if "*" not in one + other:
        assert meet(one, other, False) == both
    assert meet(one, other, False) == meet(other, one, False)


@given(PATTERN, PATTERN)
def test_what_is_within_a_pattern_has_all_its_texts_in_it(outer: str, inner: str) -> None:
    if match(outer, inner, False):
        assert all(match(outer, text, False) for text in TEXTS if match(inner, text, False))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3), max_leaves=8)


@given(JSON, st.sampled_from([None, 1, "\t"]))
def test_positions_are_those_of_the_values(value: object, indent: int | str | None) -> None:
    text = json.dumps(value, indent=indent)
    node = parse(text)
    assert node.value == value
    for _, child in node.inside:
        assert json.loads(text[child.start:child.end]) == child.value
