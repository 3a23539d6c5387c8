"""Inventories: what a configuration may be, and what its reports say of each version.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory.html
"""

from __future__ import annotations

import base64
import csv
import gzip
import io
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from cumulet.kernel import not_implemented, parse_arn

from . import contents, names, owning, replicating, versions
from .faults import invalid_argument, malformed_xml
from .resources import Bucket, Older, Version, seal_of

KIND = "inventory"
ALL = "All"
_DAY = 86_400
_SUNDAY = 3 * _DAY                              # 1970-01-04
_ENCRYPTION = {"aws:kms": "SSE-KMS", "aws:kms:dsse": "DSSE-KMS", "": "SSE-C"}


def _until(row: Version) -> str:
    return _iso(row.extra.lock_until) if row.extra is not None and row.extra.lock_until else ""


def _encryption(row: Version) -> str:
    seal = seal_of(row)
    return "SSE-S3" if seal is None else _ENCRYPTION[seal.method]


def _bucket_key(row: Version) -> str:
    seal = seal_of(row)
    return "ENABLED" if seal is not None and seal.bucket_key else "DISABLED"


def _acl(bucket: Bucket, row: Version) -> str:
    """The access control list as JSON, in base64: also where the bucket has such lists switched off.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/objectacl.html
    """
    kept = row.extra.grants if row.extra is not None else None
    grants = [{"uri": who, "permission": permission, "type": "Group"} if who.startswith("http") else
              {"canonicalId": who, "permission": permission, "type": "CanonicalUser"}
              for who, permission in (owning.grants_of(bucket, row) if kept is None else kept)]
    said = {"version": "2022-11-10", "status": "AVAILABLE", "grants": grants}
    return base64.b64encode(json.dumps(said, separators=(",", ":")).encode()).decode()


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


_FIELDS: dict[str, Callable[[Bucket, Version], str]] = {
    "Size": lambda bucket, row: str(row.size),
    "LastModifiedDate": lambda bucket, row: _iso(row.modified),
    "StorageClass": lambda bucket, row: contents.storage_class(row.facts),
    "ETag": lambda bucket, row: row.etag,
    "IsMultipartUploaded": lambda bucket, row: str(bool(row.parts)).lower(),
    "ReplicationStatus": lambda bucket, row: replicating.status_of(row) or "",
    "EncryptionStatus": lambda bucket, row: _encryption(row),
    "ObjectLockRetainUntilDate": lambda bucket, row: _until(row),
    "ObjectLockMode": lambda bucket, row: row.extra.lock if row.extra is not None else "",
    "ObjectLockLegalHoldStatus": lambda bucket, row: row.extra.hold if row.extra is not None else "",
    "BucketKeyStatus": lambda bucket, row: _bucket_key(row),
    "ChecksumAlgorithm": lambda bucket, row: row.algorithm,
    "ObjectAccessControlList": _acl,
    "ObjectOwner": lambda bucket, row: names.owner_id(owning.owner_of(bucket, row)),
}
# Of a delete marker the others are empty.
_OF_MARKERS = frozenset({"LastModifiedDate", "ObjectOwner"})


def checked(name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """An InventoryConfiguration, or an error."""
    if said.get("Id") != name:
        raise invalid_argument("The ID in the configuration must be that of the request.", "Id", said.get("Id"))
    there = (said.get("Destination") or {}).get("S3BucketDestination") or {}
    arn = parse_arn(there.get("Bucket") or "")
    if arn is None or arn.service != "s3":
        raise invalid_argument("Invalid bucket ARN", "Bucket", there.get("Bucket"))
    if there.get("Format") == "ORC":
        raise not_implemented("s3: inventories as ORC")
    how_often = (said.get("Schedule") or {}).get("Frequency")
    if there.get("Format") not in ("CSV", "Parquet") or how_often not in ("Daily", "Weekly"):
        raise malformed_xml()
    if said.get("IncludedObjectVersions") not in (ALL, "Current") or said.get("IsEnabled") is None:
        raise malformed_xml()
    for field in said.get("OptionalFields") or ():
        if field not in _FIELDS:
            raise not_implemented(f"s3: inventories with {field}")
    return dict(said)


def due(said: Mapping[str, Any], now: float) -> float:
    """The next midnight (UTC), of Sunday where the schedule is weekly."""
    if said["Schedule"]["Frequency"] == "Daily":
        return (now // _DAY + 1) * _DAY
    return ((now - _SUNDAY) // (7 * _DAY) + 1) * 7 * _DAY + _SUNDAY


def schema(said: Mapping[str, Any]) -> list[str]:
    """The columns of a report."""
    more = ["VersionId", "IsLatest", "IsDeleteMarker"] if said["IncludedObjectVersions"] == ALL else []
    return ["Bucket", "Key", *more, *(said.get("OptionalFields") or ())]


def line(said: Mapping[str, Any], bucket: Bucket, row: Version, latest: bool) -> list[str]:
    """What a report says of one version."""
    marker = isinstance(row, Older) and row.marker
    found = [bucket.BucketName, quote(row.key.decode(), safe="/")]
    if said["IncludedObjectVersions"] == ALL:
        found += [versions.public(row) if bucket.versioning else "", str(latest).lower(), str(marker).lower()]
    return found + ["" if marker and field not in _OF_MARKERS else _FIELDS[field](bucket, row)
                    for field in said.get("OptionalFields") or ()]


def packed(lines: Iterable[list[str]]) -> bytes:
    """A file of a report: CSV with all fields in quotes, by gzip; always the same for the same lines."""
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(lines)
    return gzip.compress(text.getvalue().encode(), mtime=0)


def folder(said: Mapping[str, Any], bucket: str) -> str:
    """Where the reports of a configuration are."""
    prefix = said["Destination"]["S3BucketDestination"].get("Prefix") or ""
    return f"{prefix}/{bucket}/{said['Id']}" if prefix else f"{bucket}/{said['Id']}"


def manifest(said: Mapping[str, Any], bucket: str, began: float, columns: str, files: list[dict[str, Any]]) -> dict[str, Any]:
    """What a report is made of. columns: of its files."""
    return {"sourceBucket": bucket, "destinationBucket": said["Destination"]["S3BucketDestination"]["Bucket"],
            "version": "2016-11-30", "creationTimestamp": str(int(began * 1000)),
            "fileFormat": said["Destination"]["S3BucketDestination"]["Format"], "fileSchema": columns, "files": files}
