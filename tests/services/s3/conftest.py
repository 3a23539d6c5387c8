"""A client with a bucket of its own."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest


@pytest.fixture
def s3(cloud: Any) -> Any:
    client = cloud.client("s3")
    client.bucket = f"things-{cloud.account}"
    client.create_bucket(Bucket=client.bucket)
    return client


@pytest.fixture
def control(cloud: Any) -> Any:
    """S3 Control. Clients put the account before the host, and 127.0.0.1 has no names below it."""
    def reach(request: Any, **_: Any) -> None:
        there = urlsplit(request.url)
        request.headers["Host"] = there.netloc
        request.url = urlunsplit(there._replace(netloc=there.netloc.partition(".")[2]))

    client = cloud.client("s3control")
    client.meta.events.register("before-send", reach)
    return client


@pytest.fixture
def versioned(s3: Any) -> Any:
    s3.put_bucket_versioning(Bucket=s3.bucket, VersioningConfiguration={"Status": "Enabled"})
    return s3
