"""Contributor insights: which keys of a table or global index are asked for most, and refused most for want of throughput.

What is asked of a table that is counted is noted in memory, and added to the rules that CloudWatch tells a moment later.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/contributorinsights_HowItWorks.html
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal

import orjson

from cumulet.kernel import Call, error, task, timer

from . import keys
from .resources import Facts, Index, Insight, Layout

ACCESSED: Literal[0] = 0
THROTTLED: Literal[1] = 1                    # one that was counted as accessed was not let in
Note = tuple[int, bytes, bytes, int]         # place, hash and sort key, ACCESSED or THROTTLED
_MODES = {"ACCESSED_AND_THROTTLED_KEYS": "CT", "THROTTLED_KEYS": "T"}
_EVERY_MODE = "ACCESSED_AND_THROTTLED_KEYS"
_LABELS = ["PartitionKey", "SortKey"]
_TRIMMED = 5_000
_DAY = 86_400.0
_LONGEST_NAME = 90                           # of a table, in the name of a rule


def switch(call: Call, layout: Layout, index: str, on: bool, mode: str | None) -> Insight:
    """Begin or end to count. index: "" for the table itself."""
    facts = keys.facts_of(layout.facts)
    at = _of(facts, index)
    rows = call.table(Insight)
    before = rows.get(layout.name, index)
    mode = (mode or (before.mode if before else "") or _EVERY_MODE) if on else ""
    if before is None or before.mode != mode:
        place = at.number if isinstance(at, Index) else layout.number
        if before is not None:
            _forget(call, before)
        rules = _rules(call, layout.name, at, mode) if on else {}
        before = Insight(table=layout.name, index=index, place=place, mode=mode, rules=rules, changed=call.now)
        rows.put(before)
        _settle(call, layout)
        if on:
            call.at(call.now + _DAY, trim_insights, name="insights")
    return before


def _of(facts: Facts, index: str) -> Facts | Index:
    if not index:
        return facts
    found = next((one for one in facts.indexes if one.name == index and one.wide), None)
    if found is None:
        raise error.ResourceNotFoundException(f"Requested resource not found: Index: {index} not found")
    return found


def _rules(call: Call, table: str, at: Facts | Index, mode: str) -> dict[str, str]:
    """Make the rules of a table or index: of its partition key, and of both keys where it has two."""
    moment = int(call.now * 1000)
    rules = call.contributors
    while rules.rule(_name("PKT", table, moment)) is not None:     # a table and its index, at one moment
        moment += 1
    kinds = [f"{sort}{what}" for what in _MODES[mode] for sort in (("PK", "SK") if at.sort else ("PK",))]
    for kind in kinds:
        labels = _LABELS[:1] if kind.startswith("PK") else _LABELS
        definition = {"Schema": {"Name": "ServiceLogRule", "Version": 1}, "AggregateOn": "Count",
                      "Contribution": {"Filters": [], "Keys": [f"$.{label}" for label in labels]}}
        rules.define(_name(kind, table, moment), labels, orjson.dumps(definition).decode())
    return {kind: _name(kind, table, moment) for kind in kinds}


def _name(kind: str, table: str, moment: int) -> str:
    return f"DynamoDBContributorInsights-{kind}-{table[:_LONGEST_NAME]}-{moment}"


def _settle(call: Call, layout: Layout) -> None:
    """Tell calls on items whether anything of the table is counted."""
    counted = any(row.mode for row in call.table(Insight).scan(layout.name))
    layout.facts = keys.changed(layout.facts, counted=counted)
    call.put(layout)


def end(call: Call, table: str, index: str | None = None) -> bool:
    """A table (or one of its indexes) goes; is anything of it counted still?"""
    rows = call.table(Insight)
    left = False
    for row in rows.scan(table):
        if index in (None, row.index):
            _forget(call, row)
            rows.delete(row.table, row.index)
        else:
            left = left or bool(row.mode)
    return left


def _forget(call: Call, row: Insight) -> None:
    for rule in row.rules.values():
        call.contributors.remove(rule)


def found(call: Call, table: str, index: str) -> Insight | None:
    """What was set of a table or index; raises when there is no such index."""
    row = call.table(Layout).get(table)
    if row is None:
        raise error.ResourceNotFoundException(f"Requested resource not found: Table: {table} not found")
    _of(keys.facts_of(row.facts), index)
    return call.table(Insight).get(table, index)


def told(table: str, index: str, row: Insight | None) -> dict[str, Any]:
    """ContributorInsightsSummary."""
    on = row is not None and bool(row.mode)
    return {"TableName": table, "IndexName": index or None, "ContributorInsightsStatus": "ENABLED" if on else "DISABLED",
            "ContributorInsightsMode": row.mode if on and row is not None else None}


# --- counting ---

@task()
def count(call: Call, notes: Iterable[Note]) -> None:
    """Add what was noted to the rules."""
    places: dict[int, Counter[tuple[bytes, bytes, int]]] = {}
    for place, hash_key, sort_key, what in notes:
        places.setdefault(place, Counter())[hash_key, sort_key, what] += 1
    for place, counts in places.items():
        row = call.table(Insight).find("place", place)
        layout = call.table(Layout).get(row.table) if row is not None and row.mode else None
        if row is not None and layout is not None:
            _count(call, row, _of(keys.facts_of(layout.facts), row.index), counts)


def _count(call: Call, row: Insight, at: Facts | Index, counts: Counter[tuple[bytes, bytes, int]]) -> None:
    parts = keys.hash_parts(at), keys.sort_parts(at)
    for kind, rule in row.rules.items():
        found: Counter[tuple[str, ...]] = Counter()
        for (hash_key, sort_key, what), times in counts.items():
            texts = [",".join(keys.texts(parts[0], hash_key[4:]))]              # behind its checksum
            if kind.startswith("SK"):
                texts.append(",".join(keys.texts(parts[1], sort_key)))
            if kind.endswith("T"):
                found[tuple(texts)] += times if what == THROTTLED else 0
            else:
                found[tuple(texts)] += times if what == ACCESSED else -times
        call.contributors.add(rule, [(list(texts), float(times)) for texts, times in found.items() if times])


@timer
def trim_insights(call: Call) -> None:
    """Once a day: what was counted longer than 15 days ago goes."""
    more = call.contributors.trim(_TRIMMED)
    if any(row.mode for row in call.table(Insight).iterate()):
        call.at(call.now + (1.0 if more else _DAY), trim_insights, name="insights")
