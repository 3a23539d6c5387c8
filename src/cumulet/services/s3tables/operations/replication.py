"""Replication: where the tables of a bucket, or one of them, are copied, and how far the copies are."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from .. import copying, replication
from ..finding import bucket_of, table_by_arn
from ..resources import Copied

_DONE = "Success"


@operation
def put_table_bucket_replication(call: Call, tableBucketARN: str, configuration: dict[str, Any],
                                 versionToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_PutTableBucketReplication.html"""
    there, row = bucket_of(call, tableBucketARN)
    row.replication = replication.checked(there, tableBucketARN, row.TableBucketName, row.replication, versionToken,
                                          configuration)
    there.put(row)
    there.task(copying.replicate_bucket, bucket=tableBucketARN, after=None)
    return {"versionToken": row.replication["token"], "status": _DONE}


@operation
def get_table_bucket_replication(call: Call, tableBucketARN: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_GetTableBucketReplication.html"""
    return replication.told(bucket_of(call, tableBucketARN)[1].replication)


@operation
def delete_table_bucket_replication(call: Call, tableBucketARN: str, versionToken: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_DeleteTableBucketReplication.html"""
    there, row = bucket_of(call, tableBucketARN)
    if row.replication is None:
        raise replication.absent()
    replication.check_token(row.replication, versionToken)
    row.replication = None
    there.put(row)


@operation
def put_table_replication(call: Call, tableArn: str, configuration: dict[str, Any],
                          versionToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_PutTableReplication.html"""
    there, row = table_by_arn(call, tableArn)
    replication.check(row)
    row.replication = replication.checked(there, row.TableBucketARN, row.bucket, row.replication, versionToken, configuration)
    there.put(row)
    replication.changed(there, row)
    return {"versionToken": row.replication["token"], "status": _DONE}


@operation
def get_table_replication(call: Call, tableArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_GetTableReplication.html"""
    return replication.told(table_by_arn(call, tableArn)[1].replication)


@operation
def delete_table_replication(call: Call, tableArn: str, versionToken: str) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_DeleteTableReplication.html"""
    there, row = table_by_arn(call, tableArn)
    if row.replication is None:
        raise replication.absent()
    replication.check_token(row.replication, versionToken)
    row.replication = None
    there.put(row)
    replication.changed(there, row)              # its bucket's holds again, if there is one


@operation
def get_table_replication_status(call: Call, tableArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_s3Buckets_GetTableReplicationStatus.html"""
    there, row = table_by_arn(call, tableArn)
    said = replication.of(there, row)
    if said is None:
        raise replication.absent()
    rows = (there.table(Copied).get(row.id, arn) or Copied(table=row.id, destination=arn)
            for arn in replication.destinations(said))
    return {"sourceTableArn": tableArn, "destinations": [_told(one) for one in rows]}


def _told(one: Copied) -> dict[str, Any]:
    last = {"metadataLocation": one.location, "timestamp": one.at} if one.location else None
    return {"replicationStatus": one.status, "destinationTableBucketArn": one.destination,
            "destinationTableArn": one.copy or None, "lastSuccessfulReplicatedUpdate": last,
            "failureMessage": one.problem if one.status == replication.FAILED else None}
