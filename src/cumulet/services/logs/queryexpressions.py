"""Expressions of queries: each makes a column of a batch; and what is known of them before any event is seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from .queryrows import Batch
from .querytokens import Token, malformed
from .queryvalues import Value, before, floors, number, same, text, truth

_PLAIN = re.compile(r"[A-Za-z0-9_ .:\-]+")


class Expression(NamedTuple):
    """column: its values.  field: which it is, where it is nothing else.  needs: texts without which a message cannot make it
    true.  fixed, value: it is the same for all events."""

    column: Callable[[Batch], list[Value]]
    field: str = ""
    needs: frozenset[str] = frozenset()
    fixed: bool = False
    value: Value = None


def of_field(name: str) -> Expression:
    return Expression(lambda batch: batch.column(name), name)


def constant(value: Value) -> Expression:
    return Expression(lambda batch: [value] * batch.size, fixed=True, value=value)


def mapped(run: Callable[..., Value], *arguments: Expression) -> Expression:
    """A function of each row's values."""
    if not arguments:
        return Expression(lambda batch: [run() for _ in range(batch.size)])
    return Expression(lambda batch: list(map(run, *[each.column(batch) for each in arguments])))


def needing(expression: Expression, left: Expression, literal: str) -> Expression:
    """A field of the message that is (or holds) a text: the message holds it as well."""
    of_message = left.field == "@message" or (left.field and not left.field.startswith("@"))
    if not of_message or not _PLAIN.fullmatch(literal) or number(literal) is not None:
        return expression
    return expression._replace(needs=frozenset((literal,)))


def either(a: Expression, b: Expression) -> Expression:
    return mapped(lambda x, y: truth(x) or truth(y), a, b)._replace(needs=a.needs & b.needs)


def both(a: Expression, b: Expression) -> Expression:
    return mapped(lambda x, y: truth(x) and truth(y), a, b)._replace(needs=a.needs | b.needs)


def negated(a: Expression) -> Expression:
    return mapped(lambda x: not truth(x), a)


def applied(said: Token, run: Callable[..., Value], arguments: list[Expression]) -> Expression:
    def apply(*values: Value) -> Value:
        try:
            return run(*values)
        except TypeError:
            raise malformed(f"wrong number of arguments of '{said.text}'", said.place) from None
        except ValueError:
            return None
    return mapped(apply, *arguments)


def period(said: Token, arguments: list[Expression], up: bool) -> Expression:
    """bin(5m) of the event's time; datefloor(field, 1h)."""
    if len(arguments) not in (1, 2):
        raise malformed(f"wrong number of arguments of '{said.text}'", said.place)
    *of, length = arguments
    try:
        floor = floors(text(length.value), up)
    except ValueError:
        raise malformed(f"invalid period of '{said.text}'", said.place) from None
    of_time = of[0] if of else of_field("@timestamp")

    return Expression(lambda batch: floor(of_time.column(batch)))


# --- comparisons: what is compared with a constant is what most queries do, so those loops know its type ---

def comparison(operator: str, left: Expression, right: Expression) -> Expression:
    if operator == "=":
        return equality(left, right)
    if operator == "!=":
        return mapped(lambda a, b: not same(a, b), left, right)
    if right.fixed and type(right.value) in (int, float):
        return _ordered(operator, left, right.value)
    return mapped(_GENERAL[operator], left, right)


def equality(left: Expression, right: Expression) -> Expression:
    wanted = right.value
    if right.fixed and type(wanted) is str and number(wanted) is None:
        return Expression(lambda batch: [value == wanted if type(value) is str else same(value, wanted)
                                         for value in left.column(batch)])
    if right.fixed and type(wanted) in (int, float):
        return Expression(lambda batch: [value == wanted if type(value) is int or type(value) is float else same(value, wanted)
                                         for value in left.column(batch)])
    return mapped(same, left, right)


_GENERAL: dict[str, Callable[[Value, Value], bool]] = {
    "<": lambda a, b: before(a, b) is True, ">": lambda a, b: before(b, a) is True,
    "<=": lambda a, b: before(b, a) is False, ">=": lambda a, b: before(a, b) is False}


def _ordered(operator: str, left: Expression, limit: float) -> Expression:
    general = _GENERAL[operator]
    loops: dict[str, Callable[[list[Value]], list[Value]]] = {
        "<": lambda values: [v < limit if type(v) is int or type(v) is float else general(v, limit) for v in values],
        ">": lambda values: [v > limit if type(v) is int or type(v) is float else general(v, limit) for v in values],
        "<=": lambda values: [v <= limit if type(v) is int or type(v) is float else general(v, limit) for v in values],
        ">=": lambda values: [v >= limit if type(v) is int or type(v) is float else general(v, limit) for v in values]}
    loop = loops[operator]
    return Expression(lambda batch: loop(left.column(batch)))


_RUN: dict[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": lambda a, b: a / b, "%": lambda a, b: a % b,
    "^": lambda a, b: a ** b}


def arithmetic(operator: str, left: Expression, right: Expression) -> Expression:
    run = _RUN[operator]

    def value(left: Value, right: Value) -> Any:
        a, b = number(left), number(right)
        if a is None or b is None:
            return None
        try:
            return run(a, b)
        except (ZeroDivisionError, OverflowError):
            return None

    return mapped(value, left, right)
