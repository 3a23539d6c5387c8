"""The metadata of a table: made for a new one, and read from a file.

https://iceberg.apache.org/spec/#table-metadata-fields
"""

from __future__ import annotations

from typing import Any

import msgspec

from . import Invalid, layouts, schemas, shape

Metadata = dict[str, Any]
NEWEST = 3
_DIGITS = 18
_VERSION = "format-version"


def new(uuid: str, location: str, now: float, schema: Any, spec: Any = None, order: Any = None,
        properties: dict[str, str] | None = None) -> Metadata:
    """The metadata of a new table. Ids are given anew; the property `format-version` says the version, by default 2."""
    if not isinstance(properties, (dict, type(None))) or not all(isinstance(one, str) for one in (properties or {}).values()):
        raise Invalid("Properties are texts.")
    said = dict(properties or {})
    version = _version(said.pop(_VERSION, "2"))
    made, last, ids = schemas.fresh(schema)
    schemas.check_version(made, version)
    first_spec, last_partition = layouts.spec(spec or {"fields": []}, made, 0, layouts.FIRST - 1, ids)
    first_order = layouts.order(order or {"fields": []}, made, 1, ids)
    metadata = {
        _VERSION: version, "table-uuid": uuid, "location": location, "last-sequence-number": 0,
        "last-updated-ms": int(now * 1000), "last-column-id": last, "current-schema-id": 0, "schemas": [made],
        "default-spec-id": 0, "partition-specs": [first_spec], "last-partition-id": last_partition,
        "default-sort-order-id": first_order["order-id"], "sort-orders": [first_order], "properties": said,
        "refs": {}, "snapshots": [], "statistics": [], "partition-statistics": [], "snapshot-log": [], "metadata-log": []}
    return metadata | ({"next-row-id": 0} if version == NEWEST else {})


def _version(text: str) -> int:
    if text not in ("2", "3"):
        raise Invalid(f"A table cannot be made in version {text[:16]} of the format.")
    return int(text)


def read(data: bytes) -> Metadata:
    """The metadata in a file. Raises Invalid when it holds none."""
    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError):
        raise Invalid("The file is not JSON.") from None
    if not isinstance(found, dict) or found.get(_VERSION) not in (1, 2, NEWEST):
        raise Invalid("The file does not hold the metadata of a table.")
    table = shape.completed(found)
    shape.check(table)
    return table


def whole(text: str, otherwise: int = 0) -> int:
    """The number in a property; properties are texts that anybody writes."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DIGITS else otherwise


def write(metadata: Metadata) -> bytes:
    return msgspec.json.encode(metadata)
