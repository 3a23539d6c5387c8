"""The policies of table buckets and tables."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from ..faults import missing
from ..finding import bucket_of, table_of
from ..policies import checked
from ..resources import Table, TableBucket


def _told(row: TableBucket | Table) -> dict[str, Any]:
    if not row.policy:
        raise missing("The specified resource policy does not exist.")
    return {"resourcePolicy": row.policy}


def _set(call: Call, row: TableBucket | Table, policy: str) -> None:
    row.policy = policy
    call.put(row)


@operation
def put_table_bucket_policy(call: Call, tableBucketARN: str, resourcePolicy: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_PutTableBucketPolicy.html"""
    there, row = bucket_of(call, tableBucketARN)
    _set(there, row, checked(resourcePolicy, tableBucketARN))


@operation
def get_table_bucket_policy(call: Call, tableBucketARN: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_GetTableBucketPolicy.html"""
    return _told(bucket_of(call, tableBucketARN)[1])


@operation
def delete_table_bucket_policy(call: Call, tableBucketARN: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_DeleteTableBucketPolicy.html"""
    _set(*bucket_of(call, tableBucketARN), "")


@operation
def put_table_policy(call: Call, tableBucketARN: str, namespace: str, name: str, resourcePolicy: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_PutTablePolicy.html"""
    there, row = table_of(call, tableBucketARN, namespace, name)
    _set(there, row, checked(resourcePolicy, there.arn(row)))


@operation
def get_table_policy(call: Call, tableBucketARN: str, namespace: str, name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_GetTablePolicy.html"""
    return _told(table_of(call, tableBucketARN, namespace, name)[1])


@operation
def delete_table_policy(call: Call, tableBucketARN: str, namespace: str, name: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_DeleteTablePolicy.html"""
    _set(*table_of(call, tableBucketARN, namespace, name), "")
