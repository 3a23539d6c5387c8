"""Filter patterns of JSON events: `{ ($.user.id = 1) && ($.errors[0].code = "4*") || $.done IS TRUE }`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypedDict

import msgspec

from .comparisons import OPERATORS, number, number_test, regex_test, text_test
from .names import invalid

Node = Callable[[Any], bool]

_TOKEN = re.compile(r"""\s*(?:(?P<op>&&|\|\||!=|<=|>=|=|<|>|\(|\))|(?P<text>"(?:[^"\\]|\\.)*")|%(?P<regex>[^%]*)%"""
                    r"""|(?P<selector>\$(?:\.?\[(?:'[^']*'|"[^"]*"|\d+|\*)\]|\.[A-Za-z0-9_*@\-:]+)*)|(?P<word>[^\s"%()&|=<>!]+))""")
_STEP = re.compile(r"""\.?\[(?:'([^']*)'|"([^"]*)"|(\d+)|(\*))\]|\.([A-Za-z0-9_*@\-:]+)""")
_PLAIN = re.compile(r"[A-Za-z0-9_ .:\-]+")
_decode = msgspec.json.Decoder().decode
_ABSENT = object()


class JsonPattern(NamedTuple):
    """needed: texts that each fitting message holds (unless it writes them with escapes)."""

    matches: Callable[[str], bool]
    needed: tuple[str, ...]
    values: Callable[[str], dict[str, str]]
    regexes: int


class _Token(NamedTuple):
    kind: str
    text: str


class _Parsed(NamedTuple):
    test: Node
    needed: frozenset[str]


def parse(text: str) -> JsonPattern:
    """A pattern with its braces."""
    if not text.endswith("}"):
        raise invalid(f"Invalid filter pattern: '{text}'")
    reader = _Reader(list(_tokens(text[1:-1].strip())))
    said = reader.either()
    if reader.place != len(reader.tokens):
        raise invalid(f"Invalid filter pattern: '{text}'")
    needed = tuple(sorted(said.needed))
    test, selectors, decode = said.test, reader.selectors, _picking(reader.selectors)

    def fits(message: str) -> bool:
        value = _read(message, decode)
        return value is not _ABSENT and test(value)

    def matches(message: str) -> bool:
        for each in needed:
            if each not in message and "\\" not in message:
                return False
        return fits(message)

    def values(message: str) -> dict[str, str]:
        return {selector: told for selector in selectors if (told := field(message, selector)) is not None}

    return JsonPattern(matches if needed else fits, needed, values, sum(token.kind == "regex" for token in reader.tokens))


def field(message: str, selector: str) -> str | None:
    """What a selector finds in a message, as text."""
    value = _read(message)
    if value is _ABSENT or not selector.startswith("$"):
        return None
    for found in walk(value, steps(selector)):
        return told(found)
    return None


def told(value: Any) -> str | None:
    """A JSON value as text; None for null."""
    if isinstance(value, str) or value is None:
        return value
    return msgspec.json.encode(value).decode()


def _picking(selectors: Sequence[str]) -> Callable[[str], Any]:
    """A decoder that makes objects of those members only that a pattern looks at, where it names them."""
    first = [way[0] if (way := steps(selector)) else "*" for selector in selectors]
    if not all(isinstance(name, str) and name != "*" for name in first):
        return _decode
    wanted: Any = TypedDict("Wanted", {str(name): Any for name in first}, total=False)  # type: ignore[misc]
    return msgspec.json.Decoder(wanted).decode


def _read(message: str, decode: Callable[[str], Any] = _decode) -> Any:
    try:
        if message[:1] == "{":
            return decode(message)
        begin = message.lstrip()[:1]
        return decode(message) if begin == "{" else _decode(message) if begin == "[" else _ABSENT
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return _ABSENT


def steps(selector: str) -> tuple[str | int, ...]:
    """`$.a['b.c'][0]` as ("a", "b.c", 0); "*" stands for any."""
    found: list[str | int] = []
    place = 1
    while place < len(selector):
        part = _STEP.match(selector, place)
        if part is None:
            raise invalid(f"Invalid filter pattern: selector '{selector}'")
        single, double, index, star, name = part.groups()
        found.append(int(index) if index is not None else star or next(x for x in (single, double, name) if x is not None))
        place = part.end()
    return tuple(found)


def walk(value: Any, way: tuple[str | int, ...]) -> Iterator[Any]:
    """All values at a place."""
    for i, step in enumerate(way):
        if step == "*":
            inner = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
            for each in inner:
                yield from walk(each, way[i + 1:])
            return
        if isinstance(step, int):
            if not isinstance(value, list) or step >= len(value):
                return
            value = value[step]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            return
    yield value


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while place < len(text):
        part = _TOKEN.match(text, place)
        if part is None or part.end() == place:
            raise invalid(f"Invalid filter pattern: '{{ {text} }}'")
        kind = part.lastgroup or ""
        yield _Token(kind, part[kind])
        place = part.end()
        if not text[place:].strip():
            return


