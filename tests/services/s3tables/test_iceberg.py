"""Iceberg's rules by themselves: whatever is said, it is a table or it is refused."""

from __future__ import annotations

import contextlib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cumulet.services.s3tables.iceberg import Failed, Invalid, changes, metadata, requirements, schemas, shape

ACTIONS = ["assign-uuid", "upgrade-format-version", "add-schema", "set-current-schema", "remove-schemas", "add-spec",
           "set-default-spec", "remove-partition-specs", "add-sort-order", "set-default-sort-order", "add-snapshot",
           "set-snapshot-ref", "remove-snapshot-ref", "remove-snapshots", "set-properties", "remove-properties",
           "set-statistics", "remove-statistics", "set-partition-statistics", "remove-partition-statistics"]
MEMBERS = ["uuid", "format-version", "schema", "schema-id", "schema-ids", "spec", "spec-id", "spec-ids", "sort-order",
           "sort-order-id", "snapshot", "snapshot-id", "snapshot-ids", "ref-name", "type", "updates", "removals", "statistics",
           "partition-statistics", "fields", "source-id", "transform", "name", "direction", "null-order", "order-id",
           "sequence-number", "timestamp-ms", "manifest-list", "statistics-path", "element", "element-id", "key", "id"]
WORDS = ["struct", "list", "map", "long", "identity", "main", "branch", "tag", "asc", "nulls-first", "bucket[4]", "x"]
PLAIN = st.none() | st.booleans() | st.integers(-2, 4) | st.sampled_from(WORDS)
JUNK: st.SearchStrategy[Any] = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=5),
    max_leaves=12)
UPDATE = st.builds(lambda action, rest: {**rest, "action": action}, st.sampled_from(ACTIONS) | JUNK,
                   st.dictionaries(st.sampled_from(MEMBERS), JUNK, max_size=6))


def schema_of(kinds: list[Any]) -> dict[str, Any]:
    return {"type": "struct", "fields": [{"id": 100 + at, "name": f"c{at}", "required": False, "type": kind}
                                         for at, kind in enumerate(kinds)]}


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    lists = st.builds(lambda kind: {"type": "list", "element-id": 1, "element-required": False, "element": kind}, inner)
    maps = st.builds(lambda key, value: {"type": "map", "key-id": 1, "key": key, "value-id": 2, "value-required": False,
                                         "value": value}, inner, inner)
    return lists | maps | st.lists(inner, min_size=1, max_size=3).map(schema_of)


KINDS = st.lists(st.recursive(st.sampled_from(["int", "string", "decimal(9, 2)", "fixed[16]"]), nested, max_leaves=6),
                 min_size=1, max_size=4)


def numbered(schema: Any, start: int = 1000) -> Any:
    """The same schema, every id there once, in no order."""
    numbers = iter(range(start, 0, -7))

    def walk(kind: Any) -> Any:
        if not isinstance(kind, dict):
            return kind
        if kind["type"] == "struct":
            return {**kind, "fields": [{**one, "id": next(numbers), "type": walk(one["type"])} for one in kind["fields"]]}
        parts = ("element",) if kind["type"] == "list" else ("key", "value")
        return {**kind, **{f"{part}-id": next(numbers) for part in parts}, **{part: walk(kind[part]) for part in parts}}

    return walk(schema)


def new() -> Any:
    return metadata.new("u", "s3://x", 1.0, schema_of(["long", "string"]))


@given(KINDS)
def test_fresh_ids_count_from_one_and_are_the_same_a_second_time(kinds: list[Any]) -> None:
    made, last, ids = schemas.fresh(numbered(schema_of(kinds)))
    assert sorted(one for one, _ in schemas.walked(made)) == list(range(1, last + 1)) == sorted(ids.values())
    assert [one["id"] for one in made["fields"]] == list(range(1, len(kinds) + 1))
    assert schemas.fresh(made)[0] == made


@given(JUNK, JUNK, JUNK, JUNK)
def test_a_new_table_is_one_or_is_refused(schema: Any, spec: Any, order: Any, properties: Any) -> None:
    with contextlib.suppress(Invalid):
        shape.check(metadata.new("u", "s3://x", 1.0, schema, spec, order, properties))
    with contextlib.suppress(Invalid):
        shape.check(metadata.new("u", "s3://x", 1.0, schema_of(["long"]), spec, order))


@given(st.lists(UPDATE, max_size=4))
def test_after_any_updates_there_is_a_table_or_they_are_refused(updates: list[Any]) -> None:
    with contextlib.suppress(Invalid):
        table = changes.apply(new(), updates, 2.0, "s3://x/metadata/a.json")
        assert metadata.read(metadata.write(table)) == table
        assert any(one["schema-id"] == table["current-schema-id"] for one in table["schemas"])


@given(st.lists(JUNK, max_size=3))
def test_any_requirements_hold_or_do_not(wanted: list[Any]) -> None:
    with contextlib.suppress(Invalid, Failed):
        requirements.check(new(), wanted)


@given(JUNK)
def test_any_file_is_metadata_or_is_refused(said: Any) -> None:
    with contextlib.suppress(Invalid):
        metadata.read(metadata.write(new() | said if isinstance(said, dict) else said))


def test_formers_are_kept_as_many_as_a_property_says() -> None:
    for said, kept in (("2", 2), ("\u00b2", 4), ("9" * 5000, 4), ("0", 1)):
        table = new()
        for number in range(4):
            changes.apply(table, [{"action": "set-properties", "updates": {"write.metadata.previous-versions-max": said}}], 2.0,
                          f"s3://x/metadata/{number}.json")
        assert len(table["metadata-log"]) == kept
