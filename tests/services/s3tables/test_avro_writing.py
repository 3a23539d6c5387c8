"""Avro's container files: what is written is read again, value by value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cumulet.services.s3tables.iceberg import Invalid
from cumulet.services.s3tables.iceberg.avro import head, records
from cumulet.services.s3tables.iceberg.avrowriting import container

from .containers import manifest

LONGS, TEXTS = st.integers(-(2**63), 2**63 - 1), st.text(max_size=5)
TYPES: list[tuple[Any, st.SearchStrategy[Any]]] = [
    ("long", LONGS), ("int", st.integers(-(2**31), 2**31 - 1)), ("boolean", st.booleans()), ("string", TEXTS),
    ("bytes", st.binary(max_size=5)), ("double", st.floats(allow_nan=False)), ("float", st.floats(width=32, allow_nan=False)),
    (["null", "long"], st.none() | LONGS), (["string", "null"], st.none() | TEXTS),
    ({"type": "array", "items": "int", "element-id": 7}, st.lists(st.integers(0, 9), max_size=3)),
    ({"type": "map", "values": "string"}, st.dictionaries(TEXTS, TEXTS, max_size=3)),
    ({"type": "fixed", "name": "f", "size": 3}, st.binary(min_size=3, max_size=3)),
    ({"type": "enum", "name": "e", "symbols": ["A", "B"]}, st.sampled_from(["A", "B"])),
    ({"type": "record", "name": "r", "fields": [{"name": "x", "type": "long"}]}, st.fixed_dictionaries({"x": LONGS}))]


@given(st.data(), st.sampled_from([b"null", b"deflate"]))
def test_what_is_written_is_read(data: st.DataObject, codec: bytes) -> None:
    chosen = data.draw(st.lists(st.sampled_from(TYPES), max_size=5, unique_by=lambda one: json.dumps(one[0])))
    schema = {"type": "record", "name": "all", "fields": [
        {"name": f"f{number}", "type": kind} for number, (kind, _) in enumerate(chosen)]}
    one = st.fixed_dictionaries({f"f{number}": values for number, (_, values) in enumerate(chosen)})
    rows = data.draw(st.lists(one, max_size=4))
    said = {"avro.schema": json.dumps(schema).encode(), "avro.codec": codec, "content": b"data"}
    file = container(said, rows)
    assert (head(file), list(records(file))) == (said, rows)


def test_what_another_writer_wrote_is_written_alike() -> None:
    data = manifest((0, "s3://a/b"), (2, "s3://a/ö"))
    assert list(records(container(head(data), records(data)))) == list(records(data))


def test_unions_of_more_types_are_refused() -> None:
    with pytest.raises(Invalid):
        container({"avro.schema": b'["null", "int", "string"]'}, [1])
