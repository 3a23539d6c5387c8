"""What a discoverer learns: each event widens what is known of its kind, and a new version follows where that changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any

from cumulet.kernel import Call

from .editions import keep, renew
from .inference import Tree, seen, widened
from .rendering import Kind, rendered
from .resources import Registry, Schema

REGISTRY = "discovered-schemas"
FORM = "OpenApi3"
_DEEPEST = 255                         # levels of nesting; AWS discovers nothing of what is deeper


def registry(call: Call) -> None:
    """The registry that discovered schemas are in is there from the first discoverer on."""
    if call.table(Registry).get(REGISTRY) is None:
        call.put(Registry(RegistryName=REGISTRY, created=call.now,
                          Description="Schemas that were discovered from events on event buses."))


def kind_of(event: Mapping[str, Any]) -> Kind | None:
    """The kind of an event; None when it is no event."""
    source, detail_type = event.get("source"), event.get("detail-type")
    if not (isinstance(source, str) and isinstance(detail_type, str) and isinstance(event.get("detail"), dict)):
        return None
    return Kind(source, detail_type)


def tree_of(event: Mapping[str, Any]) -> Tree:
    """What changes from event to event; the rest of the envelope is always the same."""
    return seen({"detail": event["detail"], "resources": event.get("resources") or []})


def together(events: Sequence[Mapping[str, Any]]) -> Tree:
    """What all of these fit."""
    return reduce(widened, map(tree_of, events))


def learn(call: Call, event: Mapping[str, Any]) -> None:
    """An event was seen."""
    kind = kind_of(event)
    if kind is None or _depth(event["detail"]) > _DEEPEST:
        return
    registry(call)
    tree = tree_of(event)
    row = call.table(Schema).get(REGISTRY, kind.schema)
    if row is None:
        keep(call, Schema(RegistryName=REGISTRY, SchemaName=kind.schema, Type=FORM, Content=rendered(kind, tree, FORM),
                          Description=f"Schema for event type {kind.detail_type}, published by event source {kind.source}.",
                          created=call.now, inferred=tree))
        return
    wider = widened(row.inferred, tree) if row.inferred is not None else tree
    if wider != row.inferred:
        row.inferred = wider
        renew(call, row, rendered(kind, wider, FORM), FORM)


def _depth(value: Any) -> int:
    """How many levels lie in each other."""
    deepest, level = 0, [value]
    while level:
        deepest += 1
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each)
                 if isinstance(inner, (dict, list))]
    return deepest
