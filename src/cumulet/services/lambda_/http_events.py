"""HTTP as functions see it: payload format 2.0, and what a function's result says of the answer. No wire, no tables.

https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

from cumulet.drivers.functions.doors import Reply, Visit

_TEXT = re.compile(r"text/.*|application/(json|javascript|xml|[\w.+-]+\+(json|xml))", re.IGNORECASE)
JSON = [("Content-Type", "application/json")]


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
            "time": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"), "timeEpoch": int(now * 1000)},
        "isBase64Encoded": False}
    if by_iam and visit.who is not None:
        who = visit.who
        said["requestContext"]["authorizer"] = {"iam": {
            "accessKey": who.access_key, "accountId": who.account, "callerId": who.id, "cognitoIdentity": None,
            "principalOrgId": None, "userArn": who.arn, "userId": who.id}}
    if cookies := request.headers.get("cookie"):
        said["cookies"] = [cookie.strip() for cookie in cookies.split(";")]
    if request.query:
        parameters: dict[str, str] = {}
        for name, value in parse_qsl(request.query, keep_blank_values=True):
            parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
        said["queryStringParameters"] = parameters
    if visit.body:
        kind = request.headers.get("content-type", "").partition(";")[0].strip()
        text = _TEXT.fullmatch(kind) is not None
        said["body"] = visit.body.decode("utf-8", "replace") if text else base64.b64encode(visit.body).decode()
        said["isBase64Encoded"] = not text
    return said


def reply(payload: bytes) -> Reply:
    """What a function's result means: with a status it is the answer, without one it is the body."""
    try:
        said = json.loads(payload or b"null")
    except ValueError:
        return failure()
    if not isinstance(said, dict) or "statusCode" not in said:
        body = said.encode() if isinstance(said, str) else b"" if said is None else payload
        return Reply(200, list(JSON), body)
    told = said.get("body") or ""
    text = told if isinstance(told, str) else json.dumps(told)
    try:
        data = base64.b64decode(text, validate=True) if said.get("isBase64Encoded") else text.encode()
        return Reply(int(said["statusCode"]), headers_of(said), data)
    except (ValueError, TypeError):
        return failure()


def headers_of(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The headers of an answer, with its cookies."""
    found = [(str(name), str(value)) for name, value in (said.get("headers") or {}).items()]
    if not any(name.lower() == "content-type" for name, _ in found):
        found += JSON
    return found + [("Set-Cookie", str(cookie)) for cookie in said.get("cookies") or ()]


def failure(status: int = 502, message: str = "Internal Server Error") -> Reply:
    """A function failed, or gave what is no answer."""
    return Reply(status, list(JSON), json.dumps({"Message": message}).encode() if status != 502 else message.encode())


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


def preflight(config: Mapping[str, Any] | None, visit: Visit) -> Reply | None:
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
    return Reply(200, found, b"")
