"""What the tests of S3 Vectors share: a bucket with an index of two dimensions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud

PLACE = {"vectorBucketName": "shelf", "indexName": "books"}
Put = Callable[..., None]


@pytest.fixture
def vectors(cloud: Cloud) -> Any:
    return cloud.client("s3vectors")


@pytest.fixture
def bucket(vectors: Any) -> str:
    return str(vectors.create_vector_bucket(vectorBucketName="shelf")["vectorBucketArn"])


@pytest.fixture
def index(vectors: Any, bucket: str) -> str:
    return make_index(vectors)


def make_index(vectors: Any, **more: Any) -> str:
    asked = {**PLACE, "dataType": "float32", "dimension": 2, "distanceMetric": "euclidean", **more}
    return str(vectors.create_index(**asked)["indexArn"])


def vector(key: str, *values: float, **metadata: Any) -> dict[str, Any]:
    return {"key": key, "data": {"float32": list(values)}, **({"metadata": metadata} if metadata else {})}


@pytest.fixture
def put(vectors: Any, index: str) -> Put:
    return lambda *rows: vectors.put_vectors(indexArn=index, vectors=list(rows))


def near(vectors: Any, *values: float, **more: Any) -> list[str]:
    """The keys that a query finds, in order."""
    return [one["key"] for one in query(vectors, *values, **more)]


def query(vectors: Any, *values: float, **more: Any) -> list[dict[str, Any]]:
    asked = {**PLACE, "topK": 10, "queryVector": {"float32": list(values)}, **more}
    return list(vectors.query_vectors(**asked)["vectors"])


@contextmanager
def refused(code: str, message: str = "") -> Iterator[None]:
    with pytest.raises(ClientError) as caught:
        yield
    found = caught.value.response["Error"]
    assert (found["Code"], message in found["Message"]) == (code, True), found
