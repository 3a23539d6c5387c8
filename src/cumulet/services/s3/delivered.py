"""Reports that S3 writes into a bucket of its users: how they are encrypted, and told."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any


def encryption(there: Mapping[str, Any]) -> dict[str, Any]:
    """Members of PutObject that encrypt a report as its destination says, if it says anything."""
    said = there.get("Encryption") or {}
    if said.get("SSEKMS"):
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": said["SSEKMS"]["KeyId"]}
    return {"ServerSideEncryption": "AES256"} if said.get("SSES3") is not None else {}


def md5(data: bytes) -> str:
    """The checksum by which manifests name files."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()
