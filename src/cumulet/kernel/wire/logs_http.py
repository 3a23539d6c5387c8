"""CloudWatch Logs' endpoints for plain HTTP, which no model knows: four paths that take events as a program has them, signed or
with a bearer token. They are operations like others, so that callers, policies, VPC endpoints and records hold for them too.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_HTTP_Endpoints.html
"""

from __future__ import annotations

from typing import Any

PATHS = {"/v1/logs": "PutOpenTelemetryLogs", "/services/collector/event": "PutCollectorLogs",
         "/ingest/bulk": "PutNewlineJsonLogs", "/ingest/json": "PutStructuredJsonLogs"}
BEARER = "smithy.api#httpBearerAuth"
_HEADERS = {"group": "x-aws-log-group", "stream": "x-aws-log-stream", "contentType": "content-type"}
_QUERY = {"logGroup": "logGroup", "logStream": "logStream"}
_TRUNCATABLE = {"truncatable": "x-aws-truncatable-fields"}


def _at(place: str, names: dict[str, str]) -> dict[str, Any]:
    return {member: {"shape": "LogsHttpText", "location": place, "locationName": name} for member, name in names.items()}


def with_endpoints(raw: dict[str, Any]) -> dict[str, Any]:
    """The model of CloudWatch Logs with these operations. Of them, only OpenTelemetry's takes no names in the query."""
    body = {"body": {"shape": "LogsHttpBody"}}
    answer = {"body": {"shape": "LogsHttpBody"}, "contentType": _at("header", {"contentType": "Content-Type"})["contentType"],
              "status": {"shape": "LogsHttpStatus", "location": "statusCode"}}
    shapes = {"LogsHttpText": {"type": "string"}, "LogsHttpBody": {"type": "blob"}, "LogsHttpStatus": {"type": "integer"},
              "LogsHttpAnswer": {"type": "structure", "payload": "body", "members": answer}}
    operations = {}
    for path, name in PATHS.items():
        further = _at("header", _TRUNCATABLE) if path == "/v1/logs" else _at("querystring", _QUERY)
        shapes[name + "Request"] = {"type": "structure", "payload": "body",
                                    "members": _at("header", _HEADERS) | further | body}
        operations[name] = {"name": name, "http": {"method": "POST", "requestUri": path}, "auth": ["aws.auth#sigv4", BEARER],
                            "input": {"shape": name + "Request"}, "output": {"shape": "LogsHttpAnswer"}}
    return raw | {"shapes": raw["shapes"] | shapes, "operations": raw["operations"] | operations}
