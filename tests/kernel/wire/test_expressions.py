"""Users' regular expressions: the same answers as Python's, and never late."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cumulet.kernel.wire.expressions import Unusable, matches

EVIL = ["(a+)+", "(a|a)*", "(a|aa)+", "([a-z]+)*", "(.*a){20}", "a?" * 40 + "a" * 40, "a*" * 12, "((a?){4}){4}b",
        "(x+x+)+y", "(.*)(.*)(.*)(.*)(.*)b"]


@pytest.mark.parametrize("pattern", EVIL)
@pytest.mark.parametrize("text", ["a" * 40 + "!", "a" * 4096 + "!", "x" * 4096 + "-"])
def test_none_takes_long(pattern: str, text: str) -> None:
    began = time.process_time()
    assert not matches(pattern, text)
    assert time.process_time() - began < 3


@pytest.mark.parametrize(("pattern", "text", "wanted"), [
    ("[a-z]+", "abc", True), ("[a-z]+", "abC", False), ("^[a-z]+$", "abc", True), ("a|b", "b", True), ("a|b", "ab", False),
    (r"\d{3}-\d{4}", "123-4567", True), ("(?i)[a-z]+", "ABC", True), ("", "", True),
    (r"(?=.*[a-z])(?=.*\d).{8,}", "abcdefg1", True),
    (r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*\W).{8,64}", "Abcdefg1" * 8, False), ("(ab|cd)*e", "abcdabe", True),
    (".{1,500}", "x" * 501, False), (".{1,500}", "x" * 500, True), ("(ab){2}", "abab", True), (r"(a)\1", "aa", True)])
def test_answers(pattern: str, text: str, wanted: bool) -> None:
    assert matches(pattern, text) is wanted


@pytest.mark.parametrize("pattern", [r"(a+)+\1", "(?i)(a+)+", "(a+){2,900}"])
def test_what_cannot_be_answered_in_time_is_refused(pattern: str) -> None:
    with pytest.raises(Unusable):
        matches(pattern, "a" * 2000 + "!")


def test_what_is_no_expression_is_told() -> None:
    with pytest.raises(Unusable, match="not a valid"):
        matches("(", "x")


PIECES = st.recursive(
    st.sampled_from(["a", "b", "[ab]", ".", "ab"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{1,3}"])).map(lambda p: f"({p[0]}){p[1]}"),
        st.tuples(inner, inner).map("".join), st.tuples(inner, inner).map(lambda p: f"({p[0]}|{p[1]})")), max_leaves=6)


@settings(max_examples=300, deadline=None)
@given(PIECES, st.text("abc", max_size=9))
def test_the_answers_are_pythons(pattern: str, text: str) -> None:
    assert matches(pattern, text) == (re.fullmatch(pattern, text) is not None)


@settings(max_examples=200, deadline=None)
@given(PIECES, st.text("ab", max_size=3), st.integers(0, 400))
def test_long_texts_are_answered(pattern: str, text: str, times: int) -> None:
    began = time.process_time()
    matches(pattern, text * times + "c")
    assert time.process_time() - began < 3
