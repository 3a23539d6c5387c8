"""Sets of document paths: whether they overlap, and what of an item they show."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from cumulet.kernel import error

from ..values import Item, Value
from . import parser
from .syntax import Path, Tree

_ALL: dict[str | int, Any] = {}              # a leaf of the tree of paths: everything below


class Projection(NamedTuple):
    """A compiled ProjectionExpression (or AttributesToGet)."""

    tree: Tree
    names: tuple[str, ...] | None            # when all paths are top-level names
    branches: dict[str | int, Any]

    def of(self, item: Item) -> Item:
        """What the paths show of an item."""
        if self.names is not None:
            return {name: item[name] for name in self.names if name in item}
        return pick(item, self.branches)

    @property
    def roots(self) -> frozenset[str]:
        return frozenset(str(part) for part in self.branches)


@lru_cache(512)
def projection(text: str, names: parser.Names, label: str = "ProjectionExpression") -> Projection:
    """The projection of a text."""
    tree = parser.projection(label, text, names)
    paths: tuple[Path, ...] = tree.root                                         # type: ignore[assignment]
    distinct(label, paths)
    return _projection(tree, paths)


def attributes(names: tuple[str, ...]) -> Projection:
    """The projection of whole attributes."""
    paths = tuple(Path((name,)) for name in names)
    return _projection(Tree(paths, frozenset(), frozenset()), paths)


def _projection(tree: Tree, paths: tuple[Path, ...]) -> Projection:
    simple = tuple(str(path.parts[0]) for path in paths) if all(len(path.parts) == 1 for path in paths) else None
    return Projection(tree, simple, branches_of(paths))


def branches_of(paths: tuple[Path, ...]) -> dict[str | int, Any]:
    """Paths as a tree of dicts."""
    found: dict[str | int, Any] = {}
    for path in paths:
        at = found
        for part in path.parts[:-1]:
            at = at.setdefault(part, {})
        at[path.parts[-1]] = _ALL
    return found


def pick(item: Item, branches: dict[str | int, Any]) -> Item:
    """What a tree of paths shows of an item (or of a map in it)."""
    found: Item = {}
    for name, below in branches.items():
        value = item.get(name)                                                  # type: ignore[arg-type]
        if value is not None:
            shown = _pick_value(value, below)
            if shown is not None:
                found[name] = shown                                             # type: ignore[index]
    return found


def _pick_value(value: Value, below: dict[str | int, Any]) -> Value | None:
    if not below:
        return value
    if "M" in value:
        shown = pick(value["M"], {part: rest for part, rest in below.items() if isinstance(part, str)})
        return {"M": shown} if shown else None
    if "L" in value:
        members = value["L"]
        found = [_pick_value(members[part], below[part])
                 for part in sorted(p for p in below if isinstance(p, int)) if part < len(members)]
        kept = [member for member in found if member is not None]
        return {"L": kept} if kept else None
    return None


def distinct(label: str, paths: tuple[Path, ...]) -> None:
    """Raise when one path lies in another, or two want different kinds of thing in one place."""
    seen: dict[str | int, Any] = {}
    for path in paths:
        at, before = seen, None
        for depth, part in enumerate(path.parts):
            if at:
                other = _any_path(at)
                if "" in at:
                    raise _clash(label, "overlap", at[""], path)
                if depth and any(isinstance(known, int) != isinstance(part, int) for known in at):
                    raise _clash(label, "conflict", other, path)
            before = at
            at = at.setdefault(part, {})
        assert before is not None
        if at:
            raise _clash(label, "overlap", _any_path(at), path)
        at[""] = path


def _any_path(at: dict[str | int, Any]) -> Path:
    while "" not in at:
        at = next(iter(at.values()))
    found: Path = at[""]
    return found


def _clash(label: str, how: str, one: Path, two: Path) -> Exception:
    return error.ValidationException(
        f"Invalid {label}: Two document paths {how} with each other; must remove or rewrite one of these paths; "
        f"path one: {one}, path two: {two}")
