"""The tags of buckets and indexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, operation

from .. import settings
from ..places import tagged


@operation
def tag_resource(call: Call, resourceArn: str, tags: Mapping[str, str]) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_TagResource.html"""
    there, row = tagged(call, resourceArn)
    row.tags = settings.tags(row.tags, tags)
    there.put(row)


@operation
def untag_resource(call: Call, resourceArn: str, tagKeys: Sequence[str]) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_UntagResource.html"""
    there, row = tagged(call, resourceArn)
    row.tags = {key: value for key, value in row.tags.items() if key not in tagKeys}
    there.put(row)


@operation
def list_tags_for_resource(call: Call, resourceArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_S3VectorBuckets_ListTagsForResource.html"""
    return {"tags": tagged(call, resourceArn)[1].tags}
