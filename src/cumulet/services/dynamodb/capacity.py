"""Capacity units: what a read or a write counts for, and how a result tells it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .resources import Facts

READ, WRITE = 4096, 1024


def read_units(size: int, consistent: bool) -> float:
    """One for each 4 KiB begun, half of it when eventually consistent; never nothing."""
    units = -(-size // READ) or 1
    return float(units) if consistent else units / 2


def write_units(size: int) -> float:
    """One for each KiB begun; never nothing."""
    return float(-(-size // WRITE) or 1)


def consumed(name: str, facts: Facts, wanted: str, table: float, indexes: Mapping[str, float] | None = None,
             kind: str = "") -> dict[str, Any] | None:
    """ConsumedCapacity as asked for. kind: "Read" or "Write" where transactions tell that apart."""
    if wanted == "NONE":
        return None
    indexes = indexes or {}
    total = table + sum(indexes.values())
    told: dict[str, Any] = {"TableName": name} | _units(total, kind)
    if wanted == "INDEXES":
        told["Table"] = _units(table, kind)
        for wide, member in ((True, "GlobalSecondaryIndexes"), (False, "LocalSecondaryIndexes")):
            of_kind = {index.name: _units(indexes[index.name], kind) for index in facts.indexes
                       if index.wide is wide and index.name in indexes}
            if of_kind:
                told[member] = of_kind
    return told


def _units(units: float, kind: str) -> dict[str, Any]:
    return {"CapacityUnits": units, f"{kind}CapacityUnits": units} if kind else {"CapacityUnits": units}
