"""Files of inventory reports: CSV, or Parquet, whose columns have types and names of their own.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from . import inventory
from .metadata import parquet
from .metadata.columns import Column

CSV, PARQUET = "CSV", "Parquet"
_BINARY = {"string": "binary {} (UTF8)", "boolean": "boolean {}", "long": "int64 {}",
           "milliseconds": "int64 {} (TIMESTAMP_MILLIS)"}
_COLUMNS = {
    "Bucket": Column("bucket", "string", True), "Key": Column("key", "string", True),
    "VersionId": Column("version_id", "string"), "IsLatest": Column("is_latest", "boolean"),
    "IsDeleteMarker": Column("is_delete_marker", "boolean"), "Size": Column("size", "long"),
    "LastModifiedDate": Column("last_modified_date", "milliseconds"),
    "ETag": Column("e_tag", "string"), "StorageClass": Column("storage_class", "string"),
    "IsMultipartUploaded": Column("is_multipart_uploaded", "boolean"),
    "ReplicationStatus": Column("replication_status", "string"), "EncryptionStatus": Column("encryption_status", "string"),
    "ObjectLockRetainUntilDate": Column("object_lock_retain_until_date", "milliseconds"),
    "ObjectLockMode": Column("object_lock_mode", "string"),
    "ObjectLockLegalHoldStatus": Column("object_lock_legal_hold_status", "string"),
    "BucketKeyStatus": Column("bucket_key_status", "string"), "ChecksumAlgorithm": Column("checksum_algorithm", "string"),
    "ObjectAccessControlList": Column("object_access_control_list", "string"),
    "ObjectOwner": Column("object_owner", "string")}
_READ: dict[str, Callable[[str], Any]] = {
    "boolean": lambda text: text == "true", "long": int, "milliseconds": lambda text: text.removesuffix("Z")}


def form(said: Mapping[str, Any]) -> str:
    """What a configuration's files are."""
    return str(said["Destination"]["S3BucketDestination"]["Format"])


def ending(said: Mapping[str, Any]) -> str:
    return "parquet" if form(said) == PARQUET else "csv.gz"


def _columns(said: Mapping[str, Any]) -> tuple[Column, ...]:
    return tuple(_COLUMNS[name] for name in inventory.schema(said))


def schema(said: Mapping[str, Any]) -> str:
    """The columns of a report, as its manifest tells them."""
    if form(said) == CSV:
        return ", ".join(inventory.schema(said))
    fields = (f"{'required' if one.required else 'optional'} {_BINARY[one.kind].format(one.name)};" for one in _columns(said))
    return f"message s3.inventory {{ {' '.join(fields)} }}"


def packed(said: Mapping[str, Any], lines: Sequence[list[str]], places: tuple[str, str]) -> bytes:
    """A file of a report. places: of two files for the time being."""
    if form(said) == CSV:
        return inventory.packed(lines)
    columns = _columns(said)
    records = [{one.name: _typed(one, text) for one, text in zip(columns, line, strict=True)} for line in lines]
    return parquet.write(columns, records, places, numbered=False)


def _typed(column: Column, text: str) -> Any:
    """What stands in CSV as a text; what is empty there is NULL. Only CSV has names of objects as URLs do."""
    if not text:
        return None
    if column.name == "key":
        return unquote(text)
    read = _READ.get(column.kind)
    return read(text) if read is not None else text
