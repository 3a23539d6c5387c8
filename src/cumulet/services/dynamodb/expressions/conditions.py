"""Conditions → closures `(item, values) → bool`, with the checks of operand types that come before any item is read."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from cumulet.kernel import AwsError, error

from .. import values as av
from ..values import Item, Value
from . import parser
from .operands import Read, Values, reader, roots
from .syntax import And, Between, Compare, Function, In, Node, Not, Operand, Or, Path, Placeholder, Tree

Test = Callable[[Item, Values], bool]
Check = Callable[[Values], None]
_ORDERED = ("S", "N", "B")
_ATTRIBUTE_TYPES = "{B,NULL,SS,BOOL,L,BS,N,NS,S,M}"


class Condition(NamedTuple):
    """A compiled condition. Call `check(values)` once a request, `test(item, values)` once an item."""

    label: str
    test: Test
    tree: Tree
    checks: tuple[Check, ...]
    roots: frozenset[str]

    def check(self, values: Values) -> None:
        missing(self.label, self.tree, values)
        for each in self.checks:
            each(values)


@lru_cache(512)
def compiled(label: str, text: str, names: parser.Names) -> Condition:
    """The condition of a text."""
    tree = parser.condition(label, text, names)
    return of_tree(label, tree)


def of_tree(label: str, tree: Tree) -> Condition:
    """The condition of a tree (the old parameters make theirs without text)."""
    build = _Builder(label)
    test = build.node(tree.root)                                                # type: ignore[arg-type]
    return Condition(label, test, tree, tuple(build.checks), frozenset(build.roots))


def missing(label: str, tree: Tree, values: Values) -> None:
    """Raise when the expression uses a value that was not given."""
    if not tree.values <= values.keys():
        name = sorted(tree.values - values.keys())[0]
        raise error.ValidationException(
            f"Invalid {label}: An expression attribute value used in expression is not defined; attribute value: {name}")


def wrong_type(label: str, operator: str, kind: str) -> AwsError:
    return error.ValidationException(
        f"Invalid {label}: Incorrect operand type for operator or function; operator or function: {operator}, "
        f"operand type: {kind}")


class _Builder:
    def __init__(self, label: str) -> None:
        self.label = label
        self.checks: list[Check] = []
        self.roots: set[str] = set()

    def node(self, node: Node) -> Test:
        if isinstance(node, And):
            tests = [self.node(part) for part in node.parts]
            if len(tests) == 2:
                first, second = tests
                return lambda item, values: first(item, values) and second(item, values)
            return lambda item, values: all(test(item, values) for test in tests)
        if isinstance(node, Or):
            tests = [self.node(part) for part in node.parts]
            return lambda item, values: any(test(item, values) for test in tests)
        if isinstance(node, Not):
            test = self.node(node.part)
            return lambda item, values: not test(item, values)
        if isinstance(node, Compare):
            return self.compare(node)
        if isinstance(node, Between):
            return self.between(node)
        if isinstance(node, In):
            operand = self.read(node.operand)
            options = [self.read(option) for option in node.options]
            return lambda item, values: _among(operand(item, values), options, item, values)
        return self.function(node)

    def read(self, operand: Operand) -> Read:
        self.roots |= roots(operand)
        if isinstance(operand, Function):
            self.allow(operand.name, operand.arguments[0], ("S", "B", "SS", "NS", "BS", "M", "L"))
        return reader(operand)

    def allow(self, operator: str, operand: Operand, kinds: tuple[str, ...]) -> None:
        """A placeholder's value must be of one of these types."""
        if isinstance(operand, Placeholder):
            name, label = operand.name, self.label

            def check(values: Values) -> None:
                kind = av.kind_of(values[name])
                if kind not in kinds:
                    raise wrong_type(label, operator, kind)

            self.checks.append(check)

    def invalid(self, message: str) -> AwsError:
        return error.ValidationException(f"Invalid {self.label}: {message}")

    def compare(self, node: Compare) -> Test:
        sign, left, right = node
        if isinstance(left, Path) and left == right:
            raise self.invalid("The first operand must be distinct from the remaining operands for this operator or function; "
                               f"operator: {sign}, first operand: {left}")
        first, second = self.read(left), self.read(right)
        if sign == "=":
            return lambda item, values: (a := first(item, values)) is not None and a == second(item, values)
        if sign == "<>":
            return lambda item, values: first(item, values) != second(item, values)
        self.allow(sign, left, _ORDERED)
        self.allow(sign, right, _ORDERED)
        fits = _FITS[sign]
        return lambda item, values: (order := _order(first(item, values), second(item, values))) is not None and fits(order)

    def between(self, node: Between) -> Test:
        for operand in node:
            self.allow("BETWEEN", operand, _ORDERED)
        if isinstance(node.low, Placeholder) and isinstance(node.high, Placeholder):
            self.checks.append(self.bounds(node.low.name, node.high.name))
        operand, low, high = (self.read(part) for part in node)

        def test(item: Item, values: Values) -> bool:
            value = operand(item, values)
            lower = _order(low(item, values), value)
            return lower is not None and lower <= 0 and (upper := _order(value, high(item, values))) is not None and upper <= 0

        return test

    def bounds(self, low: str, high: str) -> Check:
        def check(values: Values) -> None:
            order = _order(values[low], values[high])
            shown = (f"lower bound operand: AttributeValue: {av.told(values[low])}, "
                     f"upper bound operand: AttributeValue: {av.told(values[high])}")
            if order is None:
                raise self.invalid(f"The BETWEEN operator requires same data type for lower and upper bounds; {shown}")
            if order > 0:
                raise self.invalid(
                    f"The BETWEEN operator requires upper bound to be greater than or equal to lower bound; {shown}")

        return check

    def function(self, node: Function) -> Test:
        name, arguments = node
        first = arguments[0]
        if name in ("attribute_exists", "attribute_not_exists", "attribute_type") and not isinstance(first, Path):
            raise self.invalid(f"Operator or function requires a document path; operator or function: {name}")
        if len(arguments) == 2 and isinstance(first, Path) and first == arguments[1]:
            raise self.invalid("The first operand must be distinct from the remaining operands for this operator or function; "
                               f"operator: {name}, first operand: {first}")
        read = self.read(first)
        if name == "attribute_exists":
            return lambda item, values: read(item, values) is not None
        if name == "attribute_not_exists":
            return lambda item, values: read(item, values) is None
        second = self.read(arguments[1])
        if name == "attribute_type":
            self.allow(name, arguments[1], ("S",))
            if not isinstance(arguments[1], Placeholder):
                raise self.invalid("Incorrect operand type for operator or function; operator or function: attribute_type")
            self.checks.append(self.type_name(arguments[1].name))
            return lambda item, values: (v := read(item, values)) is not None and (
                (wanted := second(item, values)) is not None and wanted["S"] in v)
        if name == "begins_with":
            for argument in arguments:
                self.allow(name, argument, ("S", "B"))
            return lambda item, values: begins(read(item, values), second(item, values))
        return lambda item, values: contains(read(item, values), second(item, values))

    def type_name(self, placeholder: str) -> Check:
        def check(values: Values) -> None:
            wanted = values[placeholder]["S"]
            if wanted not in av.KINDS:
                raise self.invalid(f"Invalid attribute type name found; type: {wanted}, valid types: {_ATTRIBUTE_TYPES}")

        return check


