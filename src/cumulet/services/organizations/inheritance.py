"""How management policies of many levels become one: the inheritance operators. No tables, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

ASSIGN, APPEND, REMOVE = "@@assign", "@@append", "@@remove"
CONTROL = "@@operators_allowed_for_child_policies"
ALL = frozenset({ASSIGN, APPEND, REMOVE})
_ABSENT: Any = object()


@dataclass(slots=True)
class _Node:
    """A place in the tree of settings. allowed: what policies of lower levels may still do here."""

    allowed: frozenset[str] = ALL
    value: Any = _ABSENT
    children: dict[str, _Node] = field(default_factory=dict)


@dataclass(slots=True)
class _Level:
    """What policies of one level did: the first to assign a setting has it; of their limits the intersection counts."""

    assigned: set[tuple[str, ...]] = field(default_factory=set)
    limits: list[tuple[_Node, frozenset[str]]] = field(default_factory=list)


def effective(levels: Sequence[Sequence[dict[str, Any]]]) -> dict[str, Any]:
    """The policies of each level, root first, in the order in which they were attached there."""
    top = _Node()
    for policies in levels:
        level = _Level()
        for policy in policies:
            _apply(top, policy, (), level)
        for node, allowed in level.limits:
            node.allowed &= allowed
    shown = _shown(top)
    return shown if isinstance(shown, dict) else {}


def _apply(node: _Node, policy: dict[str, Any], path: tuple[str, ...], level: _Level) -> None:
    for key, said in policy.items():
        if key == CONTROL:
            level.limits.append((node, _operators(said)))
        elif key in ALL:
            if key in node.allowed:
                _set(node, key, said, path, level)
        elif isinstance(said, dict):
            child = node.children.get(key)
            if child is None:                  # a new setting may do what its container lets lower levels do
                child = node.children[key] = _Node(node.allowed)
            _apply(child, said, (*path, key), level)


def _operators(said: Any) -> frozenset[str]:
    named = {said} if isinstance(said, str) else set(said)
    return ALL if "@@all" in named else ALL & named


def _set(node: _Node, operator: str, said: Any, path: tuple[str, ...], level: _Level) -> None:
    if operator == ASSIGN:
        if path not in level.assigned:
            level.assigned.add(path)
            node.value = said
        return
    given = said if isinstance(said, list) else [said]
    old = node.value if isinstance(node.value, list) else [] if node.value is _ABSENT else [node.value]
    if operator == APPEND:
        node.value = old + [v for v in given if v not in old]
    else:
        node.value = [v for v in old if v not in given]


def _shown(node: _Node) -> Any:
    """The settings without their operators; empty ones are none."""
    if node.value is not _ABSENT:
        return _ABSENT if node.value == [] else node.value
    shown = {key: value for key, child in node.children.items() if (value := _shown(child)) is not _ABSENT}
    return shown or _ABSENT
