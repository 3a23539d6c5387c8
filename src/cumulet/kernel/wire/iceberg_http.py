"""The Iceberg REST catalog of S3 Tables, which no model knows: a bucket's namespaces and tables, below `/iceberg/v1`. They are
operations like others, so that callers, policies and records hold for them too; bodies and errors are Iceberg's.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-integrating-open-source.html
"""

from __future__ import annotations

from typing import Any

import orjson

from ..errors import AwsError
from ..http.message import Response

ROOT = "/iceberg/v1"
_NAMESPACES = "/{prefix}/namespaces"
_TABLES = f"{_NAMESPACES}/{{namespace}}/tables"
ENDPOINTS = {
    "IcebergGetConfig": ("GET", "/config"), "IcebergListNamespaces": ("GET", _NAMESPACES),
    "IcebergCreateNamespace": ("POST", _NAMESPACES), "IcebergLoadNamespace": ("GET", f"{_NAMESPACES}/{{namespace}}"),
    "IcebergNamespaceExists": ("HEAD", f"{_NAMESPACES}/{{namespace}}"),
    "IcebergDropNamespace": ("DELETE", f"{_NAMESPACES}/{{namespace}}"), "IcebergListTables": ("GET", _TABLES),
    "IcebergCreateTable": ("POST", _TABLES), "IcebergLoadTable": ("GET", f"{_TABLES}/{{table}}"),
    "IcebergTableExists": ("HEAD", f"{_TABLES}/{{table}}"), "IcebergUpdateTable": ("POST", f"{_TABLES}/{{table}}"),
    "IcebergDropTable": ("DELETE", f"{_TABLES}/{{table}}"), "IcebergRenameTable": ("POST", "/{prefix}/tables/rename"),
    # Of Iceberg's specification and not of AWS's: known by name, so that they are refused by name.
    "IcebergUpdateNamespace": ("POST", f"{_NAMESPACES}/{{namespace}}/properties"),
    "IcebergRegisterTable": ("POST", f"{_NAMESPACES}/{{namespace}}/register"),
    "IcebergPlanTableScan": ("POST", f"{_TABLES}/{{table}}/plan"),
    "IcebergReportMetrics": ("POST", f"{_TABLES}/{{table}}/metrics"),
    "IcebergCommitTransaction": ("POST", "/{prefix}/transactions/commit"),
    "IcebergListViews": ("GET", f"{_NAMESPACES}/{{namespace}}/views"),
    "IcebergCreateView": ("POST", f"{_NAMESPACES}/{{namespace}}/views")}
_QUERY = {
    "IcebergGetConfig": {"warehouse": "IcebergText"},
    "IcebergListNamespaces": {"parent": "IcebergText", "pageToken": "IcebergText", "pageSize": "IcebergNumber"},
    "IcebergListTables": {"pageToken": "IcebergText", "pageSize": "IcebergNumber"},
    "IcebergLoadTable": {"snapshots": "IcebergText"}, "IcebergDropTable": {"purgeRequested": "IcebergSwitch"}}


def _input(name: str, method: str, path: str) -> dict[str, Any]:
    labels = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    members: dict[str, Any] = {label: {"shape": "IcebergText", "location": "uri", "locationName": label} for label in labels}
    members |= {word: {"shape": shape, "location": "querystring", "locationName": word}
                for word, shape in _QUERY.get(name, {}).items()}
    found = {"type": "structure", "required": labels, "members": members}
    if method == "POST":
        members["body"] = {"shape": "IcebergBody"}
        found["payload"] = "body"
    return found


def with_catalog(raw: dict[str, Any]) -> dict[str, Any]:
    """The model of S3 Tables with these operations."""
    answer = {"body": {"shape": "IcebergBody"}, "status": {"shape": "IcebergStatus", "location": "statusCode"},
              "contentType": {"shape": "IcebergText", "location": "header", "locationName": "Content-Type"}}
    shapes: dict[str, Any] = {
        "IcebergText": {"type": "string"}, "IcebergNumber": {"type": "integer", "min": 1}, "IcebergSwitch": {"type": "boolean"},
        "IcebergBody": {"type": "blob"}, "IcebergStatus": {"type": "integer"},
        "IcebergAnswer": {"type": "structure", "payload": "body", "members": answer}}
    operations = {}
    for name, (method, path) in ENDPOINTS.items():
        shapes[name + "Request"] = _input(name, method, path)
        operations[name] = {"name": name, "http": {"method": method, "requestUri": ROOT + path},
                            "input": {"shape": name + "Request"}, "output": {"shape": "IcebergAnswer"}}
    # AWS's own namespaces are named after buckets, with their hyphens; the model has forgotten them.
    shapes["NamespaceName"] = raw["shapes"]["NamespaceName"] | {"pattern": "[0-9a-z_-]*"}
    return raw | {"shapes": raw["shapes"] | shapes, "operations": raw["operations"] | operations}


def is_catalog(path: str) -> bool:
    """Is a request of S3 Tables for the catalog?"""
    return path.startswith(ROOT)


def failure(problem: AwsError, status: int, request_id: str) -> Response:
    """An error in Iceberg's form."""
    body = {"error": {"message": problem.message, "type": problem.code, "code": status}}
    return Response(status, [("x-amzn-RequestId", request_id), ("x-amzn-ErrorType", problem.code),
                             ("Content-Type", "application/json")], orjson.dumps(body))