_FITS: dict[str, Callable[[int], bool]] = {
    "<": lambda order: order < 0, "<=": lambda order: order <= 0, ">": lambda order: order > 0, ">=": lambda order: order >= 0}


def _among(value: Value | None, options: list[Read], item: Item, values: Values) -> bool:
    return value is not None and any(value == option(item, values) for option in options)


def _order(left: Value | None, right: Value | None) -> int | None:
    """-1, 0, 1; None when the two have no order."""
    if left is None or right is None:
        return None
    [(kind, one)] = left.items()
    other = right.get(kind)
    if other is None or kind not in _ORDERED:
        return None
    if one == other:
        return 0
    return -1 if av.order_of(kind, one) < av.order_of(kind, other) else 1


def begins(value: Value | None, start: Value | None) -> bool:
    """Does this text (or binary) begin with that?"""
    if value is None or start is None:
        return False
    if "S" in value:
        return "S" in start and bool(value["S"].startswith(start["S"]))
    if "B" in value:
        return "B" in start and base64.b64decode(value["B"]).startswith(base64.b64decode(start["B"]))
    return False


def contains(value: Value | None, part: Value | None) -> bool:
    """Is this a part of that text or binary, or a member of that set or list?"""
    if value is None or part is None:
        return False
    [(kind, data)] = value.items()
    [(part_kind, wanted)] = part.items()
    if kind == "L":
        return part in data
    if kind == part_kind == "S" or (kind in ("SS", "NS", "BS") and kind[0] == part_kind):
        return wanted in data
    return kind == part_kind == "B" and base64.b64decode(wanted) in base64.b64decode(data)
