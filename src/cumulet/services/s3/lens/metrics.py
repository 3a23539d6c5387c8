"""The metrics that can be told from what is stored, by the names that they have in exports and in CloudWatch.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage_lens_metrics_glossary.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .. import mfa, replicating
from ..buckets import ENFORCED
from ..resources import Bucket, Extra

_WEEK = 7 * 86_400.0
_BYTES, _OBJECTS = "StorageBytes", "ObjectCount"
# Kinds of what is stored, each of which has its bytes and its objects.
_STORED, _CURRENT, _OLD, _MARKERS = "", "CurrentVersion", "NonCurrentVersion", "DeleteMarker"
_UPLOADS, _ENCRYPTED, _LOCKED = "IncompleteMultipartUpload", "Encrypted", "ObjectLockEnabled"
_STALE, _REPLICAS, _REPLICATED = "IncompleteMPU…OlderThan7Days", "Replicated", "Replicated…Source"
_KINDS = (_STORED, _CURRENT, _OLD, _MARKERS, _UPLOADS, _STALE, _ENCRYPTED, _REPLICAS, _REPLICATED, _LOCKED)
_RULES = {"Transitions": "TransitionLifecycleRuleCount",
          "NoncurrentVersionTransitions": "NoncurrentVersionTransitionLifecycleRuleCount",
          "NoncurrentVersionExpiration": "NoncurrentVersionExpirationLifecycleRuleCount",
          "AbortIncompleteMultipartUpload": "AbortIncompleteMPULifecycleRuleCount"}
_OWNERSHIP = {ENFORCED: "ObjectOwnershipBucketOwnerEnforcedBucketCount",
              "BucketOwnerPreferred": "ObjectOwnershipBucketOwnerPreferredBucketCount",
              "ObjectWriter": "ObjectOwnershipObjectWriterBucketCount"}


def _pair(kind: str) -> tuple[str, str]:
    """The names of a kind's bytes and of its objects."""
    before, dots, behind = kind.partition("…")
    return (before + _BYTES + behind, before + _OBJECTS + behind) if dots else (kind + _BYTES, kind + _OBJECTS)


_NAMES = {kind: _pair(kind) for kind in _KINDS}


def _counted(size: int, kinds: Iterable[str]) -> dict[str, int]:
    found = {}
    for kind in kinds:
        in_bytes, in_objects = _NAMES[kind]
        found[in_bytes], found[in_objects] = size, 1
    return found


def of_version(size: int, extra: Extra | None, current: bool) -> dict[str, int]:
    """What an object's version adds: it is encrypted in any case."""
    kinds = [_STORED, _CURRENT if current else _OLD, _ENCRYPTED]
    if extra is not None:
        if extra.replication == replicating.REPLICA:
            kinds.append(_REPLICAS)
        elif extra.replication == replicating.COMPLETED:
            kinds.append(_REPLICATED)
        if extra.lock or extra.hold == "ON":
            kinds.append(_LOCKED)
    return _counted(size, kinds)


def of_marker(key: bytes) -> dict[str, int]:
    """What a delete marker adds: it takes as many bytes as its key.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html
    """
    return _counted(len(key), (_STORED, _MARKERS))


def of_upload(size: int, age: float) -> dict[str, int]:
    """What an upload that is not complete adds with its parts."""
    return _counted(size, (_STORED, _UPLOADS, _ENCRYPTED, _STALE) if age > _WEEK else (_STORED, _UPLOADS, _ENCRYPTED))


def add(sums: dict[str, int], more: Mapping[str, int]) -> None:
    for name, value in more.items():
        sums[name] = sums.get(name, 0) + value


def told(sums: Mapping[str, int]) -> dict[str, int]:
    """All metrics of what is stored, those too of which there is nothing; those of a bucket itself as they are."""
    if _BYTES not in sums:
        return dict(sums)
    found = {name: sums.get(name, 0) for kind in _KINDS for name in _NAMES[kind]}
    found["UnencryptedStorageBytes"] = found[_BYTES] - found["EncryptedStorageBytes"]
    found["UnencryptedObjectCount"] = found[_OBJECTS] - found["EncryptedObjectCount"]
    return found


def size_of(sums: Mapping[str, int]) -> int:
    return sums.get(_BYTES, 0)


# --- of buckets themselves ----------------------------------------------------------------------------------------------


def of_bucket(bucket: Bucket) -> dict[str, int]:
    """What a bucket adds by its settings."""
    method = (bucket.default_encryption or ("", None))[0]
    found = {"VersioningEnabledBucketCount": bucket.versioning == "Enabled", "MFADeleteEnabledBucketCount": mfa.is_on(bucket),
             "SSEKMSEnabledBucketCount": method.startswith("aws:kms"),
             "TransferAccelerationEnabledBucketCount": bucket.acceleration == "Enabled",
             "EventNotificationEnabledBucketCount": bool(bucket.notifications)}
    found |= {name: bucket.ownership == setting for setting, name in _OWNERSHIP.items()}
    return {name: int(value) for name, value in found.items()}


def of_lifecycle(bucket: Bucket) -> dict[str, int]:
    """Its lifecycle rules."""
    rules: list[dict[str, Any]] = bucket.lifecycle
    found = {name: sum(bool(rule.get(member)) for rule in rules) for member, name in _RULES.items()}
    expirations = [rule.get("Expiration") or {} for rule in rules]
    markers = sum(bool(one.get("ExpiredObjectDeleteMarker")) for one in expirations)
    found["ExpirationLifecycleRuleCount"] = sum("Days" in one or "Date" in one for one in expirations)
    found["ExpiredObjectDeleteMarkerLifecycleRuleCount"] = markers
    found["TotalLifecycleRuleCount"] = len(rules)
    return found


def of_replication(bucket: Bucket, targets: Iterable[Bucket | None]) -> dict[str, int]:
    """Its replication rules. targets: the destination of each; None where there is none."""
    there = list(targets)
    valid = [one for one in there if one is not None]
    in_region = sum(one.region == bucket.region for one in valid)
    in_account = sum(one.account == bucket.account for one in valid)
    return {"SameRegionReplicationRuleCount": in_region, "CrossRegionReplicationRuleCount": len(valid) - in_region,
            "SameAccountReplicationRuleCount": in_account, "CrossAccountReplicationRuleCount": len(valid) - in_account,
            "InvalidDestinationReplicationRuleCount": len(there) - len(valid)}
