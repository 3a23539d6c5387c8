"""Inventory configurations of a bucket."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from .. import configurations, inventory, inventoryfiles, reporting
from ..buckets import bucket_of
from ..metadata import parquet


@operation
def put_bucket_inventory_configuration(call: Call, Bucket: str, Id: str, InventoryConfiguration: dict[str, Any],
                                       ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketInventoryConfiguration.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    said = inventory.checked(Id, InventoryConfiguration)
    if inventoryfiles.form(said) == inventoryfiles.PARQUET:
        parquet.check()
    configurations.keep(call, bucket, inventory.KIND, Id, said)
    reporting.begin(call, bucket, said)


@operation
def get_bucket_inventory_configuration(call: Call, Bucket: str, Id: str,
                                       ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketInventoryConfiguration.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    return {"InventoryConfiguration": configurations.find(call, bucket, inventory.KIND, Id)}


@operation
def list_bucket_inventory_configurations(call: Call, Bucket: str, ContinuationToken: str | None = None,
                                         ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBucketInventoryConfigurations.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    return configurations.page(call, bucket, inventory.KIND, "InventoryConfigurationList", ContinuationToken)


@operation
def delete_bucket_inventory_configuration(call: Call, Bucket: str, Id: str, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketInventoryConfiguration.html"""
    configurations.drop(call, bucket_of(call, Bucket, ExpectedBucketOwner), inventory.KIND, Id)
