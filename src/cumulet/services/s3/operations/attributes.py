"""What is known of an object without reading it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, operation

from .. import bodies, checksums, contents, sealing, versions
from ..buckets import bucket_of
from ..faults import invalid_argument
from ..resources import Version, seal_of

_KNOWN = frozenset({"ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"})
_MOST = 1000


@operation(accepts=("RequestPayer",))
def get_object_attributes(call: Call, Bucket: str, Key: str, ObjectAttributes: Sequence[str], VersionId: str | None = None,
                          SSECustomerAlgorithm: str | None = None, SSECustomerKey: str | None = None,
                          SSECustomerKeyMD5: str | None = None, MaxParts: int | None = None,
                          PartNumberMarker: int | None = None, ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    asked = {name.strip() for one in ObjectAttributes for name in one.split(",")}
    if not asked or not asked <= _KNOWN:
        raise invalid_argument("Invalid attribute name specified.", "x-amz-object-attributes", ",".join(ObjectAttributes))
    row = versions.find(call, bucket, Key, VersionId)
    sealing.check(seal_of(row), sealing.customer(SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5))
    found: dict[str, Any] = {"LastModified": row.modified, "VersionId": versions.public(row) if bucket.versioning else None}
    if "ETag" in asked:
        found["ETag"] = row.etag
    if "Checksum" in asked and row.checksum:
        found["Checksum"] = checksums.members(row.algorithm, row.checksum.partition("-")[0]) | {
            "ChecksumType": checksums.kind_of(row.checksum)}
    if "ObjectParts" in asked and row.parts:
        found["ObjectParts"] = _parts(call, row, MaxParts, PartNumberMarker or 0)
    if "StorageClass" in asked:
        found["StorageClass"] = contents.storage_class(row.facts)
    if "ObjectSize" in asked:
        found["ObjectSize"] = row.size
    return found


def _parts(call: Call, row: Version, limit: int | None, marker: int) -> dict[str, Any]:
    """How many parts; each of them where it has a sum of its own."""
    parts = bodies.parts_of(call, row)
    if not parts[0].checksum:
        return {"TotalPartsCount": len(parts)}
    limit = _MOST if limit is None else min(limit, _MOST)
    behind = [part for part in parts if part.number > marker]
    page = behind[:limit]
    return {
        "TotalPartsCount": len(parts), "PartNumberMarker": marker, "NextPartNumberMarker": page[-1].number if page else 0,
        "MaxParts": limit, "IsTruncated": len(behind) > limit,
        "Parts": [{"PartNumber": part.number, "Size": part.size, "Checksum" + row.algorithm: part.checksum} for part in page]}
