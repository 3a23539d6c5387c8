"""The Iceberg REST catalog of a bucket: its configuration, and its namespaces."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from cumulet.kernel import Call, operation

from .. import catalog
from ..faults import bad_request
from ..finding import bucket_of, namespace_of
from ..naming import make_namespace, remove_namespace
from ..resources import Namespace

_ENDPOINTS = [f"{method} /v1/{{prefix}}/{path}" for path, methods in (
    ("namespaces", "GET POST"), ("namespaces/{namespace}", "GET HEAD DELETE"), ("namespaces/{namespace}/tables", "GET POST"),
    ("namespaces/{namespace}/tables/{table}", "GET HEAD POST DELETE"), ("tables/rename", "POST"))
    for method in methods.split()]


@operation
def iceberg_get_config(call: Call, warehouse: str = "") -> dict[str, Any]:
    """The prefix of all further paths, and where S3 is, for clients that do not say it themselves.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-integrating-open-source.html"""
    bucket_of(call, warehouse)
    return catalog.answer({
        "defaults": {"s3.endpoint": call.endpoint, "s3.path-style-access": "true", "s3.region": call.region},
        "overrides": {"prefix": quote(warehouse, safe="")}, "endpoints": _ENDPOINTS})


@operation
def iceberg_list_namespaces(call: Call, prefix: str, parent: str = "", pageToken: str = "",
                            pageSize: int = catalog.MOST) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-integrating-open-source.html"""
    there, bucket = bucket_of(call, prefix)
    if parent:                         # there are none below another
        namespace_of(call, prefix, parent)
        return catalog.answer({"namespaces": []})
    size = min(pageSize, catalog.MOST)
    rows = there.table(Namespace).scan(bucket.TableBucketName, after=catalog.after(pageToken), limit=size + 1)
    names, token = catalog.paged([row.name for row in rows], size)
    return catalog.answer({"namespaces": [[name] for name in names], "next-page-token": token})


@operation
def iceberg_create_namespace(call: Call, prefix: str, body: bytes) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-integrating-open-source.html"""
    said = catalog.read(body, "namespace")
    if said.get("properties"):
        raise bad_request("Namespaces of S3 Tables have no properties.")
    make_namespace(call, prefix, catalog.only(said["namespace"]))
    return catalog.answer({"namespace": said["namespace"], "properties": {}})


@operation
def iceberg_load_namespace(call: Call, prefix: str, namespace: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-integrating-open-source.html"""
    _, _, row = namespace_of(call, prefix, namespace)
    return catalog.answer({"namespace": [row.name], "properties": {}})


@operation
def iceberg_namespace_exists(call: Call, prefix: str, namespace: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-integrating-open-source.html"""
    namespace_of(call, prefix, namespace)
    return catalog.nothing()


@operation
def iceberg_drop_namespace(call: Call, prefix: str, namespace: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-integrating-open-source.html"""
    remove_namespace(call, prefix, namespace)
    return catalog.nothing()
