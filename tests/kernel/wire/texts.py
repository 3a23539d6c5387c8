"""Texts that satisfy a regular expression: made by walking its parse tree, then held against the expression itself."""

from __future__ import annotations

import random
import re
import re._constants as op  # type: ignore[import-not-found]
import re._parser as sre  # type: ignore[import-not-found]
import string
import warnings
from functools import cache
from typing import Any

from cumulet.kernel.wire import patterns

# What XML 1.0, HTTP headers and JSON can all carry, with the characters that need care.
TEXT = string.ascii_letters + string.digits + " &<>\"'/%+=;,.-_~é日\U0001f600"
PLAIN = string.ascii_letters + string.digits + "-_."
_CARRIED = TEXT + "".join(sorted(set(string.punctuation) - set(TEXT))) + "\t\n"
_ALLOWED = {"": frozenset(_CARRIED), "header": frozenset(string.printable[:95]), "headers": frozenset(string.printable[:95]),
            "uri": frozenset(_CARRIED), "querystring": frozenset(_CARRIED), "host": frozenset(PLAIN)}
_CATEGORIES = {op.CATEGORY_DIGIT: r"\d", op.CATEGORY_NOT_DIGIT: r"\D", op.CATEGORY_SPACE: r"\s", op.CATEGORY_NOT_SPACE: r"\S",
               op.CATEGORY_WORD: r"\w", op.CATEGORY_NOT_WORD: r"\W"}
# Patterns that this walk does not find its way through, and a text for each.
KNOWN = {
    r"^arn:(?=[^:]+:fsx:[^:]+:\d{12}:)((|(?=[a-z0-9-.]{1,63})(?!\d{1,3}(\.\d{1,3}){3})(?![^:]*-{2})(?![^:]*-\.)(?![^:]*\.-)"
    r"[a-z0-9].*(?<!-)):){4}(?!/).{0,1024}$": "arn:aws:fsx:us-east-1:123456789012:file-system/fs-01234567890123456",
}
# Patterns that are not enforced: Python has no words for them, or no end to them. Any text is sent for them.
NOT_ENFORCED = {
    r"[\p{Print}&&[^|:/]]+": "an intersection of classes",
    r"^arn:\S+:rbin:[a-z\-0-9]{0,63}:[0-9]{12}:rule/[0-9a-zA-Z]{11}{0,1011}$": "a repetition of a repetition",
    r"(?=.{4,255}$)((http|https)://)??(www[.])??([a-zA-Z0-9]|-)+?([.][a-zA-Z0-9(-|/|=|?)??]+?)+?": "exponential, looks ahead",
    r"(?=.{1,80}$)[a-zA-Z0-9.!#$%&'*+/=?^_{|}~-]+@[a-zA-Z0-9-]+(?:.[a-zA-Z0-9-]+)*": "exponential, looks ahead",
    **dict.fromkeys(patterns.SATISFIED_BY_NONE, "no text satisfies it; see patterns.py"),
}
# (service, shape): its pattern and its length contradict each other; only outputs hold it.
CONTRADICTIONS = {("apprunner", "ServiceId"): "a pattern of 36 characters, a length of 32"}
_GROWTH = (2, 0, 1, 5, 12, 30, 80, 200, 600, 2000, 9000)
SAMPLES = 6


class Unsatisfiable(Exception):
    """No text of this length was found that satisfies this pattern, where it has to stand."""


@cache
def samples(pattern: str, least: int, most: int, where: str) -> tuple[str, ...]:
    """A few texts; none when the pattern is beyond Python, and so not enforced."""
    match = patterns.matcher(pattern)
    if match is None:
        assert pattern in NOT_ENFORCED, f"{pattern!r} is not enforced, and no reason is given"
        return ()
    if pattern in KNOWN:
        assert match(KNOWN[pattern])
        return (KNOWN[pattern],)
    chance = random.Random(pattern)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        tree = sre.parse(patterns.translate(pattern))
    found: list[str] = []
    narrow = max(0, least - int(tree.getwidth()[0]))
    for growth, exact in [(g, False) for g in _GROWTH if g <= least + 40] + [(g, True) for g in range(narrow, narrow + 4)]:
        for _ in range(60):
            text = _Walk(chance, growth, exact, _ALLOWED[where]).text(tree)
            if least <= len(text) <= most and fits(text, where) and text not in found and match(text):
                found.append(text)
                if len(found) == SAMPLES:
                    return tuple(found)
        if len(found) > 1 or (found and growth > 80):
            return tuple(found)
    if not found:
        raise Unsatisfiable(f"{pattern!r}, {least} to {most} characters, in {where or 'a body'}")
    return tuple(found)


def fits(text: str, where: str) -> bool:
    """Can this text stand there?"""
    if where == "uri":
        return bool(text) and text.strip("./") != ""
    if where == "host":
        return re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", text, re.IGNORECASE) is not None
    return where not in ("header", "headers") or text == text.strip()


@cache
def _characters(items: tuple[Any, ...], allowed: frozenset[str]) -> str:
    """The characters of a class that can stand there; failing those, its own first ones."""
    negated = bool(items) and items[0][0] is op.NEGATE

    def inside(c: str) -> bool:
        return any(_holds(item, c) for item in items)

    found = "".join(sorted(c for c in allowed if inside(c) != negated))
    if found or negated:
        return found or "x"
    first = next((a for kind, a in items if kind in (op.LITERAL, op.RANGE)), 120)
    return chr(first if isinstance(first, int) else first[0])


def _holds(item: tuple[Any, Any], c: str) -> bool:
    kind, said = item
    if kind is op.LITERAL:
        return bool(ord(c) == said)
    if kind is op.RANGE:
        return bool(said[0] <= ord(c) <= said[1])
    return kind is op.CATEGORY and re.match(_CATEGORIES[said], c) is not None


class _Walk:
    """One walk through a tree, with a choice at each fork. growth: how often at most something is repeated beyond
    need; exact: so often or not at all."""

    def __init__(self, chance: random.Random, growth: int, exact: bool, allowed: frozenset[str]) -> None:
        self.chance, self.growth, self.exact, self.allowed = chance, growth, exact, allowed
        self.groups: dict[int, str] = {}

    def text(self, tree: Any) -> str:
        return "".join(self.one(kind, said) for kind, said in tree)

    def one(self, kind: Any, said: Any) -> str:
        if kind is op.LITERAL:
            return chr(said)
        if kind is op.NOT_LITERAL:
            return self.chance.choice(_characters(((op.NEGATE, None), (op.LITERAL, said)), self.allowed))
        if kind is op.ANY:
            return self.chance.choice(_characters(((op.NEGATE, None), (op.LITERAL, 10)), self.allowed))
        if kind is op.IN:
            return self.chance.choice(_characters(tuple(said), self.allowed))
        if kind is op.BRANCH:
            return self.text(self.chance.choice(said[1]))
        if kind is op.SUBPATTERN:
            found = self.text(said[3])
            self.groups[said[0]] = found
            return found
        if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
            low, high, inner = said
            most = min(high, low + self.growth)
            times = self.chance.choice((low, most)) if self.exact else self.chance.randint(low, most)
            return "".join([self.text(inner) for _ in range(times)])
        if kind is op.GROUPREF:
            return self.groups.get(said, "")
        if kind is op.ATOMIC_GROUP:
            return self.text(said)
        # Anchors and what is asserted ahead or behind: the expression itself has the last word.
        return ""
