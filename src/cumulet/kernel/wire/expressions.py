"""Regular expressions that users write, held against a whole text without ever taking long over it.

What backtracks little is left to Python; what repeats inside of repetitions runs as an automaton (linear.py); what neither can
do in time is refused.
"""

from __future__ import annotations

import math
import re
import re._constants as op  # type: ignore[import-not-found]
from functools import lru_cache
from typing import Any

from . import linear

_STEPS = 20_000_000            # about half a second of the matcher
_MANY = 4                      # more rounds of what can be had in several ways are too many
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT)


class Unusable(ValueError):
    """Why there is no answer: this is no expression, or it could take for ever."""


def matches(pattern: str, text: str) -> bool:
    """Does the expression describe all of the text? Raises Unusable."""
    try:
        compiled, tree = _parsed(pattern)
    except (re.error, OverflowError, RecursionError) as problem:
        raise Unusable(f"it is not a valid regular expression: {problem}") from None
    if _ways(tree, len(text) + 1) <= _STEPS:
        return compiled.fullmatch(text) is not None
    if _counts(tree) or compiled.flags != re.UNICODE:
        raise Unusable("it could take too long")
    try:
        return linear.Automaton(tree).match(text)
    except linear.Unsupported:
        raise Unusable("it could take too long") from None


@lru_cache(256)
def _parsed(pattern: str) -> tuple[re.Pattern[str], Any]:
    return re.compile(pattern), linear.parse(pattern)


def _ways(tree: Any, size: int) -> float:
    """At most so many ways are tried on a text of this size. What an assertion found is not tried again in another way."""
    ways, asserted = 1.0, 0.0
    for kind, said in tree:
        inner = [_ways(part, size) for part in _below(kind, said)]
        if kind in (op.ASSERT, op.ASSERT_NOT):
            asserted += ways * inner[0]
        elif kind in _REPEATS:
            ways *= _rounds(int(said[0]), int(said[1]), inner[0], size)
        else:
            ways *= max(sum(inner), 1.0)
        if ways > _STEPS:
            return math.inf
    return ways + asserted


def _rounds(low: int, high: int, inner: float, size: int) -> float:
    """Of a repetition: as many as there are numbers of rounds, when one round is had in one way."""
    if inner <= 1.0:
        return float(max(min(high, size) - low + 1, 1))
    return math.inf if high > _MANY or inner > _STEPS else sum(inner ** n for n in range(low, high + 1))


def _counts(tree: Any) -> bool:
    """Is there a repetition that ends after many rounds? An automaton does not count so far."""
    return any((kind in _REPEATS and said[1] - said[0] > linear.COUNTED and said[1] is not op.MAXREPEAT)
               or any(map(_counts, _below(kind, said))) for kind, said in tree)


def _below(kind: Any, said: Any) -> list[Any]:
    """The parts of a part."""
    if kind is op.BRANCH:
        return list(said[1])
    if kind is op.SUBPATTERN:
        return [said[3]]
    if kind in (op.ASSERT, op.ASSERT_NOT):
        return [said[1]]
    if kind is op.ATOMIC_GROUP:
        return [said]
    if kind is op.GROUPREF_EXISTS:
        return [part for part in said[1:] if part is not None]
    return [said[2]] if kind in (*_REPEATS, op.POSSESSIVE_REPEAT) else []
