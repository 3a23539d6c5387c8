"""Intelligent-Tiering configurations of a bucket: when objects that nobody reads go to the archive tiers."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from .. import archiving, configurations, tiering
from ..buckets import bucket_of


@operation
def put_bucket_intelligent_tiering_configuration(call: Call, Bucket: str, Id: str,
                                                 IntelligentTieringConfiguration: dict[str, Any],
                                                 ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketIntelligentTieringConfiguration.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    configurations.keep(call, bucket, tiering.KIND, Id, tiering.checked(Id, IntelligentTieringConfiguration))
    archiving.begin(call, bucket)


@operation
def get_bucket_intelligent_tiering_configuration(call: Call, Bucket: str, Id: str,
                                                 ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketIntelligentTieringConfiguration.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    return {"IntelligentTieringConfiguration": configurations.find(call, bucket, tiering.KIND, Id)}


@operation
def list_bucket_intelligent_tiering_configurations(call: Call, Bucket: str, ContinuationToken: str | None = None,
                                                   ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListBucketIntelligentTieringConfigurations.html"""
    bucket = bucket_of(call, Bucket, ExpectedBucketOwner)
    return configurations.page(call, bucket, tiering.KIND, "IntelligentTieringConfigurationList", ContinuationToken)


@operation
def delete_bucket_intelligent_tiering_configuration(call: Call, Bucket: str, Id: str,
                                                    ExpectedBucketOwner: str | None = None) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucketIntelligentTieringConfiguration.html"""
    configurations.drop(call, bucket_of(call, Bucket, ExpectedBucketOwner), tiering.KIND, Id)
