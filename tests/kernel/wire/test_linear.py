"""Patterns that would keep a backtracking matcher busy for ever."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cumulet.kernel.wire import linear
from cumulet.kernel.wire.patterns import matcher

EXPLOSIVE = [r"^([^/]([!-~]+/){1,511})?[A-Za-z0-9_+=,.@-]{1,64}$", r"(.*[\n\r ]?)*x", r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*",
             r"[a-z](?:-?[a-z0-9]+){0,15}", r"([0-9a-f]{16})+", r"([ab]*a)*|x{2,12}", r"(a|b*){3,20}c?"]


@pytest.mark.parametrize("pattern", EXPLOSIVE)
def test_bad_texts_are_refused_at_once(pattern: str) -> None:
    match = matcher(pattern)
    assert match is not None
    started = time.process_time()
    for base in ("a", "a/", "-", "/", "0", " ", "a-"):
        assert not match(base * 1000 + "\x01!")
    assert time.process_time() - started < 2


@given(st.sampled_from(EXPLOSIVE), st.text("ab0-/ _.x\nf", max_size=12))
def test_it_says_what_python_says(pattern: str, text: str) -> None:
    assert linear.Automaton(linear.parse(pattern)).match(text) == (re.fullmatch(pattern, text) is not None)


@pytest.mark.parametrize(("pattern", "explodes"), [
    ("(-[a-z]+)*", False), ("([a-z]+/)*[a-z]+", False), ("([!-~]+/)*", True), ("(a*)*", True), ("(a{1,8}){1,8}", False),
    ("((a+|b)+c?){9,}", True), (r"(\.[a-z]([a-z-]{0,61}[a-z])?)*", False), ("(.*x)*", True)])
def test_which_patterns_explode(pattern: str, explodes: bool) -> None:
    assert linear.explodes(linear.parse(pattern)) == explodes


@pytest.mark.parametrize("pattern", ["(?=a)(a*)*", "(a*)*^b", "((?i:a)*)*"])
def test_what_an_automaton_cannot_say(pattern: str) -> None:
    with pytest.raises(linear.Unsupported):
        linear.Automaton(linear.parse(pattern))
