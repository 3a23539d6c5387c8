"""JSON with positions: each value knows where in the text it stands, so that a finding can point at it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

_SPACE = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_DECODER = json.JSONDecoder()
_CONSTANTS = {"true": True, "false": False, "null": None}


class Node(NamedTuple):
    """A value. inside: (key or index, child) of objects and arrays; a key that comes twice is there twice."""

    value: Any
    start: int
    end: int
    inside: tuple[tuple[str | int, Node], ...] = ()

    def child(self, key: str | int) -> Node | None:
        return next((node for name, node in self.inside if name == key), None)

    def items(self) -> Iterator[tuple[tuple[str | int, ...], Node]]:
        """The elements of an array with their paths; of anything else, itself."""
        if isinstance(self.value, list):
            yield from (((index,), node) for index, node in self.inside)
        else:
            yield (), self


class Broken(ValueError):
    """The text is not JSON; at: where."""

    def __init__(self, at: int) -> None:
        super().__init__(at)
        self.at = at


def parse(text: str) -> Node:
    """The one value of a text."""
    try:
        node = _value(text, _skip(text, 0))
    except (IndexError, RecursionError) as problem:
        raise Broken(len(text)) from problem
    if (rest := _skip(text, node.end)) != len(text):
        raise Broken(rest)
    return node


def _skip(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None
    return found.end()


def _value(text: str, at: int) -> Node:
    first = text[at]
    if first == '"':
        value, end = _string(text, at)
        return Node(value, at, end)
    if first == "{":
        return _object(text, at)
    if first == "[":
        return _array(text, at)
    found = _SCALAR.match(text, at)
    if found is None:
        raise Broken(at)
    word = found[0]
    try:
        return Node(_CONSTANTS[word] if word in _CONSTANTS else json.loads(word), at, found.end())
    except ValueError as problem:                # a number of more digits than Python reads
        raise Broken(at) from problem


def _string(text: str, at: int) -> tuple[str, int]:
    if text[at] != '"':
        raise Broken(at)
    try:
        value, end = _DECODER.raw_decode(text, at)
    except json.JSONDecodeError as problem:
        raise Broken(problem.pos) from problem
    return str(value), end


def _object(text: str, start: int) -> Node:
    inside: list[tuple[str | int, Node]] = []
    at = _skip(text, start + 1)
    while text[at] != "}":
        key, at = _string(text, at)
        at = _skip(text, at)
        if text[at] != ":":
            raise Broken(at)
        node = _value(text, _skip(text, at + 1))
        inside.append((key, node))
        at = _next(text, node.end, "}")
    return Node({key: node.value for key, node in inside}, start, at + 1, tuple(inside))


def _array(text: str, start: int) -> Node:
    inside: list[tuple[str | int, Node]] = []
    at = _skip(text, start + 1)
    while text[at] != "]":
        node = _value(text, at)
        inside.append((len(inside), node))
        at = _next(text, node.end, "]")
    return Node([node.value for _, node in inside], start, at + 1, tuple(inside))


def _next(text: str, at: int, close: str) -> int:
    """Behind a comma, or at the end of what encloses."""
    at = _skip(text, at)
    if text[at] == close:
        return at
    if text[at] != ",":
        raise Broken(at)
    at = _skip(text, at + 1)
    if text[at] == close:
        raise Broken(at)
    return at


def position(text: str, at: int) -> dict[str, int]:
    """A Position: lines from 1, columns from 0."""
    line = text.count("\n", 0, at)
    return {"line": line + 1, "column": at - (text.rfind("\n", 0, at) + 1), "offset": at}
