"""Policy documents as plain statements: what each element lists, whatever way it was written."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

_FIXING = {"stringequals", "stringlike", "stringequalsignorecase", "arnequals", "arnlike", "ipaddress", "bool", "numericequals"}


class Condition(NamedTuple):
    """One line of a Condition element. operator and key in lower case, without the set operator and IfExists."""

    operator: str
    key: str
    values: tuple[str, ...]
    if_exists: bool

    @property
    def fixes(self) -> bool:
        """It holds for listed values only, and not when there is none."""
        return self.operator in _FIXING and not self.if_exists


class Statement(NamedTuple):
    """One statement. principals: (kind, name), ("AWS", "*") for everybody."""

    number: int
    sid: str
    allows: bool
    actions: tuple[str, ...]
    not_action: bool
    resources: tuple[str, ...]
    not_resource: bool
    principals: tuple[tuple[str, str], ...]
    not_principal: bool
    conditions: tuple[Condition, ...]


class Unreadable(ValueError):
    """The text is no policy document."""


def read(text: str) -> list[Statement]:
    """The statements of a document."""
    try:
        document = json.loads(text)
        said = document["Statement"]
        return [_statement(index, one) for index, one in enumerate(said if isinstance(said, list) else [said])]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as problem:
        raise Unreadable(str(problem)) from problem


def listed(value: Any) -> tuple[str, ...]:
    """One or many, as many."""
    many = value if isinstance(value, list) else [value]
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in many)


def _statement(index: int, one: dict[str, Any]) -> Statement:
    return Statement(
        index, str(one.get("Sid", "")), one["Effect"] == "Allow", listed(one["Action" if "Action" in one else "NotAction"]),
        "Action" not in one, listed(one.get("Resource", one.get("NotResource", []))), "NotResource" in one,
        _principals(one.get("Principal", one.get("NotPrincipal", {}))), "NotPrincipal" in one,
        tuple(_conditions(one.get("Condition", {}))))


def _principals(said: Any) -> tuple[tuple[str, str], ...]:
    if isinstance(said, str):
        return (("AWS", said),)
    return tuple((kind, name) for kind, names in said.items() for name in listed(names))


def _conditions(block: dict[str, dict[str, Any]]) -> list[Condition]:
    found = []
    for operator, lines in block.items():
        name = operator.lower().rpartition(":")[2]
        for key, values in lines.items():
            found.append(Condition(name.removesuffix("ifexists"), key.lower(), listed(values), name.endswith("ifexists")))
    return found
