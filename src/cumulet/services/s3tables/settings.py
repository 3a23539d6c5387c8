"""What is said of a bucket for its new tables, and of a table: how it is encrypted, and in which storage class it lies."""

from __future__ import annotations

from typing import Any

from .faults import bad_request
from .resources import TableBucket

DEFAULT = {"sseAlgorithm": "AES256"}
STANDARD = "STANDARD"


def checked_encryption(said: dict[str, str] | None) -> dict[str, str] | None:
    """A key stands there for KMS, and for nothing else."""
    if said is not None and (said["sseAlgorithm"] == "aws:kms") != bool(said.get("kmsKeyArn")):
        raise bad_request("kmsKeyArn is required when sseAlgorithm is aws:kms, and must be absent otherwise.")
    return said


def of_new_table(bucket: TableBucket, encryption: dict[str, str] | None, storage: dict[str, str] | None) -> dict[str, Any]:
    """What a new table has: as its request says, else as its bucket does."""
    return {"encryption": checked_encryption(encryption) or bucket.encryption or DEFAULT,
            "storage_class": (storage or {}).get("storageClass") or bucket.storage_class or STANDARD}
