"""Vectors in policies: what a request is about, the bucket's owner and policy, and the service's condition keys.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-vectors-access-management.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Guard, parse_arn

from . import settings
from .places import names_in
from .resources import Index, VectorBucket

_OF_BUCKETS = frozenset({"CreateVectorBucket", "DeleteVectorBucket", "DeleteVectorBucketPolicy", "GetVectorBucket",
                         "GetVectorBucketPolicy", "ListIndexes", "PutVectorBucketDefaultIndexMode", "PutVectorBucketPolicy"})


def targets(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Metadata, and data beside keys, are read with GetVectors; tags at creation are set with TagResource."""
    if call.operation == "ListVectorBuckets":
        return [("", "*")]
    arn = _arn(call, members)
    found = [("", arn)]
    if call.operation.startswith("Create") and members.get("tags"):
        found.append(("s3vectors:TagResource", arn))
    reads = call.operation == "ListVectors" and (members.get("returnData") or members.get("returnMetadata"))
    looks = call.operation == "QueryVectors" and (members.get("returnMetadata") or members.get("filter") is not None
                                                  or members.get("queryTexts"))
    return [*found, ("s3vectors:GetVectors", arn)] if reads or looks else found


def _arn(call: Call, members: Mapping[str, Any]) -> str:
    for name in ("resourceArn", "indexArn"):
        if members.get(name):
            return str(members[name])
    arn = str(members.get("vectorBucketArn") or _bucket_arn(call, str(members.get("vectorBucketName", ""))))
    return arn if call.operation in _OF_BUCKETS else f"{arn}/index/{members.get('indexName', '')}"


def _bucket_arn(call: Call, name: str) -> str:
    return call.arn(VectorBucket(VectorBucketName=name))


def guard(call: Call, arn: str) -> Guard | None:
    """The bucket's policy counts for its indexes too; tags are of what is asked for."""
    path = names_in(arn)
    bucket = call.table(VectorBucket).known(path[0]) if path else None
    if bucket is None:
        return None
    row = call.table(Index).known(*path) if len(path) > 1 else bucket
    policies = (("vector bucket policy", bucket.policy),) if bucket.policy else ()
    return Guard(call.account, policies, tags=tuple(row.tags.items()) if row is not None else ())


def keys(call: Call, members: Mapping[str, Any]) -> dict[str, str]:
    """The tags of the bucket; of what is created its encryption, which an index has from its bucket."""
    bucket = _bucket(call, members)
    found = {f"s3vectors:vectorbuckettag/{name.lower()}": value for name, value in bucket.tags.items()} if bucket else {}
    if not call.operation.startswith("Create"):
        return found
    asked = members.get("encryptionConfiguration") or (settings.api(bucket.EncryptionConfiguration) if bucket else {})
    found["s3vectors:ssetype"] = asked.get("sseType", settings.MANAGED)
    if asked.get("kmsKeyArn"):
        found["s3vectors:kmskeyarn"] = asked["kmsKeyArn"]
    return found


def _bucket(call: Call, members: Mapping[str, Any]) -> VectorBucket | None:
    arn = _arn(call, members)
    parts, path = parse_arn(arn), names_in(arn)
    if parts is None or not path or parts.region != call.region:
        return None
    return call.elsewhere(parts.account).table(VectorBucket).known(path[0])
