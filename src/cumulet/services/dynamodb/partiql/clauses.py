"""The parts that statements share: names, paths, literals, and the predicates of WHERE."""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import TypeVar

from ..expressions.syntax import And, Between, Compare, Function, In, Node, Not, Operand, Or, Path, Placeholder
from ..numbers import canonical
from .lexer import Token, malformed
from .syntax import ListOf, MapOf, Parameter, SetOf, Template

T = TypeVar("T")
_TESTS = {"begins_with": 2, "contains": 2, "attribute_type": 2}
_CONDITIONS = _TESTS.keys() | {"attribute_exists", "attribute_not_exists"}        # the last two are how IS MISSING is said
_FUNCTIONS = _TESTS | {"size": 1, "list_append": 2, "set_add": 2, "set_delete": 2}
_SIGNS = {"=": "=", "<>": "<>", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_KNOWN: dict[str, Template] = {"TRUE": {"BOOL": True}, "FALSE": {"BOOL": False}, "NULL": {"NULL": True}}
_DEEPEST = 100                               # so that no text can exhaust the stack
_CLOSED_BY = {"[": "]", "<<": ">>", "(": ")"}
_MOST_OPTIONS = 100
_LONGEST_INDEX = 18


class Clauses:
    """Tokens, read one after the other."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self.templates: dict[str, Template] = {}
        self.parameters = 0
        self._calls = 0                              # functions that are being read, one inside the other

    @property
    def token(self) -> Token:
        return self._tokens[self._at]

    @property
    def next(self) -> Token:
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)]

    def advance(self) -> Token:
        token = self.token
        if token.kind != "end":
            self._at += 1
        return token

    def skip(self, text: str) -> bool:
        found = self.token.kind == "sign" and self.token.text == text
        if found:
            self._at += 1
        return found

    def expect(self, text: str) -> None:
        if not self.skip(text):
            raise self.unexpected()

    def is_word(self, text: str) -> bool:
        return self.token.kind == "keyword" and self.token.text == text

    def word(self, text: str) -> bool:
        found = self.is_word(text)
        if found:
            self._at += 1
        return found

    def must(self, text: str) -> None:
        if not self.word(text):
            raise malformed(f"Expected {text}") if self.token.kind != "end" else self.unexpected()

    def unexpected(self) -> Exception:
        return malformed({"end": "Unexpected end of statement", "keyword": "Unexpected keyword"}.get(
            self.token.kind, "Unexpected term"))

    # --- names and paths ---

    def identifier(self) -> str:
        if self.token.kind not in ("word", "quoted"):
            raise self.unexpected()
        return self.advance().text

    def path(self) -> Path:
        parts: list[str | int] = [self.identifier()]
        while True:
            if self.skip("."):
                if self.token.kind not in ("word", "quoted"):
                    raise malformed("Invalid path dot component")
                parts.append(self.advance().text)
            elif self.skip("["):
                part = self.advance()
                if part.kind == "number" and part.text.isdigit() and len(part.text) <= _LONGEST_INDEX:
                    parts.append(int(part.text))
                elif part.kind == "string":
                    parts.append(part.text)
                else:
                    raise malformed("Unexpected path component")
                self.expect("]")
            else:
                return Path(tuple(parts))

    # --- literals ---

    def template(self, depth: int = 0) -> Template:
        """A literal or `?`, or one that is made of such."""
        _not_too_deep(depth)
        token = self.token
        if token.kind == "sign" and token.text in ("{", "[", "<<"):
            return self.collection(depth + 1)
        negative = self.skip("-")
        token = self.advance()
        if token.kind == "number":
            return {"N": canonical("-" + token.text if negative else token.text)}
        if not negative:
            if token.kind == "string":
                return {"S": token.text}
            if token.kind == "keyword" and token.text in _KNOWN:
                return _KNOWN[token.text]
            if token == ("sign", "?"):
                self.parameters += 1
                return Parameter(self.parameters - 1)
        self._at -= token.kind != "end"
        raise self.unexpected()

    def collection(self, depth: int) -> Template:
        opened = self.advance().text
        if opened != "{":
            members = self.listed(_CLOSED_BY[opened], lambda: self.template(depth))
            return ListOf(tuple(members)) if opened == "[" else SetOf(tuple(members))
        return MapOf(tuple(self.listed("}", lambda: self.entry(depth))))

    def entry(self, depth: int) -> tuple[str, Template]:
        if self.token.kind != "string":
            raise self.unexpected()
        name = self.advance().text
        self.expect(":")
        return name, self.template(depth)

    def listed(self, closing: str, one: Callable[[], T]) -> list[T]:
        """What stands between commas up to a closing sign."""
        found: list[T] = []
        if self.skip(closing):
            return found
        found.append(one())
        while self.skip(","):
            found.append(one())
        self.expect(closing)
        return found

    def placeholder(self, depth: int) -> Placeholder:
        name = f":{len(self.templates)}"
        self.templates[name] = self.template(depth)
        return Placeholder(name)

    # --- predicates ---

    def predicate(self) -> Node:
        return self.tested(self.either(0))

    def tested(self, found: Node | Operand) -> Node:
        if _is_condition(found):
            return found                                                        # type: ignore[return-value]
        raise malformed("Expected a condition")

    def either(self, depth: int) -> Node | Operand:
        found = self.both(depth)
        parts = [found]
        while self.word("OR"):
            parts.append(self.both(depth))
        return found if len(parts) == 1 else Or(tuple(map(self.tested, parts)))

    def both(self, depth: int) -> Node | Operand:
        found = self.negated(depth)
        parts = [found]
        while self.word("AND"):
            parts.append(self.negated(depth))
        return found if len(parts) == 1 else And(tuple(map(self.tested, parts)))

    def negated(self, depth: int) -> Node | Operand:
        _not_too_deep(depth)
        if self.word("NOT"):
            return Not(self.tested(self.negated(depth + 1)))
        return self.comparison(depth)

    def comparison(self, depth: int) -> Node | Operand:
        left = self.primary(depth)
        if isinstance(left, (Compare, Between, In, And, Or, Not)):
            return left
        if self.token.kind == "sign" and self.token.text in _SIGNS:
            return Compare(_SIGNS[self.advance().text], _value(left), self.value(depth))
        if self.word("IS"):
            return self.kind(left)
        negative = self.is_word("NOT") and self.word("NOT")
        found: Node | Operand = left
        if self.word("BETWEEN"):
            low = self.value(depth)
            self.must("AND")
            found = Between(_value(left), low, self.value(depth))
        elif self.word("IN"):
            found = self.options(_value(left), depth)
        elif negative:
            raise self.unexpected()
        return Not(self.tested(found)) if negative else found

    def kind(self, left: Operand) -> Node:
        """IS [NOT] NULL, IS [NOT] MISSING."""
        if not isinstance(left, Path):
            raise malformed("IS takes an attribute or document path")
        negative = self.word("NOT")
        if self.word("MISSING"):
            return Function("attribute_exists" if negative else "attribute_not_exists", (left,))
        if not self.word("NULL"):
            raise malformed("IS takes NULL or MISSING")
        name = f":{len(self.templates)}"
        self.templates[name] = {"S": "NULL"}
        found = Function("attribute_type", (left, Placeholder(name)))
        return Not(found) if negative else found

    def options(self, left: Operand, depth: int) -> In:
        opened = self.advance()
        if opened.kind != "sign" or opened.text not in _CLOSED_BY:
            raise malformed("IN takes a list of values")
        found = self.listed(_CLOSED_BY[opened.text], lambda: self.value(depth + 1))
        if not 0 < len(found) <= _MOST_OPTIONS:
            raise malformed(f"IN takes 1 to {_MOST_OPTIONS} values")
        return In(left, tuple(found))

    def value(self, depth: int) -> Operand:
        return _value(self.primary(depth))

    def primary(self, depth: int) -> Node | Operand:
        if self.skip("("):
            _not_too_deep(depth)
            inside = self.either(depth + 1)
            self.expect(")")
            return inside
        return self.operand(depth)

    def operand(self, depth: int) -> Operand:
        if self.token.kind == "word" and self.next == ("sign", "("):
            return self.function(_TESTS.keys() | {"size"}, depth, lambda: self.operand(depth + 1))
        if self.token.kind in ("word", "quoted"):
            return self.path()
        return self.placeholder(depth)

    def function(self, allowed: Set[str], depth: int, argument: Callable[[], Operand]) -> Function:
        self._calls += 1
        _not_too_deep(depth + self._calls)
        name = self.advance().text.lower()
        if name not in allowed:
            raise malformed(f"The function {name} is not supported here")
        self.expect("(")
        found = self.listed(")", argument)
        self._calls -= 1
        if len(found) != _FUNCTIONS[name]:
            raise malformed(f"The function {name} takes {_FUNCTIONS[name]} arguments")
        return Function(name, tuple(found))


def _value(found: Node | Operand) -> Operand:
    if _is_condition(found):
        raise malformed("A condition stands where a value is expected")
    return found                                                                # type: ignore[return-value]


def _is_condition(found: Node | Operand) -> bool:
    return isinstance(found, (Compare, Between, In, And, Or, Not)) or (
        isinstance(found, Function) and found.name in _CONDITIONS)


def _not_too_deep(depth: int) -> None:
    if depth > _DEEPEST:
        raise malformed("The statement is nested too deeply")
