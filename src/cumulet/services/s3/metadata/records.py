"""What the metadata tables say of a version of an object, and of what happened to it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from cumulet.kernel import Call

from .. import contents, versions
from ..resources import Annotation, Bucket, Older, Version, seal_of

CREATE, UPDATE, DELETE = "CREATE", "UPDATE_METADATA", "DELETE"
_ENCRYPTION = {"aws:kms": "SSE-KMS", "aws:kms:dsse": "DSSE-KMS", "": "SSE-C"}
Record = dict[str, Any]


def moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def sequence_number(order: int, number: int = 0) -> str:
    """Larger ones are of later records. order: a version's number in time, or a moment's.  number: of a later change."""
    return f"{abs(order):020x}{number:020x}"


def of_version(bucket: Bucket, row: Version) -> Record:
    """The columns that say what an object, a version or a delete marker is. What no version has is left out."""
    found: Record = {"bucket": bucket.BucketName, "key": row.key.decode(), "sequence_number": sequence_number(row.order),
                     "version_id": versions.public(row) if bucket.versioning else None}
    if isinstance(row, Older) and row.marker:
        return found | {"is_delete_marker": True, "size": 0, "last_modified_date": moment(row.modified)}
    seal = seal_of(row)
    return found | {
        "is_delete_marker": False, "size": row.size, "last_modified_date": moment(row.modified), "e_tag": row.etag,
        "storage_class": contents.storage_class(row.facts), "is_multipart": bool(row.parts),
        "encryption_status": _ENCRYPTION[seal.method] if seal is not None else "SSE-S3",
        "is_bucket_key_enabled": seal is not None and seal.bucket_key,
        "kms_key_arn": (seal.key or None) if seal is not None else None, "checksum_algorithm": row.algorithm or None,
        "object_tags": row.tags or {}, "user_metadata": (row.facts or {}).get("Metadata") or {}}


def of_annotation(bucket: Bucket, version: Version, row: Annotation) -> Record:
    """The columns that say what an annotation of a version is. What joins it to the other tables is the sequence number of the
    version's creation."""
    return {"bucket": bucket.BucketName, "object_key": row.key.decode(),
            "object_version_id": versions.public(version) if bucket.versioning else None,
            "object_join_key": sequence_number(row.order), "name": row.name,
            "sequence_number": sequence_number(int(row.modified * 1_000_000)), "last_modified_date": moment(row.modified),
            "size": row.size, "e_tag": row.etag, "checksum_algorithm": row.algorithm or None, "text_value": row.data.decode()}


def of_deletion(bucket: Bucket, key: str, version: str | None) -> Record:
    """The columns that are left of what was deleted for good."""
    return {"bucket": bucket.BucketName, "key": key, "version_id": version}


def of_request(call: Call, kind: str) -> Record:
    """The columns that say what happened, and who wanted it."""
    by_service = call.principal.kind == "service"
    return {"record_type": kind, "record_timestamp": moment(call.now), "requester": _requester(call),
            "source_ip_address": (call.request.client or None) if call.request is not None and not by_service else None,
            "request_id": call.request_id or None}


def _requester(call: Call) -> str | None:
    """The account, or the service that acts on its own; nobody is told of who has no account."""
    who = call.principal
    return who.subject if who.kind == "service" else who.account or None
