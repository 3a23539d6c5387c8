"""Table buckets and their namespaces."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import refused

from .conftest import make


def test_a_bucket_is_made_told_listed_and_deleted(cloud: Cloud, tables: Any) -> None:
    arn = tables.create_table_bucket(name="lake", tags={"team": "data"})["arn"]
    assert arn == f"arn:aws:s3tables:us-east-1:{cloud.account}:bucket/lake"
    told = tables.get_table_bucket(tableBucketARN=arn)
    assert (told["name"], told["ownerAccountId"], told["type"]) == ("lake", cloud.account, "customer")
    assert [one["arn"] for one in tables.list_table_buckets()["tableBuckets"]] == [arn]
    tables.delete_table_bucket(tableBucketARN=arn)
    assert tables.list_table_buckets()["tableBuckets"] == []
    with refused("NotFoundException"):
        tables.get_table_bucket(tableBucketARN=arn)


@pytest.mark.parametrize("name", ["Big", "a_b", "-lake", "xn--lake", "lake--table-s3", "aws-lake"])
def test_bad_names_are_refused(tables: Any, name: str) -> None:
    with refused("BadRequestException"):
        tables.create_table_bucket(name=name)


def test_a_name_is_there_once_in_an_account_and_region(cloud: Cloud, tables: Any) -> None:
    tables.create_table_bucket(name="lake")
    with refused("ConflictException"):
        tables.create_table_bucket(name="lake")
    cloud.client("s3tables", region="eu-west-1").create_table_bucket(name="lake")
    cloud.other().client("s3tables").create_table_bucket(name="lake")
    assert len(tables.list_table_buckets()["tableBuckets"]) == 1


def test_buckets_are_listed_by_prefix_and_page(tables: Any) -> None:
    for name in ("cat-1", "cat-2", "cat-3", "dog-1"):
        tables.create_table_bucket(name=name)
    pages = list(tables.get_paginator("list_table_buckets").paginate(prefix="cat", PaginationConfig={"PageSize": 2}))
    assert [[one["name"] for one in page["tableBuckets"]] for page in pages] == [["cat-1", "cat-2"], ["cat-3"]]
    assert tables.list_table_buckets(type="aws")["tableBuckets"] == []


def test_namespaces_are_made_told_listed_and_deleted(cloud: Cloud, tables: Any, bucket: str) -> None:
    for name in ("shop_a", "shop_b"):
        tables.create_namespace(tableBucketARN=bucket, namespace=[name])
    told = tables.get_namespace(tableBucketARN=bucket, namespace="shop")
    assert (told["namespace"], told["createdBy"], told["tableBucketId"]) == (
        ["shop"], cloud.account, tables.get_table_bucket(tableBucketARN=bucket)["tableBucketId"])
    pages = list(tables.get_paginator("list_namespaces").paginate(
        tableBucketARN=bucket, prefix="shop", PaginationConfig={"PageSize": 2}))
    assert [[one["namespace"] for one in page["namespaces"]] for page in pages] == [[["shop"], ["shop_a"]], [["shop_b"]]]
    tables.delete_namespace(tableBucketARN=bucket, namespace="shop_a")
    with refused("NotFoundException"):
        tables.get_namespace(tableBucketARN=bucket, namespace="shop_a")


@pytest.mark.parametrize(("name", "code"), [("shop", "ConflictException"), ("aws_things", "BadRequestException"),
                                            ("_a", "BadRequestException")])
def test_namespaces_that_cannot_be(tables: Any, bucket: str, name: str, code: str) -> None:
    with refused(code):
        tables.create_namespace(tableBucketARN=bucket, namespace=[name])


def test_what_holds_something_is_not_deleted(tables: Any, bucket: str) -> None:
    make(tables, bucket)
    with refused("ConflictException"):
        tables.delete_namespace(tableBucketARN=bucket, namespace="shop")
    with refused("ConflictException"):
        tables.delete_table_bucket(tableBucketARN=bucket)
