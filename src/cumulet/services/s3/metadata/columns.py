"""The columns of the journal, of the live inventory and of the annotations, as Iceberg and as DuckDB have them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-schema.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-inventory-schema.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/metadata-tables-annotation-schema.html
"""

from __future__ import annotations

from typing import Any, NamedTuple

_MAP = "map"
_SQL = {"string": "VARCHAR", "timestamp": "TIMESTAMP", "boolean": "BOOLEAN", "long": "BIGINT",
        "milliseconds": "TIMESTAMP_MS", _MAP: "MAP(VARCHAR, VARCHAR)"}


class Column(NamedTuple):
    name: str
    kind: str
    required: bool = False


_PLACE = (Column("bucket", "string", True), Column("key", "string", True), Column("sequence_number", "string", True))
_EVENT = (Column("record_type", "string", True), Column("record_timestamp", "timestamp", True))
_STATE = (
    Column("version_id", "string"), Column("is_delete_marker", "boolean"), Column("size", "long"),
    Column("last_modified_date", "timestamp"), Column("e_tag", "string"), Column("storage_class", "string"),
    Column("is_multipart", "boolean"), Column("encryption_status", "string"), Column("is_bucket_key_enabled", "boolean"),
    Column("kms_key_arn", "string"), Column("checksum_algorithm", "string"), Column("object_tags", _MAP),
    Column("user_metadata", _MAP))
_REQUEST = (Column("requester", "string"), Column("source_ip_address", "string"), Column("request_id", "string"))
ANNOTATION = (
    Column("bucket", "string", True), Column("object_key", "string", True), Column("object_version_id", "string"),
    Column("object_join_key", "string", True), Column("name", "string", True), Column("sequence_number", "string", True),
    Column("last_modified_date", "timestamp"), Column("size", "long"), Column("e_tag", "string"),
    Column("checksum_algorithm", "string"), Column("replication_status", "string"), Column("text_value", "string"))
JOURNAL = (*_PLACE, *_EVENT, *_STATE, *_REQUEST)
INVENTORY = (*_PLACE, *_STATE)


def _numbers(columns: tuple[Column, ...]) -> dict[str, tuple[int, int, int]]:
    """The ids of each column, of its keys and of its values: those of one level before those below it, as in Iceberg."""
    found, inner = {}, len(columns)
    for number, one in enumerate(columns, 1):
        found[one.name] = (number, inner + 1, inner + 2)
        inner += 2 if one.kind == _MAP else 0
    return found


def schema(columns: tuple[Column, ...]) -> dict[str, Any]:
    """The schema of a table."""
    numbers = _numbers(columns)

    def kind(one: Column) -> Any:
        _, key, value = numbers[one.name]
        return one.kind if one.kind != _MAP else {
            "type": "map", "key-id": key, "key": "string", "value-id": value, "value": "string", "value-required": False}

    return {"type": "struct", "schema-id": 0, "fields": [
        {"id": numbers[one.name][0], "name": one.name, "required": one.required, "type": kind(one)} for one in columns]}


def types(columns: tuple[Column, ...]) -> str:
    """What each column is, for DuckDB's reader of JSON."""
    return ", ".join(f"'{one.name}': '{_SQL[one.kind]}'" for one in columns)


def field_ids(columns: tuple[Column, ...]) -> str:
    """The ids that stand in the files, for DuckDB's writer of Parquet."""
    numbers = _numbers(columns)
    return ", ".join(
        f'"{one.name}": {{__duckdb_field_id: {number}, key: {key}, value: {value}}}' if one.kind == _MAP else
        f'"{one.name}": {number}' for one in columns for number, key, value in (numbers[one.name],))
