"""Vector buckets and indexes: made, told, listed, deleted; tags, policies, modes."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from conftest import Cloud
from cumulet.services.s3vectors.resources import VectorBucket
from services.s3vectors.conftest import PLACE, make_index, near, refused


def test_a_bucket_is_made_told_and_deleted(vectors: Any, bucket: str, cloud: Cloud) -> None:
    assert bucket == f"arn:aws:s3vectors:us-east-1:{cloud.account}:bucket/shelf"
    told = vectors.get_vector_bucket(vectorBucketName="shelf")["vectorBucket"]
    assert told == vectors.get_vector_bucket(vectorBucketArn=bucket)["vectorBucket"]
    assert abs(told.pop("creationTime").timestamp() - cloud.clock.now()) < 60
    assert told == {"vectorBucketName": "shelf", "vectorBucketArn": bucket,
                    "encryptionConfiguration": {"sseType": "AES256"}, "defaultIndexMode": "ENHANCED"}
    with refused("ConflictException", "A vector bucket with the specified name already exists"):
        vectors.create_vector_bucket(vectorBucketName="shelf")
    vectors.delete_vector_bucket(vectorBucketArn=bucket)
    with refused("NotFoundException", "The specified vector bucket could not be found"):
        vectors.get_vector_bucket(vectorBucketName="shelf")


def test_an_index_is_made_told_and_deleted(vectors: Any, bucket: str) -> None:
    arn = make_index(vectors, metadataConfiguration={"nonFilterableMetadataKeys": ["text"]}, distanceMetric="cosine")
    assert arn == f"{bucket}/index/books"
    told = vectors.get_index(**PLACE)["index"]
    assert told == vectors.get_index(indexArn=arn)["index"]
    told.pop("creationTime")
    assert told == {**PLACE, "indexArn": arn, "dataType": "float32", "dimension": 2, "distanceMetric": "cosine",
                    "indexMode": "ENHANCED", "metadataConfiguration": {"nonFilterableMetadataKeys": ["text"]},
                    "encryptionConfiguration": {"sseType": "AES256"}}
    with refused("ConflictException", "An index with the specified name already exists"):
        make_index(vectors)
    with refused("ConflictException", "The specified vector bucket is not empty"):
        vectors.delete_vector_bucket(vectorBucketName="shelf")
    vectors.delete_index(indexArn=arn)
    with refused("NotFoundException", "The specified index could not be found"):
        vectors.get_index(**PLACE)
    vectors.delete_vector_bucket(vectorBucketName="shelf")


def test_buckets_are_listed_in_pages_and_by_prefix(vectors: Any) -> None:
    for name in ("abc-3", "abc-1", "abc-2", "abd-1"):
        vectors.create_vector_bucket(vectorBucketName=name)
    pages = list(vectors.get_paginator("list_vector_buckets").paginate(prefix="abc", PaginationConfig={"PageSize": 2}))
    assert [[one["vectorBucketName"] for one in page["vectorBuckets"]] for page in pages] == [["abc-1", "abc-2"], ["abc-3"]]


def test_indexes_are_listed_in_pages_and_by_prefix(vectors: Any, bucket: str) -> None:
    for name in ("one-b", "one-a", "one-c", "two-a"):
        make_index(vectors, indexName=name)
    pages = list(vectors.get_paginator("list_indexes").paginate(
        vectorBucketArn=bucket, prefix="one", PaginationConfig={"PageSize": 2}))
    assert [[one["indexName"] for one in page["indexes"]] for page in pages] == [["one-a", "one-b"], ["one-c"]]
    assert pages[0]["indexes"][0]["indexArn"] == f"{bucket}/index/one-a"


@pytest.mark.parametrize("of", ["bucket", "index"])
def test_tags_are_put_told_and_taken_away(vectors: Any, bucket: str, index: str, of: str) -> None:
    arn = bucket if of == "bucket" else index
    vectors.tag_resource(resourceArn=arn, tags={"team": "search", "stage": "test"})
    vectors.tag_resource(resourceArn=arn, tags={"stage": "live"})
    assert vectors.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "search", "stage": "live"}
    vectors.untag_resource(resourceArn=arn, tagKeys=["team", "never"])
    assert vectors.list_tags_for_resource(resourceArn=arn)["tags"] == {"stage": "live"}
    with refused("ValidationException", "at most 50 tags"):
        vectors.tag_resource(resourceArn=arn, tags={f"t{n}": "" for n in range(50)})


def test_tags_come_with_creation(vectors: Any) -> None:
    arn = vectors.create_vector_bucket(vectorBucketName="shelf", tags={"a": "b"})["vectorBucketArn"]
    assert vectors.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "b"}
    assert vectors.list_tags_for_resource(resourceArn=make_index(vectors, tags={"c": "d"}))["tags"] == {"c": "d"}


def test_a_policy_is_put_told_and_deleted(vectors: Any, bucket: str) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3vectors:GetIndex", "Resource": f"{bucket}/*"}]})
    with refused("NotFoundException", "policy could not be found"):
        vectors.get_vector_bucket_policy(vectorBucketName="shelf")
    vectors.put_vector_bucket_policy(vectorBucketName="shelf", policy=policy)
    assert vectors.get_vector_bucket_policy(vectorBucketArn=bucket)["policy"] == policy
    with refused("ValidationException", "Invalid policy"):
        vectors.put_vector_bucket_policy(vectorBucketName="shelf", policy='{"Statement": 1}')
    vectors.delete_vector_bucket_policy(vectorBucketName="shelf")
    vectors.delete_vector_bucket_policy(vectorBucketName="shelf")
    with refused("NotFoundException"):
        vectors.get_vector_bucket_policy(vectorBucketName="shelf")


def test_buckets_of_today_have_enhanced_indexes_only(vectors: Any, bucket: str, index: str) -> None:
    with refused("ValidationException", "CLASSIC"):
        vectors.put_vector_bucket_default_index_mode(vectorBucketName="shelf", defaultIndexMode="CLASSIC")
    with refused("ValidationException", "CLASSIC"):
        vectors.update_index_mode(indexArn=index, indexMode="CLASSIC")
    vectors.put_vector_bucket_default_index_mode(vectorBucketArn=bucket, defaultIndexMode="ENHANCED")
    vectors.update_index_mode(**PLACE, indexMode="ENHANCED")
    assert vectors.get_index(indexArn=index)["index"]["indexMode"] == "ENHANCED"


def test_older_buckets_have_classic_indexes_unless_told_otherwise(vectors: Any, bucket: str, cloud: Cloud) -> None:
    cloud.kernel.store.run_now(lambda tx: tx.table(VectorBucket, cloud.account, "us-east-1").change(
        "shelf", created=datetime(2026, 9, 29, tzinfo=UTC).timestamp(), mode="CLASSIC"))
    texts = {"textSearchConfigurations": [{"metadataKey": "text"}]}
    with refused("ValidationException", "ENHANCED"):
        make_index(vectors, metadataConfiguration=texts)
    index = make_index(vectors)
    assert vectors.get_index(indexArn=index)["index"]["indexMode"] == "CLASSIC"
    with refused("ValidationException", "ENHANCED"):
        vectors.update_metadata_configuration(indexArn=index, add=texts)
    with refused("ValidationException", "$startsWith is only supported in ENHANCED mode"):
        near(vectors, 1, 1, filter={"a": {"$startsWith": "x"}})
    assert near(vectors, 1, 1, filter={"a": {"$startsWith": "x"}}, queryMode="ENHANCED") == []
    with refused("ValidationException", "queryTexts requires an index in ENHANCED mode"):
        near(vectors, 1, 1, queryTexts=[{"text": "x", "metadataKey": "text"}])
    vectors.update_index_mode(indexArn=index, indexMode="ENHANCED")
    vectors.update_metadata_configuration(indexArn=index, add=texts)
    with refused("ValidationException", "ENHANCED"):
        vectors.update_index_mode(indexArn=index, indexMode="CLASSIC")
    vectors.put_vector_bucket_default_index_mode(vectorBucketName="shelf", defaultIndexMode="ENHANCED")
    assert vectors.get_index(indexArn=make_index(vectors, indexName="new"))["index"]["indexMode"] == "ENHANCED"


def test_what_is_meant_must_be_said_once(vectors: Any, bucket: str, index: str) -> None:
    with refused("ValidationException", "vectorBucketName or vectorBucketArn but not both"):
        vectors.get_vector_bucket(vectorBucketName="shelf", vectorBucketArn=bucket)
    with refused("ValidationException", "vectorBucketName or vectorBucketArn"):
        vectors.list_indexes()
    for place in ({}, {"indexName": "books"}, {**PLACE, "indexArn": index}):
        with refused("ValidationException", "indexArn or both vectorBucketName and indexName"):
            vectors.get_index(**place)
    with refused("NotFoundException", "The specified vector bucket could not be found"):
        vectors.get_index(vectorBucketName="none", indexName="books")


@pytest.mark.parametrize("name", ["Capital", "-begins", "under_score", "ends-"])
def test_names_are_lower_case(vectors: Any, bucket: str, name: str) -> None:
    with refused("ValidationException", "Invalid vector bucket name"):
        vectors.create_vector_bucket(vectorBucketName=name)
    with refused("ValidationException", "Invalid index name"):
        make_index(vectors, indexName=name)
