"""The parameters from before expressions: Expected, AttributeUpdates, KeyConditions, QueryFilter, ScanFilter.

They become the same trees that the parser makes, and so mean the same.
"""

from __future__ import annotations

from typing import Any

from cumulet.kernel import error

from . import values as av
from .expressions import conditions
from .expressions.syntax import And, Between, Compare, Function, In, Node, Not, Operand, Or, Path, Placeholder, Tree
from .values import Value

_SIGNS = {"EQ": "=", "NE": "<>", "LE": "<=", "LT": "<", "GE": ">=", "GT": ">"}
_FUNCTIONS = {"CONTAINS": "contains", "BEGINS_WITH": "begins_with"}
_COUNTS = {"NULL": 0, "NOT_NULL": 0, "BETWEEN": 2}
_ORDERED = ("S", "N", "B")
_INVALID = "One or more parameter values were invalid: "
Conditioned = tuple[conditions.Condition, dict[str, Value]]


def arguments(operator: str, given: list[Value] | None) -> list[Value]:
    """The values of a comparison, checked."""
    found = [av.take(value)[0] for value in given or ()]
    wanted = _COUNTS.get(operator, 1)
    if (len(found) < 1) if operator == "IN" else len(found) != wanted:
        raise error.ValidationException(
            _INVALID + f"Invalid number of argument(s) for the {operator} ComparisonOperator")
    for value in found:
        kind = av.kind_of(value)
        if (operator in ("LT", "LE", "GT", "GE", "BETWEEN") and kind not in _ORDERED) or \
                (operator == "BEGINS_WITH" and kind not in ("S", "B")):
            raise error.ValidationException(
                _INVALID + f"ComparisonOperator {operator} is not valid for {kind} AttributeValue type")
    if operator in ("BETWEEN", "IN") and len({av.kind_of(value) for value in found}) > 1:
        raise error.ValidationException(_INVALID + "AttributeValues inside AttributeValueList must be of same type")
    if operator == "BETWEEN":
        kind = av.kind_of(found[0])
        if av.order_of(kind, found[0][kind]) > av.order_of(kind, found[1][kind]):
            raise error.ValidationException("The BETWEEN condition was provided a range where the lower bound is greater than "
                                            "the upper bound")
    return found


def filters(given: dict[str, dict[str, Any]], operator: str, label: str) -> Conditioned:
    """QueryFilter or ScanFilter."""
    if operator == "OR" and len(given) < 1:
        raise error.ValidationException("ConditionalOperator can only be used when Filter or Expected has two or more elements")
    values: dict[str, Value] = {}
    nodes = [_node(name, one["ComparisonOperator"], arguments(one["ComparisonOperator"], one.get("AttributeValueList")), values)
             for name, one in given.items()]
    return _joined(nodes, operator, label, values)


def expectation(given: dict[str, dict[str, Any]], operator: str) -> Conditioned:
    """Expected."""
    values: dict[str, Value] = {}
    nodes = []
    for name, one in given.items():
        sign, value, exists = one.get("ComparisonOperator"), one.get("Value"), one.get("Exists")
        if sign is not None:
            if value is not None and "AttributeValueList" in one:
                raise error.ValidationException(
                    _INVALID + f"Value and AttributeValueList cannot be used together for Attribute: {name}")
            if exists is not None:
                raise error.ValidationException(
                    _INVALID + f"Exists and ComparisonOperator cannot be used together for Attribute: {name}")
            listed = [value] if value is not None else one.get("AttributeValueList")
            nodes.append(_node(name, sign, arguments(sign, listed), values))
        elif exists is False:
            if value is not None:
                raise error.ValidationException(
                    _INVALID + f"Value cannot be used when Exists is set to false for Attribute: {name}")
            nodes.append(_node(name, "NULL", [], values))
        else:
            if value is None:
                raise error.ValidationException(_INVALID + (
                    f"Value must be provided when Exists is set to true for Attribute: {name}" if exists else
                    f"Value must be provided when Exists is null for Attribute: {name}"))
            nodes.append(_node(name, "EQ", arguments("EQ", [value]), values))
    return _joined(nodes, operator, "Expected", values)


def updates(given: dict[str, dict[str, Any]]) -> list[tuple[str, tuple[str | int, ...], Value | None]]:
    """AttributeUpdates as changes of an item (`expressions.updates.write`)."""
    found: list[tuple[str, tuple[str | int, ...], Value | None]] = []
    for name, one in given.items():
        action = one.get("Action", "PUT")
        value = av.take(one["Value"])[0] if one.get("Value") is not None else None
        if value is None and action != "DELETE":
            raise error.ValidationException(
                _INVALID + f"Only DELETE action is allowed when no attribute value is specified: {name}")
        if action == "PUT":
            found.append(("SET", (name,), value))
        elif value is None:
            found.append(("REMOVE", (name,), None))
        else:
            kinds = ("SS", "NS", "BS") if action == "DELETE" else ("N", "SS", "NS", "BS", "L")
            if av.kind_of(value) not in kinds:
                raise error.ValidationException(
                    _INVALID + f"{action} action is not supported for the type {av.kind_of(value)}"
                    if action == "DELETE" else
                    _INVALID + f"ADD action is not supported for the type {av.kind_of(value)}")
            found.append((action, (name,), value))
    return found


def _joined(nodes: list[Node], operator: str, label: str, values: dict[str, Value]) -> Conditioned:
    root: Node = nodes[0] if len(nodes) == 1 else Or(tuple(nodes)) if operator == "OR" else And(tuple(nodes))
    return conditions.of_tree(label, Tree(root, frozenset(), frozenset(values))), values


def _node(name: str, operator: str, given: list[Value], values: dict[str, Value]) -> Node:
    path = Path((name,))
    operands: list[Operand] = []
    for value in given:
        placeholder = f":{len(values)}"
        values[placeholder] = value
        operands.append(Placeholder(placeholder))
    if operator in _SIGNS:
        return Compare(_SIGNS[operator], path, operands[0])
    if operator == "NULL":
        return Function("attribute_not_exists", (path,))
    if operator == "NOT_NULL":
        return Function("attribute_exists", (path,))
    if operator == "NOT_CONTAINS":
        return And((Function("attribute_exists", (path,)), Not(Function("contains", (path, operands[0])))))
    if operator == "BETWEEN":
        return Between(path, operands[0], operands[1])
    if operator == "IN":
        return In(path, tuple(operands))
    return Function(_FUNCTIONS[operator], (path, operands[0]))


def key_conditions(given: dict[str, dict[str, Any]]) -> list[tuple[str, str, list[Value]]]:
    """KeyConditions as (name, operator, values), the operators as in expressions."""
    names = {**_SIGNS, "BEGINS_WITH": "begins_with", "BETWEEN": "BETWEEN"}
    found = []
    for name, one in given.items():
        operator = one["ComparisonOperator"]
        if operator not in names or operator == "NE":
            raise error.ValidationException("Attempted conditional constraint is not an indexable operation")
        found.append((name, names[operator], arguments(operator, one.get("AttributeValueList"))))
    return found
