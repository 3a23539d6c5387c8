"""The first metadata of a table, as CreateTable declares it: schema, partition spec, sort order and properties.

https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_IcebergMetadata.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .faults import bad_request
from .iceberg import metadata
from .iceberg.metadata import Metadata


def builder(said: Mapping[str, Any], now: float) -> Callable[[str, str], Metadata]:
    """Makes the metadata, once the table has its UUID and location."""
    wanted = said.get("iceberg")
    if not wanted or bool(wanted.get("schema")) == bool(wanted.get("schemaV2")):
        raise bad_request("Specify either schema or schemaV2 in the metadata of the table.")
    schema = _plain(wanted["schema"]) if wanted.get("schema") else _nested(wanted["schemaV2"])
    spec = {"fields": [_renamed(one) for one in wanted["partitionSpec"]["fields"]]} if wanted.get("partitionSpec") else None
    order = {"fields": [_renamed(one) for one in wanted["writeOrder"]["fields"]]} if wanted.get("writeOrder") else None
    return lambda uuid, location: metadata.new(uuid, location, now, schema, spec, order, wanted.get("properties"))


_NAMES = {"sourceId": "source-id", "fieldId": "field-id", "nullOrder": "null-order"}


def _renamed(one: Mapping[str, Any]) -> dict[str, Any]:
    return {_NAMES.get(name, name): value for name, value in one.items()}


def _plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of primitive types, which may have no ids yet."""
    fields = schema["fields"]
    taken = {one["id"] for one in fields if one.get("id") is not None}
    free = iter(number for number in range(1, len(fields) + len(taken) + 1) if number not in taken)
    return {"type": "struct", "fields": [
        {"id": one["id"] if one.get("id") is not None else next(free), "name": one["name"],
         "required": bool(one.get("required")), "type": one["type"]} for one in fields]}


def _nested(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of any types, in Iceberg's own words."""
    return {"type": "struct", "fields": [dict(one) for one in schema["fields"]],
            "identifier-field-ids": schema.get("identifierFieldIds") or []}
