"""HTTP as functions see it: payload format 2.0, and what a function's result says of the answer. No wire, no tables.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from cumulet.drivers.functions.doors import Visit
from cumulet.drivers.functions.payloads import JSON, answer, content, cookies, parameters, stamp
from cumulet.kernel import doors


def event(visit: Visit, account: str, identifier: str, request_id: str, now: float, by_iam: bool) -> dict[str, Any]:
    """A request as an event."""
    request = visit.request
    headers = {name: value for name, value in request.headers.items() if name != "cookie"}
    said: dict[str, Any] = {
        "version": "2.0", "routeKey": "$default", "rawPath": unquote(request.path), "rawQueryString": request.query,
        "headers": headers, "requestContext": {
            "accountId": account if by_iam else "anonymous", "apiId": identifier, "domainName": request.host.partition(":")[0],
            "domainPrefix": identifier, "http": {
                "method": request.method, "path": unquote(request.path), "protocol": "HTTP/1.1", "sourceIp": request.client,
                "userAgent": headers.get("user-agent")},
            "requestId": request_id, "routeKey": "$default", "stage": "$default",
            "time": stamp(now), "timeEpoch": int(now * 1000)},
        "isBase64Encoded": False}
    if by_iam and visit.who is not None:
        who = visit.who
        said["requestContext"]["authorizer"] = {"iam": {
            "accessKey": who.access_key, "accountId": who.account, "callerId": who.id, "cognitoIdentity": None,
            "principalOrgId": None, "userArn": who.arn, "userId": who.id}}
    if found := cookies(request.headers):
        said["cookies"] = found
    if request.query:
        said["queryStringParameters"] = parameters(request.query)
    if visit.body:
        said["body"], said["isBase64Encoded"] = content(visit.body, request.headers)
    return said


def reply(payload: bytes) -> doors.Reply:
    """What a function's result means."""
    return answer(payload) or failure()


def failure(status: int = 502, message: str = "Internal Server Error") -> doors.Reply:
    """A function failed, or gave what is no answer."""
    return doors.Reply(status, list(JSON), json.dumps({"Message": message}).encode() if status != 502 else message.encode())


def cors(config: Mapping[str, Any] | None, visit: Visit) -> list[tuple[str, str]]:
    """The headers that let pages of other origins read the answer."""
    origin = visit.request.headers.get("origin")
    if not config or origin is None:
        return []
    allowed = config.get("AllowOrigins") or []
    if "*" not in allowed and origin not in allowed:
        return []
    found = [("Access-Control-Allow-Origin", "*" if "*" in allowed and not config.get("AllowCredentials") else origin)]
    if "*" not in allowed:
        found.append(("Vary", "Origin"))
    if config.get("AllowCredentials"):
        found.append(("Access-Control-Allow-Credentials", "true"))
    if config.get("ExposeHeaders"):
        found.append(("Access-Control-Expose-Headers", ",".join(config["ExposeHeaders"])))
    return found


def preflight(config: Mapping[str, Any] | None, visit: Visit) -> doors.Reply | None:
    """The answer to a browser's question before it calls; None for what is none."""
    headers = visit.request.headers
    if visit.request.method != "OPTIONS" or not config or "access-control-request-method" not in headers:
        return None
    found = cors(config, visit)
    if found:
        found.append(("Access-Control-Allow-Methods", ",".join(config.get("AllowMethods") or ["*"])))
        if config.get("AllowHeaders"):
            found.append(("Access-Control-Allow-Headers", ",".join(config["AllowHeaders"])))
        if config.get("MaxAge"):
            found.append(("Access-Control-Max-Age", str(config["MaxAge"])))
    return doors.Reply(200, found, b"")
