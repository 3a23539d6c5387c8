"""A client with a bucket of its own."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def s3(cloud: Any) -> Any:
    client = cloud.client("s3")
    client.bucket = f"things-{cloud.account}"
    client.create_bucket(Bucket=client.bucket)
    return client


@pytest.fixture
def versioned(s3: Any) -> Any:
    s3.put_bucket_versioning(Bucket=s3.bucket, VersioningConfiguration={"Status": "Enabled"})
    return s3
