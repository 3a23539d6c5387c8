"""Regular expressions that Python would take exponential time over, matched in time linear in the text.

A few models repeat what repeats (`([!-~]+/){1,511}`): a text made for it keeps a backtracking matcher, and with it the server,
busy for ever. These are run as automata: all that may be matched next is one state, and states are made as they are met.
"""

from __future__ import annotations

import re
import re._constants as op  # type: ignore[import-not-found]
import re._parser as sre  # type: ignore[import-not-found]
import warnings
from collections.abc import Callable, Iterator
from typing import Any

MANY = 8                               # repeated more often than this, inside of each other: too often
_MOST_STATES = 20_000
COUNTED = 100                         # rounds of a repetition, beyond what it needs, that are counted
_REMEMBERED = 50_000                   # steps of one automaton
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT)
_TRIED = [*map(chr, range(0x180)), "日", "\U0001f600"]
_CATEGORIES = {op.CATEGORY_DIGIT: r"\d", op.CATEGORY_NOT_DIGIT: r"\D", op.CATEGORY_SPACE: r"\s", op.CATEGORY_NOT_SPACE: r"\S",
               op.CATEGORY_WORD: r"\w", op.CATEGORY_NOT_WORD: r"\W"}
Test = Callable[[str], bool]


class Unsupported(ValueError):
    """An automaton has no memory: nothing behind, ahead or said before can be asked for."""


def parse(pattern: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return sre.parse(pattern)


# --- which patterns ---


def explodes(tree: Any) -> bool:
    """May something be repeated inside a repetition so that one text is had in many ways? (What must stand between two rounds
    and cannot be part of them makes it one way.)"""
    for kind, said in tree:
        if kind in _REPEATS and said[1] > MANY:
            for inner in _repeated(said[2]):
                inside = _characters(inner)
                if not any(inside.isdisjoint(part) for part in _mandatory(said[2])):
                    return True
        if any(map(explodes, _below(kind, said))):
            return True
    return False


def _below(kind: Any, said: Any) -> list[Any]:
    if kind is op.BRANCH:
        return list(said[1])
    if kind is op.SUBPATTERN:
        return [said[3]]
    return [said[2]] if kind in _REPEATS else []


def _characters(tree: Any) -> set[str]:
    found: set[str] = set()
    for kind, said in tree:
        test = _test(kind, said)
        if test is not None:
            found.update(filter(test, _TRIED))
        for below in _below(kind, said):
            found |= _characters(below)
    return found


def _mandatory(tree: Any) -> Iterator[set[str]]:
    for kind, said in tree:
        if _test(kind, said) is not None:
            yield _characters([(kind, said)])
        elif kind is op.SUBPATTERN or (kind in _REPEATS and said[0] > 0):
            yield from _mandatory(_below(kind, said)[0])


def _repeated(tree: Any) -> Iterator[Any]:
    for kind, said in tree:
        if kind in _REPEATS and said[1] > MANY:
            yield said[2]
        for below in _below(kind, said):
            yield from _repeated(below)


# --- one character ---


def _test(kind: Any, said: Any) -> Test | None:
    """What a part of a pattern says of one character; None when it is more than one character, or none."""
    if kind is op.LITERAL:
        return lambda c: ord(c) == said
    if kind is op.NOT_LITERAL:
        return lambda c: ord(c) != said
    if kind is op.ANY:
        return lambda c: c != "\n"
    if kind is op.IN:
        negated = said[0][0] is op.NEGATE
        parts = [part for part in map(_part, said) if part is not None]
        return lambda c: any(part(c) for part in parts) != negated
    return None


def _part(item: tuple[Any, Any]) -> Test | None:
    kind, said = item
    if kind is op.LITERAL:
        return lambda c: ord(c) == said
    if kind is op.RANGE:
        return lambda c: bool(said[0] <= ord(c) <= said[1])
    if kind is op.CATEGORY:
        match = re.compile(_CATEGORIES[said]).match
        return lambda c: match(c) is not None
    return None


# --- the automaton ---


class Automaton:
    """Places of a pattern, and what leads from one to the next: a character (`_steps`), or nothing (`_free`)."""

    def __init__(self, tree: Any) -> None:
        self._steps: list[tuple[Test, int] | None] = []
        self._free: list[list[int]] = []
        self._end = self._sequence(tree, self._place())
        self._known: dict[tuple[frozenset[int], str], frozenset[int]] = {}
        self._start = self._reach({0})

    def match(self, text: str) -> bool:
        """Does the pattern describe all of this text?"""
        known, now = self._known, self._start
        for c in text:
            after = known.get((now, c))
            if after is None:
                after = self._reach({step[1] for place in now if (step := self._steps[place]) is not None and step[0](c)})
                if len(known) >= _REMEMBERED:
                    known.clear()
                known[(now, c)] = after
            if not after:
                return False
            now = after
        return self._end in now

    def _reach(self, places: set[int]) -> frozenset[int]:
        todo = list(places)
        while todo:
            for free in self._free[todo.pop()]:
                if free not in places:
                    places.add(free)
                    todo.append(free)
        return frozenset(places)

    def _place(self) -> int:
        if len(self._steps) >= _MOST_STATES:
            raise Unsupported("too many states")
        self._steps.append(None)
        self._free.append([])
        return len(self._steps) - 1

    def _sequence(self, tree: Any, at: int) -> int:
        size = len(tree)
        for i, (kind, said) in enumerate(tree):
            if kind is op.AT:
                # Anchors at the ends say what is so anyway; a text is always matched as a whole.
                if not (said is op.AT_BEGINNING and i == 0) and not (said in (op.AT_END, op.AT_END_STRING) and i == size - 1):
                    raise Unsupported("an anchor in the middle")
                continue
            at = self._one(kind, said, at)
        return at

    def _one(self, kind: Any, said: Any, at: int) -> int:
        """From `at` through this part of the pattern; the place behind it."""
        test = _test(kind, said)
        if test is not None:
            after = self._place()
            self._steps[at] = (test, after)
            return self._fresh(after)
        if kind is op.SUBPATTERN:
            if said[1] or said[2]:
                raise Unsupported("flags")
            return self._sequence(said[3], self._fresh(at))
        if kind is op.BRANCH:
            after = self._place()
            for branch in said[1]:
                self._free[self._sequence(branch, self._fresh(at))].append(after)
            return after
        if kind in _REPEATS:
            low, high, inner = said
            return self._repeat(int(low), int(high), inner, at)
        raise Unsupported(str(kind))

    def _fresh(self, at: int) -> int:
        """A place of its own that is reached freely: a step leads from each place but once."""
        place = self._place()
        self._free[at].append(place)
        return place

    def _repeat(self, low: int, high: int, inner: Any, at: int) -> int:
        for _ in range(low):
            at = self._sequence(inner, self._fresh(at))
        if high - low > COUNTED:      # places are not made for each of hundreds of rounds: no upper bound then
            loop = self._fresh(at)
            self._free[self._sequence(inner, self._fresh(loop))].append(loop)
            return self._fresh(loop)
        after = self._place()
        for _ in range(high - low):
            self._free[at].append(after)
            at = self._sequence(inner, self._fresh(at))
        self._free[at].append(after)
        return after
