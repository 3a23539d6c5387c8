"""Analytics configurations of a bucket: storage class analysis."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from .. import analysing, analysis, configurations, names
from ..buckets import bucket_of
from ..faults import invalid_argument


@operation
def put_bucket_analytics_configuration(call: Call, Bucket: str, Id: str, AnalyticsConfiguration: dict[str, Any],
                                       ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketAnalyticsConfiguration.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    if not names.is_metrics_id(Id):
        raise invalid_argument("The ID may have up to 64 letters, digits, periods, dashes and underscores.", "Id", Id)
    configurations.keep(call, bucket, analysis.KIND, Id, analysis.checked(Id, AnalyticsConfiguration))
    analysing.begin(call, bucket, Id)


@operation
def get_bucket_analytics_configuration(call: Call, Bucket: str, Id: str,
                                       ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketAnalyticsConfiguration.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    return {"AnalyticsConfiguration": configurations.find(call, bucket, analysis.KIND, Id)}


@operation
def list_bucket_analytics_configurations(call: Call, Bucket: str, ContinuationToken: str | None = None,
                                         ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBucketAnalyticsConfigurations.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    return configurations.page(call, bucket, analysis.KIND, "AnalyticsConfigurationList", ContinuationToken)


@operation
def delete_bucket_analytics_configuration(call: Call, Bucket: str, Id: str, ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketAnalyticsConfiguration.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    configurations.drop(call, bucket, analysis.KIND, Id)
    analysing.forget(call, bucket, Id)
