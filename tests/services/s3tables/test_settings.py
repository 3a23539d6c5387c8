"""What is said of buckets and tables: policies, encryption, storage classes, tags."""

from __future__ import annotations

import json
from typing import Any

from conftest import Cloud
from services.sqs.queues import refused

from .conftest import make


def allow(arn: str, account: str, action: str = "s3tables:GetTable") -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": action, "Resource": arn}]})


def test_policies_are_set_told_and_deleted(cloud: Cloud, tables: Any, bucket: str) -> None:
    table = make(tables, bucket)
    name = {"tableBucketARN": bucket, "namespace": "shop", "name": "orders"}
    with refused("NotFoundException"):
        tables.get_table_bucket_policy(tableBucketARN=bucket)
    tables.put_table_bucket_policy(tableBucketARN=bucket, resourcePolicy=allow(bucket + "/*", cloud.account))
    assert tables.get_table_bucket_policy(tableBucketARN=bucket)["resourcePolicy"] == allow(bucket + "/*", cloud.account)
    tables.delete_table_bucket_policy(tableBucketARN=bucket)
    with refused("NotFoundException"):
        tables.get_table_bucket_policy(tableBucketARN=bucket)
    tables.put_table_policy(**name, resourcePolicy=allow(table["tableARN"], cloud.account))
    assert tables.get_table_policy(**name)["resourcePolicy"] == allow(table["tableARN"], cloud.account)
    tables.delete_table_policy(**name)
    with refused("NotFoundException"):
        tables.get_table_policy(**name)


def test_what_is_no_policy_for_this_is_refused(tables: Any, bucket: str) -> None:
    for text in ("nonsense", "{}", allow("arn:aws:s3:::other", "123456789012"), allow(bucket, "123456789012", "s3:GetObject")):
        with refused("BadRequestException"):
            tables.put_table_bucket_policy(tableBucketARN=bucket, resourcePolicy=text)


def test_a_tables_encryption_is_its_own_or_its_buckets(cloud: Cloud, s3: Any, tables: Any, bucket: str) -> None:
    key = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    with refused("NotFoundException"):
        tables.get_table_bucket_encryption(tableBucketARN=bucket)
    plain = make(tables, bucket, "plain")
    by_key = {"sseAlgorithm": "aws:kms", "kmsKeyArn": key}
    tables.put_table_bucket_encryption(tableBucketARN=bucket, encryptionConfiguration=by_key)
    assert tables.get_table_bucket_encryption(tableBucketARN=bucket)["encryptionConfiguration"] == by_key
    sealed = make(tables, bucket, "sealed")
    for table, told, method in ((plain, {"sseAlgorithm": "AES256"}, "AES256"), (sealed, by_key, "aws:kms")):
        assert tables.get_table_encryption(
            tableBucketARN=bucket, namespace="shop", name=table["name"])["encryptionConfiguration"] == told
        where, _, path = table["metadataLocation"].removeprefix("s3://").partition("/")
        head = s3.head_object(Bucket=where, Key=path)
        assert (head["ServerSideEncryption"], head.get("SSEKMSKeyId")) == (method, told.get("kmsKeyArn"))
    tables.delete_table_bucket_encryption(tableBucketARN=bucket)
    with refused("NotFoundException"):
        tables.get_table_bucket_encryption(tableBucketARN=bucket)
    with refused("BadRequestException"):
        tables.put_table_bucket_encryption(tableBucketARN=bucket, encryptionConfiguration={"sseAlgorithm": "aws:kms"})


def test_a_tables_storage_class_is_its_own_or_its_buckets(tables: Any, bucket: str) -> None:
    def told(name: str) -> str:
        make(tables, bucket, name, **({"storageClassConfiguration": {"storageClass": "STANDARD"}} if name == "own" else {}))
        return str(tables.get_table_storage_class(tableBucketARN=bucket, namespace="shop", name=name)
                   ["storageClassConfiguration"]["storageClass"])

    assert told("first") == "STANDARD"
    tables.put_table_bucket_storage_class(
        tableBucketARN=bucket, storageClassConfiguration={"storageClass": "INTELLIGENT_TIERING"})
    assert tables.get_table_bucket_storage_class(tableBucketARN=bucket)["storageClassConfiguration"] == {
        "storageClass": "INTELLIGENT_TIERING"}
    assert (told("second"), told("own")) == ("INTELLIGENT_TIERING", "STANDARD")


def test_buckets_and_tables_have_tags(tables: Any, bucket: str) -> None:
    table = make(tables, bucket, tags={"a": "1"})["tableARN"]
    for arn, before in ((bucket, {}), (table, {"a": "1"})):
        assert tables.list_tags_for_resource(resourceArn=arn)["tags"] == before
        tables.tag_resource(resourceArn=arn, tags={"b": "2", "c": "3"})
        tables.untag_resource(resourceArn=arn, tagKeys=["c", "none"])
        assert tables.list_tags_for_resource(resourceArn=arn)["tags"] == before | {"b": "2"}
        with refused("BadRequestException"):
            tables.tag_resource(resourceArn=arn, tags={"aws:x": "1"})
        with refused("BadRequestException"):
            tables.tag_resource(resourceArn=arn, tags={f"k{i}": "" for i in range(50)})
    with refused("NotFoundException"):
        tables.list_tags_for_resource(resourceArn=bucket + "x")
