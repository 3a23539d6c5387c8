"""Expressions of queries: functions of a row, made once for each query; and what is known of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .queryrows import Row
from .querytokens import Token, malformed
from .queryvalues import Value, before, floor_time, number, same, text, truth

Expression = Callable[[Row], Value]
_PLAIN = re.compile(r"[A-Za-z0-9_ .:\-]+")

# --- what is known of expressions: which field they are, and what a message must hold for them to be true ---


def of_field(name: str) -> Expression:
    def value(row: Row) -> Value:
        return row.get(name)

    value.field = name                 # type: ignore[attr-defined]
    return value


def field_of(expression: Expression) -> str:
    return getattr(expression, "field", "")


def needs(expression: Expression) -> frozenset[str]:
    """Texts without which a message cannot make it true."""
    found: frozenset[str] = getattr(expression, "needs", frozenset())
    return found


def _with_needs(expression: Expression, found: frozenset[str]) -> Expression:
    if found:
        expression.needs = found       # type: ignore[attr-defined]
    return expression


def needing(expression: Expression, left: Expression, literal: str) -> Expression:
    """A field of the message that is (or holds) a text: the message holds it as well."""
    name = field_of(left)
    of_message = name == "@message" or (name and not name.startswith("@"))
    if not of_message or not _PLAIN.fullmatch(literal) or number(literal) is not None:
        return expression
    return _with_needs(expression, frozenset((literal,)))


def either(a: Expression, b: Expression) -> Expression:
    return _with_needs(lambda row: truth(a(row)) or truth(b(row)), needs(a) & needs(b))


def both(a: Expression, b: Expression) -> Expression:
    return _with_needs(lambda row: truth(a(row)) and truth(b(row)), needs(a) | needs(b))


def applied(said: Token, run: Callable[..., Value], arguments: list[Expression]) -> Expression:
    def apply(row: Row) -> Value:
        try:
            return run(*[argument(row) for argument in arguments])
        except TypeError:
            raise malformed(f"wrong number of arguments of '{said.text}'", said.place) from None
        except ValueError:
            return None
    return apply


def period(said: Token, arguments: list[Expression], up: bool) -> Expression:
    """bin(5m) of the event's time; datefloor(field, 1h)."""
    if len(arguments) not in (1, 2):
        raise malformed(f"wrong number of arguments of '{said.text}'", said.place)
    *of, period = arguments

    def floored(row: Row) -> Value:
        at = number(of[0](row) if of else row.get("@timestamp"))
        return None if at is None else int(floor_time(at, text(period(row)), up))

    try:
        floor_time(0, text(period(Row(0, "", 0, 0, None))))
    except ValueError:
        raise malformed(f"invalid period of '{said.text}'", said.place) from None
    return floored


def comparison(operator: str, left: Expression, right: Expression) -> Expression:
    if operator == "=":
        return lambda row: same(left(row), right(row))
    if operator == "!=":
        return lambda row: not same(left(row), right(row))
    if operator == "<":
        return lambda row: before(left(row), right(row)) is True
    if operator == ">":
        return lambda row: before(right(row), left(row)) is True
    if operator == "<=":
        return lambda row: before(right(row), left(row)) is False
    return lambda row: before(left(row), right(row)) is False


_RUN: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b, "%": lambda a, b: a % b,
    "^": lambda a, b: a ** b}


def arithmetic(operator: str, left: Expression, right: Expression) -> Expression:
    run = _RUN[operator]

    def value(row: Row) -> Any:
        a, b = number(left(row)), number(right(row))
        if a is None or b is None:
            return None
        try:
            return run(a, b)
        except (ZeroDivisionError, OverflowError):
            return None

    return value
