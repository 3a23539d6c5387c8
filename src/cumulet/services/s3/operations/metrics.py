"""Metrics configurations of a bucket: which of its requests CloudWatch is told of."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from .. import configurations, measuring, requestmetrics
from ..buckets import bucket_of


@operation
def put_bucket_metrics_configuration(call: Call, Bucket: str, Id: str, MetricsConfiguration: dict[str, Any],
                                     ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketMetricsConfiguration.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    configurations.keep(call, bucket, requestmetrics.KIND, Id, requestmetrics.checked(Id, MetricsConfiguration))
    measuring.begin(call, bucket)


@operation
def get_bucket_metrics_configuration(call: Call, Bucket: str, Id: str,
                                     ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketMetricsConfiguration.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    return {"MetricsConfiguration": configurations.find(call, bucket, requestmetrics.KIND, Id)}


@operation
def list_bucket_metrics_configurations(call: Call, Bucket: str, ContinuationToken: str | None = None,
                                       ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBucketMetricsConfigurations.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    return configurations.page(call, bucket, requestmetrics.KIND, "MetricsConfigurationList", ContinuationToken)


@operation
def delete_bucket_metrics_configuration(call: Call, Bucket: str, Id: str, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketMetricsConfiguration.html"""
    configurations.drop(call, bucket_of(call, Bucket, ExpectedBucketOwner), requestmetrics.KIND, Id)
