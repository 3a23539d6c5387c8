"""What writes and reads of items share: checks of an item, updates, projections, and what a result tells beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import error

from . import capacity, collections, keys, legacy, throttling, vectors
from . import values as av
from .expressions import paths, updates
from .resources import Entry, Facts
from .shelf import Shelf, shown_item
from .terms import Terms, not_mixed
from .values import Item, Value

_GIB = 1 << 30


def checked(facts: Facts, item: Item, size: int) -> keys.Key:
    """The key of an item to be put, once the item is known to be right."""
    key = keys.of_item(facts, item)
    if size > av.LARGEST_ITEM:
        raise error.ValidationException("Item size has exceeded the maximum allowed size")
    if facts.indexes:
        keys.check_index_keys(facts, item)
    if facts.vectors:
        vectors.check_item(facts, item)
    return key


class Change:
    """What an UpdateItem does to an item: by expression, by the old AttributeUpdates, or nothing but make it."""

    __slots__ = ("_changes", "_update", "_values", "branches", "roots")

    def __init__(self, update: updates.Update | None, values: Mapping[str, Value], old_style: dict[str, Any] | None) -> None:
        self._update = update
        self._values = values
        self._changes = legacy.updates(old_style) if old_style else None
        self.branches: dict[str | int, Any] = update.branches if update else {name: {} for name in old_style or ()}
        self.roots = update.roots if update else frozenset(old_style or ())

    def check_keys(self, facts: Facts) -> None:
        for name in (facts.hash, facts.sort):
            if name in self.roots:
                raise error.ValidationException("One or more parameter values were invalid: Cannot update attribute "
                                                f"{name}. This attribute is part of the key")

    def apply(self, facts: Facts, key: Item, old: Entry | None) -> tuple[Item, bytes, int]:
        """The new item, its JSON, its size."""
        item = av.decode(old.body) if old is not None else av.take_item(key)[0].copy()
        if self._update is not None:
            self._update.apply(item, self._values)
        elif self._changes is not None:
            updates.write(item, self._changes)
        size = av.size_of_item(item)
        if size > av.LARGEST_ITEM:
            raise error.ValidationException("Item size to update has exceeded the maximum allowed size")
        if facts.indexes:
            keys.check_index_keys(facts, item, updating=True)
        if facts.vectors:
            vectors.check_item(facts, item)
        return item, av.encode(item), size


def projection(text: str | None, names: dict[str, str] | None, attributes: list[str] | None) -> paths.Projection | None:
    """What of an item a read wants; None for all of it."""
    if text is None and names is None and attributes is None:
        return None
    not_mixed({"AttributesToGet": attributes}, {"ProjectionExpression": text})
    if attributes is not None:
        return attributes_to_get(attributes)
    terms = Terms(names, None, ProjectionExpression=text)
    found = terms.projection(text)
    terms.finish()
    return found


def attributes_to_get(names: list[str]) -> paths.Projection:
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise error.ValidationException(
            f"One or more parameter values were invalid: Duplicate value in attribute name: {twice}")
    return paths.attributes(tuple(names))


def told(shelf: Shelf, key: keys.Key, item: Item, size: int, units: Mapping[str, float], wanted: str,
         metrics: str) -> dict[str, Any]:
    """Consumed capacity and item collection metrics of one write, as far as asked for."""
    result: dict[str, Any] = {}
    throttling.spend(shelf, "Write", capacity.write_units(size), units)
    if wanted != "NONE":
        result["ConsumedCapacity"] = capacity.consumed(
            shelf.name, shelf.facts, wanted, capacity.write_units(size), units)
    if metrics == "SIZE" and (found := collection(shelf, key, item)) is not None:
        result["ItemCollectionMetrics"] = found
    return result


def collection(shelf: Shelf, key: keys.Key, item: Item) -> dict[str, Any] | None:
    """ItemCollectionMetrics: only tables with local indexes have item collections."""
    if not collections.counted(shelf.facts):
        return None
    size = collections.size_of(shelf, key[0])
    whole = size // _GIB
    name = shelf.facts.hash
    return {"ItemCollectionKey": shown_item(shelf.call, av.take_item({name: item[name]})[0]),
            "SizeEstimateRangeGB": [float(whole), float(whole + 1)]}
