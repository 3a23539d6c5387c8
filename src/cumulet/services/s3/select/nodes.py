"""The tree of an S3 Select expression."""

from __future__ import annotations

from typing import NamedTuple


class Node(NamedTuple):
    """op: what it is; text: its name or value; parts: what it is about.

    Literals: number, text, time, true, false, null, missing. Paths: "path" of steps: "field" (any case), "exact",
    "index", "all".
    Others: and, or, not, the signs, in, between, like, is, call, cast, case, star.
    """

    op: str
    text: str = ""
    parts: tuple[Node, ...] = ()


class Item(NamedTuple):
    """One expression of the SELECT list; name: its alias, or ""."""

    node: Node
    name: str


class Query(NamedTuple):
    """items: None for `*`.  source: the steps behind S3Object.  alias: what the record is called."""

    items: list[Item] | None
    source: tuple[Node, ...]
    alias: str
    where: Node | None
    limit: int | None


AGGREGATES = frozenset({"AVG", "COUNT", "MAX", "MIN", "SUM"})
