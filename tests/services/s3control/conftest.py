"""Clients of S3 Control and of S3 through access points, on one machine."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest


def reached(client: Any) -> Any:
    """Clients put names before the host; they stay in the Host header, and the request goes to this machine."""
    def reach(request: Any, **_: Any) -> None:
        there = urlsplit(request.url)
        request.headers["Host"] = there.netloc
        request.url = urlunsplit(there._replace(netloc=f"127.0.0.1:{there.port}"))

    client.meta.events.register("before-send", reach)
    return client


@pytest.fixture
def control(cloud: Any) -> Any:
    return reached(cloud.client("s3control"))


@pytest.fixture
def s3(cloud: Any) -> Any:
    """A client with a bucket and an object in it."""
    client = cloud.client("s3")
    client.bucket = f"things-{cloud.account}"
    client.create_bucket(Bucket=client.bucket)
    client.put_object(Bucket=client.bucket, Key="k", Body=b"behind")
    return client


@pytest.fixture
def shop(s3: Any, control: Any, cloud: Any) -> Any:
    """A client with objects a 1, b and c, of which c is missing; `batch.run(…)` does a job over them."""
    s3.control, s3.account, s3.clock = control, cloud.account, cloud.clock
    for key in ("a 1", "b"):
        s3.put_object(Bucket=s3.bucket, Key=key, Body=key.encode())
    lines = "".join(f"{s3.bucket},{key}\n" for key in ("a+1", "b", "c"))
    s3.etag = s3.put_object(Bucket=s3.bucket, Key="manifest.csv", Body=lines.encode())["ETag"]
    return s3
