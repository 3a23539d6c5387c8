"""The expressions of one request, with their names and values: compiled, checked, and nothing given in vain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import AwsError, error

from . import legacy
from . import values as av
from .expressions import conditions, parser, paths, updates
from .expressions.syntax import Tree
from .values import Item, Value

NOTHING: Mapping[str, Value] = {}


class Terms:
    """Names and values of a request; remembers which of them its expressions use."""

    __slots__ = ("_given", "_used_names", "_used_values", "names", "values")

    def __init__(self, names: dict[str, str] | None, values: Item | None, needs: str = "", **expressions: str | None) -> None:
        """expressions: all that the operation may have, by name.  needs: those that take values, as messages list them."""
        if names is not None and all(text is None for text in expressions.values()):
            raise error.ValidationException("ExpressionAttributeNames can only be specified when using expressions")
        if values is not None and needs and all(expressions.get(name) is None for name in needs.split(" and ")):
            are = "are" if " and " in needs else "is"
            raise error.ValidationException(
                f"ExpressionAttributeValues can only be specified when using expressions: {needs} {are} null")
        self._given = names
        self.names = parser.names_of(names)
        self.values = _taken(values) if values is not None else NOTHING
        self._used_names: set[str] = set()
        self._used_values: set[str] = set()

    def condition(self, text: str | None, label: str = "ConditionExpression") -> conditions.Condition | None:
        if text is None:
            return None
        found = conditions.compiled(label, text, self.names)
        found.check(self.values)
        self._use(found.tree)
        return found

    def update(self, text: str | None) -> updates.Update | None:
        if text is None:
            return None
        found = updates.compiled(text, self.names)
        found.check(self.values)
        self._use(found.tree)
        return found

    def projection(self, text: str | None) -> paths.Projection | None:
        if text is None:
            return None
        found = paths.projection(text, self.names)
        self._use(found.tree)
        return found

    def _use(self, tree: Tree) -> None:
        self._used_names |= tree.aliases
        self._used_values |= tree.values

    def finish(self) -> None:
        """Raise when something was given that no expression uses."""
        if self._given and (unused := self._given.keys() - self._used_names):
            raise error.ValidationException(
                f"Value provided in ExpressionAttributeNames unused in expressions: keys: {{{', '.join(sorted(unused))}}}")
        if unused := self.values.keys() - self._used_values:
            raise error.ValidationException(
                f"Value provided in ExpressionAttributeValues unused in expressions: keys: {{{', '.join(sorted(unused))}}}")


def _taken(values: Item) -> Mapping[str, Value]:
    if not values:
        raise error.ValidationException("ExpressionAttributeValues must not be empty")
    found = {}
    for name, value in values.items():
        if len(name) < 2 or name[0] != ":" or not (name.isascii() and name[1:].replace("_", "a").isalnum()):
            raise error.ValidationException(
                f'ExpressionAttributeValues contains invalid key: Syntax error; key: "{name}"')
        try:
            found[name], _ = av.take(value)
        except AwsError as problem:
            raise error.ValidationException(
                f"ExpressionAttributeValues contains invalid value: {problem.message} for key {name}") from None
    return found


def not_mixed(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Raise when a request has both the old parameters and expressions."""
    old_given = [name for name, value in old.items() if value is not None]
    new_given = [name for name, value in new.items() if value is not None]
    if old_given and new_given:
        raise error.ValidationException(
            "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: "
            f"{{{', '.join(old_given)}}} Expression parameters: {{{', '.join(new_given)}}}")


class Guard:
    """A condition with its values: `holds(item)`."""

    __slots__ = ("condition", "values")

    def __init__(self, condition: conditions.Condition, values: Mapping[str, Value]) -> None:
        self.condition = condition
        self.values = values

    def holds(self, item: Item) -> bool:
        return self.condition.test(item, self.values)


def guard(terms: Terms | None, text: str | None, expected: dict[str, Any] | None, operator: str | None) -> Guard | None:
    """The condition of a write, from ConditionExpression or from Expected."""
    if text is not None:
        assert terms is not None
        condition = terms.condition(text)
        assert condition is not None
        return Guard(condition, terms.values)
    if operator is not None and not expected:
        raise error.ValidationException("ConditionalOperator cannot be used without Filter or Expected"
                                        if expected is None else "ConditionalOperator can only be used when Filter or "
                                        "Expected has two or more elements")
    if not expected:
        return None
    condition, values = legacy.expectation(expected, operator or "AND")
    return Guard(condition, values)
