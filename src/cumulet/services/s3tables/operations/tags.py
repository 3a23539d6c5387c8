"""Tags of table buckets and tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, operation

from ..finding import bucket_of, table_by_arn
from ..resources import Table, TableBucket
from ..tagging import tagged


def _of(call: Call, arn: str) -> tuple[Call, TableBucket | Table]:
    return table_by_arn(call, arn) if "/table/" in arn else bucket_of(call, arn)


@operation
def tag_resource(call: Call, resourceArn: str, tags: Mapping[str, str]) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_TagResource.html"""
    there, row = _of(call, resourceArn)
    row.tags = tagged(row.tags, tags)
    there.put(row)


@operation
def untag_resource(call: Call, resourceArn: str, tagKeys: Sequence[str]) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_UntagResource.html"""
    there, row = _of(call, resourceArn)
    row.tags = {key: value for key, value in row.tags.items() if key not in tagKeys}
    there.put(row)


@operation
def list_tags_for_resource(call: Call, resourceArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_ListTagsForResource.html"""
    return {"tags": _of(call, resourceArn)[1].tags}
