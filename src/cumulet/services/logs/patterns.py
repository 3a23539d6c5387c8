"""Filter patterns of CloudWatch Logs, compiled once for their text: terms here; JSON and columns in their own files.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from . import columnpatterns, jsonpatterns
from .comparisons import regex
from .names import invalid

_TERM = re.compile(r'([-?]?)(?:"((?:[^"\\]|\\.)*)"|%([^%]*)%|([^\s"]+))(?=\s|$)')
_WORD = re.compile(r"\w+")
_MOST_REGEXES = 2


class Pattern(NamedTuple):
    """matches: does a message fit? None when each does.  within: may any message of these bytes fit? None when unknown.

    values: what TestMetricFilter extracts of a message that fits.  field: the text that a selector of a metric's value
    (`$.latency`, `$bytes`) finds in a message.  kind: "terms", "json" or "columns".  regexes: how many there are.
    """

    kind: str
    matches: Callable[[str], bool] | None
    within: Callable[[bytes], bool] | None
    values: Callable[[str], dict[str, str]]
    field: Callable[[str, str], str | None]
    regexes: int = 0


@lru_cache(maxsize=512)
def compiled(text: str) -> Pattern:
    """The pattern of a text; an empty one fits every message."""
    stripped = text.strip()
    if stripped.startswith("{"):
        said = jsonpatterns.parse(stripped)
        found = Pattern("json", said.matches, _bytes_within(said.needed), said.values, jsonpatterns.field, said.regexes)
    elif stripped.startswith("["):
        columns = columnpatterns.parse(stripped)
        found = Pattern("columns", columns.matches, _bytes_within(columns.needed), columns.values, columns.field,
                        columns.regexes)
    else:
        found = _terms(stripped)
    if found.regexes > _MOST_REGEXES:
        raise invalid(f"Invalid filter pattern: it has more than {_MOST_REGEXES} regular expressions")
    return found


def _bytes_within(needed: tuple[str, ...]) -> Callable[[bytes], bool] | None:
    """Are all of these texts somewhere in a block?"""
    if not needed:
        return None
    raw = [each.encode() for each in needed]
    return lambda data: all(each in data for each in raw) or b"\\" in data


class _Term(NamedTuple):
    mark: str
    test: Callable[[str], bool]
    text: str | None


def _terms(text: str) -> Pattern:
    if not text:
        return Pattern("terms", None, None, _nothing, _no_field)
    terms = list(_read(text))
    needed = [term for term in terms if not term.mark]
    # Optional terms count only where there are no others that must be there.
    either = [term for term in terms if term.mark == "?"] if not needed else []
    unwanted = [term for term in terms if term.mark == "-"]
    matches = _together([t.test for t in needed], [t.test for t in either], [t.test for t in unwanted])
    plain = tuple(t.text for t in needed if t.text is not None)
    raw = [t.encode() for t in plain]
    return Pattern("terms", matches, (lambda data: all(each in data for each in raw)) if raw else None, _nothing, _no_field,
                   text.count("%") // 2 if any(t.text is None for t in terms) else 0)


def _read(text: str) -> list[_Term]:
    found, place = [], 0
    while place < len(text):
        if text[place].isspace():
            place += 1
            continue
        part = _TERM.match(text, place)
        if part is None:
            raise invalid(f"Invalid filter pattern: '{text}'")
        mark, phrase, expression, word = part.groups()
        place = part.end()
        if expression is not None:
            search = regex(expression).search
            found.append(_Term(mark, lambda message, search=search: search(message) is not None, None))  # type: ignore[misc]
            continue
        if word is not None and not _WORD.fullmatch(word):
            raise invalid(f"Invalid character(s) in term '{word}'")
        term = re.sub(r"\\(.)", r"\1", phrase) if phrase is not None else word
        found.append(_Term(mark, lambda message, term=term: term in message, term))  # type: ignore[misc]
    return found


def _together(needed: list[Callable[[str], bool]], either: list[Callable[[str], bool]],
              unwanted: list[Callable[[str], bool]]) -> Callable[[str], bool]:
    if len(needed) == 1 and not unwanted:
        return needed[0]

    def matches(message: str) -> bool:
        return (all(test(message) for test in needed) and (not either or any(test(message) for test in either))
                and not any(test(message) for test in unwanted))

    return matches


def _nothing(message: str) -> dict[str, str]:
    return {}


def _no_field(message: str, selector: str) -> str | None:
    return None