class _Reader:
    """Reads tokens into tests: `||` binds least, then `&&`."""

    def __init__(self, tokens: list[_Token]) -> None:
        self.tokens = tokens
        self.place = 0
        self.selectors: list[str] = []

    def _next(self) -> _Token:
        if self.place >= len(self.tokens):
            raise invalid("Invalid filter pattern: it ends too early")
        self.place += 1
        return self.tokens[self.place - 1]

    def _is(self, text: str) -> bool:
        if self.place < len(self.tokens) and self.tokens[self.place] == _Token("op", text):
            self.place += 1
            return True
        return False

    def either(self) -> _Parsed:
        first = self._both()
        while self._is("||"):
            a, b = first, self._both()
            first = _Parsed(lambda value, a=a.test, b=b.test: a(value) or b(value), a.needed & b.needed)  # type: ignore[misc]
        return first

    def _both(self) -> _Parsed:
        first = self._one()
        while self._is("&&"):
            a, b = first, self._one()
            first = _Parsed(lambda value, a=a.test, b=b.test: a(value) and b(value), a.needed | b.needed)  # type: ignore[misc]
        return first

    def _one(self) -> _Parsed:
        if self._is("("):
            inner = self.either()
            if not self._is(")"):
                raise invalid("Invalid filter pattern: a parenthesis is not closed")
            return inner
        token = self._next()
        if token.kind != "selector":
            raise invalid(f"Invalid filter pattern: '{token.text}' where a selector should be")
        way = steps(token.text)
        if token.text not in self.selectors:
            self.selectors.append(token.text)
        operator = self._next()
        if operator.kind == "op" and operator.text in OPERATORS:
            return _compared(way, operator.text, self._next())
        return _asked(way, operator.text.upper(), self._next().text.upper())


def _anywhere(way: tuple[str | int, ...], test: Callable[[Any], bool]) -> Node:
    """Is it true of one of the values at a place? Most places are a member of the event itself."""
    name = way[0] if len(way) == 1 else "*"
    if isinstance(name, str) and name != "*":
        return lambda root: isinstance(root, dict) and name in root and test(root[name])
    return lambda root: any(test(each) for each in walk(root, way))


def _asked(way: tuple[str | int, ...], first: str, second: str) -> _Parsed:
    """IS NULL, IS TRUE, IS FALSE, NOT EXISTS."""
    if (first, second) == ("NOT", "EXISTS"):
        exists = _anywhere(way, lambda each: True)
        return _Parsed(lambda root: not exists(root), frozenset())
    if first == "IS" and second in ("NULL", "TRUE", "FALSE"):
        wanted = {"NULL": None, "TRUE": True, "FALSE": False}[second]
        return _Parsed(_anywhere(way, lambda each: each is wanted), frozenset())
    raise invalid(f"Invalid filter pattern: '{first} {second}'")


def _compared(way: tuple[str | int, ...], operator: str, value: _Token) -> _Parsed:
    if value.kind == "regex":
        fits = regex_test(operator, value.text)
        return _Parsed(_anywhere(way, lambda each: isinstance(each, str) and fits(each)), frozenset())
    if value.kind == "text":
        text = re.sub(r"\\(.)", r"\1", value.text[1:-1])
        literal = {part for part in text.split("*") if _PLAIN.fullmatch(part)} if operator == "=" else set()
        return _Parsed(_of_text(way, text_test(operator, text)), frozenset(literal))
    if value.kind != "word":
        raise invalid(f"Invalid filter pattern: '{value.text}' where a value should be")
    amount = number(value.text)
    if amount is None:
        return _Parsed(_of_text(way, text_test(operator, value.text)), frozenset())
    right = number_test(operator, amount)
    return _Parsed(_anywhere(way, _of_number(right)), frozenset())


def _of_text(way: tuple[str | int, ...], same: Callable[[str], bool]) -> Node:
    return _anywhere(way, lambda each: (shown := _shown(each)) is not None and same(shown))


def _shown(value: Any) -> str | None:
    """What texts are compared with: texts, and numbers as they are written."""
    if isinstance(value, str):
        return value
    return told(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _of_number(fits: Callable[[float], bool]) -> Node:
    """Numbers, and texts that are written as one."""
    def test(value: Any) -> bool:
        if type(value) is float or type(value) is int:
            return fits(value)
        return isinstance(value, str) and (found := number(value)) is not None and fits(found)
    return test
