"""Inventory configurations of a bucket."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import inventory, reporting
from ..buckets import bucket_of
from ..faults import invalid_argument
from ..resources import Configuration

_MOST = 1000
_PAGE = 100


@operation
def put_bucket_inventory_configuration(call: Call, Bucket: str, Id: str, InventoryConfiguration: dict[str, Any],
                                       ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketInventoryConfiguration.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    said = inventory.checked(Id, InventoryConfiguration)
    table = call.table(Configuration)
    if table.get(bucket.number, inventory.KIND, Id) is None and table.count(bucket.number, inventory.KIND) >= _MOST:
        raise error.named("TooManyConfigurations", "You are attempting to create a new configuration but have already reached "
                          "the 1,000-configuration limit.", 400)
    table.put(Configuration(bucket=bucket.number, kind=inventory.KIND, name=Id, said=said))
    reporting.begin(call, bucket, said)


@operation
def get_bucket_inventory_configuration(call: Call, Bucket: str, Id: str,
                                       ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketInventoryConfiguration.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    row = call.table(Configuration).get(bucket.number, inventory.KIND, Id)
    if row is None:
        raise error.named("NoSuchConfiguration", "The specified configuration does not exist.", 404, BucketName=Bucket)
    return {"InventoryConfiguration": row.said}


@operation
def list_bucket_inventory_configurations(call: Call, Bucket: str, ContinuationToken: str | None = None,
                                         ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBucketInventoryConfigurations.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    after = _after(ContinuationToken) if ContinuationToken else None
    rows = call.table(Configuration).scan(bucket.number, inventory.KIND, after=after, limit=_PAGE + 1)
    more = len(rows) > _PAGE
    token = base64.urlsafe_b64encode(rows[_PAGE - 1].name.encode()).decode() if more else None
    return {"InventoryConfigurationList": [row.said for row in rows[:_PAGE]], "IsTruncated": more,
            "ContinuationToken": ContinuationToken, "NextContinuationToken": token}


def _after(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise invalid_argument("The continuation token provided is incorrect", "continuation-token", token) from None


@operation
def delete_bucket_inventory_configuration(call: Call, Bucket: str, Id: str, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketInventoryConfiguration.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    if not call.table(Configuration).delete(bucket.number, inventory.KIND, Id):
        raise error.named("NoSuchConfiguration", "The specified configuration does not exist.", 404, BucketName=Bucket)
