"""The tree of an expression: what the parser makes and the compilers read. Names are resolved, values are not."""

from __future__ import annotations

from typing import NamedTuple


class Path(NamedTuple):
    """A document path: names, and indexes of lists."""

    parts: tuple[str | int, ...]

    def __str__(self) -> str:
        return "[" + ", ".join(f"[{p}]" if isinstance(p, int) else p for p in self.parts) + "]"


class Placeholder(NamedTuple):
    """`:v`, filled in from ExpressionAttributeValues at each call."""

    name: str


class Function(NamedTuple):
    name: str
    arguments: tuple[Operand, ...]


class Sum(NamedTuple):
    """`left + right` or `left - right`, in SET."""

    sign: str
    left: Operand
    right: Operand


Operand = Path | Placeholder | Function | Sum


class Compare(NamedTuple):
    sign: str
    left: Operand
    right: Operand


class Between(NamedTuple):
    operand: Operand
    low: Operand
    high: Operand


class In(NamedTuple):
    operand: Operand
    options: tuple[Operand, ...]


class And(NamedTuple):
    parts: tuple[Node, ...]


class Or(NamedTuple):
    parts: tuple[Node, ...]


class Not(NamedTuple):
    part: Node


Node = Compare | Between | In | Function | And | Or | Not


class Action(NamedTuple):
    """One action of an update expression. verb: SET, REMOVE, ADD or DELETE."""

    verb: str
    path: Path
    operand: Operand | None


class Tree(NamedTuple):
    """A parsed expression: a condition, paths or actions; with the placeholders that it uses."""

    root: Node | tuple[Path, ...] | tuple[Action, ...]
    aliases: frozenset[str]
    values: frozenset[str]
