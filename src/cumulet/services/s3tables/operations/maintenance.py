"""How tables are maintained: snapshot management of each, unreferenced files of a bucket's, and how the jobs went."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, not_implemented, operation

from .. import maintaining, managed
from ..finding import bucket_of, table_of
from ..resources import TableBucket


@operation
def put_table_maintenance_configuration(call: Call, tableBucketARN: str, namespace: str, name: str, type: str,
                                        value: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_PutTableMaintenanceConfiguration.html"""
    there, row = table_of(call, tableBucketARN, namespace, name)
    managed.check(call, row.bucket)
    said = maintaining.merged(maintaining.of(row)[type], value, type)
    if type == maintaining.COMPACTION and said["status"] == "enabled":
        raise not_implemented("s3tables:PutTableMaintenanceConfiguration that enables icebergCompaction")
    row.maintenance[type] = said
    there.put(row)


@operation
def get_table_maintenance_configuration(call: Call, tableBucketARN: str, namespace: str, name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_GetTableMaintenanceConfiguration.html"""
    there, row = table_of(call, tableBucketARN, namespace, name)
    return {"tableARN": there.arn(row), "configuration": maintaining.of(row)}


@operation
def get_table_maintenance_job_status(call: Call, tableBucketARN: str, namespace: str, name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_GetTableMaintenanceJobStatus.html"""
    there, row = table_of(call, tableBucketARN, namespace, name)
    return {"tableARN": there.arn(row), "status": maintaining.status(there.get(TableBucket, row.bucket), row)}


@operation
def put_table_bucket_maintenance_configuration(call: Call, tableBucketARN: str, type: str, value: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_PutTableBucketMaintenanceConfiguration.html"""
    there, row = bucket_of(call, tableBucketARN)
    row.removal = maintaining.merged(maintaining.removal(row), value, type)
    there.put(row)


@operation
def get_table_bucket_maintenance_configuration(call: Call, tableBucketARN: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_GetTableBucketMaintenanceConfiguration.html"""
    _, row = bucket_of(call, tableBucketARN)
    return {"tableBucketARN": tableBucketARN, "configuration": {maintaining.REMOVAL: maintaining.removal(row)}}
