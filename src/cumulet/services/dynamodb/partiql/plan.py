"""What a WHERE clause says of keys: which item it names, or which keys and ranges; so, what must be read."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping

from cumulet.kernel import error

from .. import search
from ..expressions.conditions import Condition
from ..expressions.syntax import And, Between, Compare, Function, In, Node, Operand, Or, Path, Placeholder
from ..resources import Facts
from ..search import Part, Schema
from ..values import Item, Value

Values = Mapping[str, Value]
Hash = tuple[Value, ...]                     # the values of a partition key
_MOST_KEYS = 50
_FLIPPED = {"=": "=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
NO_KEY = "Where clause does not contain a mandatory equality on all key attributes"


def item_key(facts: Facts, condition: Condition, values: Values) -> Item:
    """The key of the one item that a clause names."""
    parts = _parts(condition, values)
    found: Item = {}
    for name in (facts.hash, facts.sort):
        if name:
            equal = next((given for of, sign, given in parts if of == name and sign == "="), None)
            if equal is None:
                raise error.ValidationException(NO_KEY)
            found[name] = equal[0]
    return found


def hash_values(schema: Schema, condition: Condition | None, values: Values) -> list[Hash] | None:
    """The partition keys that items must have; None when a clause does not limit them."""
    if condition is None:
        return None
    each = []
    for name, _ in schema.hash:
        among = _among(condition.tree.root, name, values)                       # type: ignore[arg-type]
        if among is None:
            return None
        each.append(among)
    if math.prod(len(among) for among in each) > _MOST_KEYS:
        raise error.ValidationException(f"A statement may name at most {_MOST_KEYS} values of the partition key")
    return list(itertools.product(*each))


def _sort_parts(schema: Schema, condition: Condition, values: Values) -> list[Part]:
    """The conditions on the sort key that narrow what is read, if there are any: on its attributes from the left."""
    every = _parts(condition, values)
    found: list[Part] = []
    for name, _ in schema.sort:
        fit = [part for part in every if part[0] == name]
        exact = [part for part in fit if part[1] == "="]
        found += (exact or fit)[:1]
        if not exact:
            break
    return found


def ranges(schema: Schema, condition: Condition, values: Values, hashes: list[Hash]) -> tuple[list[bytes], search.Bounds]:
    """The hash keys as stored, and the bounds of the sort key."""
    narrow = _sort_parts(schema, condition, values)
    found: list[bytes] = []
    bounds: search.Bounds = {}
    for each in hashes:
        equal: list[Part] = [(name, "=", [value]) for (name, _), value in zip(schema.hash, each, strict=True)]
        key, bounds = search.key_range(schema, [*equal, *narrow])
        found.append(key)
    return found, bounds


def _among(node: Node, name: str, values: Values) -> list[Value] | None:
    """The values that an attribute may have where a condition holds; None when it may have any."""
    if isinstance(node, Or):
        of_all = [_among(part, name, values) for part in node.parts]
        if any(found is None for found in of_all):
            return None
        return _distinct([value for found in of_all for value in found or ()])
    if isinstance(node, And):
        return next((found for part in node.parts if (found := _among(part, name, values)) is not None), None)
    if isinstance(node, In):
        if _is(node.operand, name) and all(isinstance(option, Placeholder) for option in node.options):
            return _distinct([values[option.name] for option in node.options if isinstance(option, Placeholder)])
        return None
    part = _part(node, values)
    return part[2] if part is not None and part[:2] == (name, "=") else None


def _distinct(found: list[Value]) -> list[Value]:
    return [value for at, value in enumerate(found) if value not in found[:at]]


def _parts(condition: Condition, values: Values) -> list[Part]:
    """The conditions on whole attributes that all must hold."""
    root: Node = condition.tree.root                                            # type: ignore[assignment]
    return [part for node in _flat(root) if (part := _part(node, values)) is not None]


def _flat(node: Node) -> list[Node]:
    return [leaf for part in node.parts for leaf in _flat(part)] if isinstance(node, And) else [node]


def _part(node: Node, values: Values) -> Part | None:
    if isinstance(node, Compare) and node.sign in _FLIPPED:
        sign, left, right = node
        if isinstance(left, Placeholder):
            sign, left, right = _FLIPPED[sign], right, left
        if isinstance(left, Path) and len(left.parts) == 1 and isinstance(right, Placeholder):
            return str(left.parts[0]), sign, [values[right.name]]
    if isinstance(node, Between) and isinstance(node.low, Placeholder) and isinstance(node.high, Placeholder) \
            and isinstance(node.operand, Path) and len(node.operand.parts) == 1:
        return str(node.operand.parts[0]), "BETWEEN", [values[node.low.name], values[node.high.name]]
    if isinstance(node, Function) and node.name == "begins_with":
        path, start = node.arguments
        if isinstance(path, Path) and len(path.parts) == 1 and isinstance(start, Placeholder):
            return str(path.parts[0]), "begins_with", [values[start.name]]
    return None


def _is(operand: Operand, name: str) -> bool:
    return isinstance(operand, Path) and operand.parts == (name,)
