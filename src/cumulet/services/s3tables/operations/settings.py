"""Encryption and storage classes of table buckets, for their new tables, and of tables."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from .. import settings
from ..faults import missing
from ..finding import bucket_of, table_of


@operation
def put_table_bucket_encryption(call: Call, tableBucketARN: str, encryptionConfiguration: dict[str, str]) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_PutTableBucketEncryption.html"""
    there, row = bucket_of(call, tableBucketARN)
    row.encryption = settings.checked_encryption(encryptionConfiguration)
    there.put(row)


@operation
def get_table_bucket_encryption(call: Call, tableBucketARN: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_GetTableBucketEncryption.html"""
    _, row = bucket_of(call, tableBucketARN)
    if row.encryption is None:
        raise missing("The specified encryption configuration does not exist.")
    return {"encryptionConfiguration": row.encryption}


@operation
def delete_table_bucket_encryption(call: Call, tableBucketARN: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_DeleteTableBucketEncryption.html"""
    there, row = bucket_of(call, tableBucketARN)
    row.encryption = None
    there.put(row)


@operation
def get_table_encryption(call: Call, tableBucketARN: str, namespace: str, name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_GetTableEncryption.html"""
    return {"encryptionConfiguration": table_of(call, tableBucketARN, namespace, name)[1].encryption}


@operation
def put_table_bucket_storage_class(call: Call, tableBucketARN: str, storageClassConfiguration: dict[str, str]) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_PutTableBucketStorageClass.html"""
    there, row = bucket_of(call, tableBucketARN)
    row.storage_class = storageClassConfiguration["storageClass"]
    there.put(row)


@operation
def get_table_bucket_storage_class(call: Call, tableBucketARN: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_GetTableBucketStorageClass.html"""
    _, row = bucket_of(call, tableBucketARN)
    return {"storageClassConfiguration": {"storageClass": row.storage_class or settings.STANDARD}}


@operation
def get_table_storage_class(call: Call, tableBucketARN: str, namespace: str, name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_GetTableStorageClass.html"""
    _, row = table_of(call, tableBucketARN, namespace, name)
    return {"storageClassConfiguration": {"storageClass": row.storage_class}}
