"""What the tests of S3 Tables share: clients, and a bucket with a namespace."""

from __future__ import annotations

import http.client
import json
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

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


class Told(NamedTuple):
    """An answer of the catalog: its status and its body, {} for none."""

    status: int
    body: Any


class Catalog:
    """The Iceberg REST catalog of a table bucket, asked without any library of Iceberg's."""

    def __init__(self, cloud: Cloud, bucket: str, key: str = "", secret: str = "test") -> None:
        self._endpoint = cloud.endpoint
        self._credentials = Credentials(key or cloud.account, secret)
        self.prefix = "/" + quote(bucket, safe="")

    def ask(self, method: str, path: str, body: Any = None) -> Told:
        """path: behind the bucket's prefix."""
        return self.plain(method, self.prefix + path, body)

    def plain(self, method: str, path: str, body: Any = None) -> Told:
        data = json.dumps(body) if body is not None else ""
        signed = AWSRequest(method, f"{self._endpoint}/iceberg/v1{path}", {"Content-Type": "application/json"}, data)
        SigV4Auth(self._credentials, "s3tables", "us-east-1").add_auth(signed)
        connection = http.client.HTTPConnection(self._endpoint.removeprefix("http://"), timeout=10)
        try:
            connection.request(method, f"/iceberg/v1{path}", body=data, headers=dict(signed.headers))
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        return Told(answer.status, json.loads(text) if text else {})

    def commit(self, *updates: dict[str, Any], requirements: Any = (), table: str = "orders") -> Told:
        return self.ask("POST", f"/namespaces/shop/tables/{table}", {"requirements": list(requirements), "updates": updates})


@pytest.fixture
def catalog(cloud: Cloud, bucket: str) -> Catalog:
    return Catalog(cloud, bucket)
