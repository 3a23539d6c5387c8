"""What the tests of S3 Tables share: clients, and a bucket with a namespace."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Cloud

SCHEMA = {"iceberg": {"schema": {"fields": [
    {"name": "id", "type": "long", "required": True}, {"name": "place", "type": "string"},
    {"name": "at", "type": "timestamp"}]}}}


@pytest.fixture
def tables(cloud: Cloud) -> Any:
    return cloud.client("s3tables")


@pytest.fixture
def s3(cloud: Cloud) -> Any:
    return cloud.client("s3")


@pytest.fixture
def bucket(tables: Any) -> str:
    """The ARN of a table bucket with the namespace `shop`."""
    arn = str(tables.create_table_bucket(name="lake")["arn"])
    tables.create_namespace(tableBucketARN=arn, namespace=["shop"])
    return arn


def make(tables: Any, bucket: str, name: str = "orders", namespace: str = "shop", **members: Any) -> dict[str, Any]:
    """A table with a schema; what GetTable tells of it."""
    tables.create_table(tableBucketARN=bucket, namespace=namespace, name=name, format="ICEBERG",
                        **{"metadata": SCHEMA} | members)
    return dict(tables.get_table(tableBucketARN=bucket, namespace=namespace, name=name))
