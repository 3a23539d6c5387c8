"""Requests as functions get them: payload formats 1.0 and 2.0, and what an answer in either means. No wire, no tables.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from cumulet.drivers.functions import payloads
from cumulet.kernel import doors

from .requests import Asked


def event(asked: Asked, version: str) -> dict[str, Any]:
    """A request as an event."""
    said = _first(asked) if version == "1.0" else _second(asked)
    body = asked.visit.body
    if body:
        said["body"], said["isBase64Encoded"] = payloads.content(body, asked.visit.request.headers)
    elif version == "1.0":
        said["body"], said["isBase64Encoded"] = None, False
    else:
        said["isBase64Encoded"] = False
    return said


def _second(asked: Asked) -> dict[str, Any]:
    said: dict[str, Any] = {"version": "2.0", **second(asked)}
    if asked.authorizer is not None:
        said["requestContext"]["authorizer"] = asked.authorizer
    return said


def second(asked: Asked) -> dict[str, Any]:
    """What format 2.0 tells functions and authorizers of a request."""
    request = asked.visit.request
    key = asked.route.RouteKey if asked.route is not None else "$default"
    said: dict[str, Any] = {
        "routeKey": key, "rawPath": asked.raw_path, "rawQueryString": request.query,
        "headers": _headers(asked, cookies=False), "requestContext": {
            **_common(asked), "http": {
                "method": request.method, "path": asked.raw_path, "protocol": "HTTP/1.1", "sourceIp": request.client,
                "userAgent": request.headers.get("user-agent", "")},
            "requestId": asked.id, "routeKey": key, "stage": asked.stage.StageName,
            "time": asked.context["requestTime"], "timeEpoch": asked.context["requestTimeEpoch"]}}
    if found := payloads.cookies(request.headers):
        said["cookies"] = found
    if request.query:
        said["queryStringParameters"] = payloads.parameters(request.query)
    if asked.parameters:
        said["pathParameters"] = asked.parameters
    if asked.stage.StageVariables:
        said["stageVariables"] = asked.stage.StageVariables
    return said


def _common(asked: Asked) -> dict[str, Any]:
    return {name: asked.context[name] for name in ("accountId", "apiId", "domainName", "domainPrefix")}


def _headers(asked: Asked, cookies: bool) -> dict[str, str]:
    """The request's headers, and those that a proxy adds."""
    request = asked.visit.request
    port = request.host.rpartition(":")[2] if ":" in request.host else {"https": "443"}.get(request.scheme, "80")
    given = {name: value for name, value in request.headers.items() if cookies or name != "cookie"}
    before = given.get("x-forwarded-for")
    return {**given, "x-forwarded-for": f"{before}, {request.client}" if before else request.client,
            "x-forwarded-port": port, "x-forwarded-proto": request.scheme, "content-length": str(len(request.body))}


def first(asked: Asked) -> dict[str, Any]:
    """What format 1.0 tells functions and authorizers of a request."""
    request = asked.visit.request
    headers = _headers(asked, cookies=True)
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(request.query, keep_blank_values=True):
        values.setdefault(name, []).append(value)
    resource = asked.route.RouteKey.partition(" ")[2] or "$default" if asked.route is not None else "$default"
    return {
        "version": "1.0", "resource": resource, "path": asked.raw_path, "httpMethod": request.method, "headers": headers,
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": {name: every[-1] for name, every in values.items()} or None,
        "multiValueQueryStringParameters": values or None, "pathParameters": asked.parameters or None,
        "stageVariables": asked.stage.StageVariables or None, "requestContext": {
            **_common(asked), "extendedRequestId": asked.id, "httpMethod": request.method, "identity": {
                **dict.fromkeys(("accessKey", "accountId", "caller", "cognitoAmr", "cognitoAuthenticationProvider",
                                 "cognitoAuthenticationType", "cognitoIdentityId", "cognitoIdentityPoolId",
                                 "principalOrgId", "user", "userArn")),
                "sourceIp": request.client, "userAgent": request.headers.get("user-agent", "")},
            "path": asked.raw_path, "protocol": "HTTP/1.1", "requestId": asked.id,
            "requestTime": asked.context["requestTime"], "requestTimeEpoch": asked.context["requestTimeEpoch"],
            "resourceId": asked.route.RouteKey if asked.route is not None else "$default", "resourcePath": resource,
            "stage": asked.stage.StageName}}


def _first(asked: Asked) -> dict[str, Any]:
    said = first(asked)
    context, found = said["requestContext"], asked.authorizer
    if found is not None and "iam" in found:
        who = found["iam"]
        context["identity"] |= {"accessKey": who["accessKey"], "accountId": who["accountId"], "caller": who["callerId"],
                                "user": who["userId"], "userArn": who["userArn"]}
    elif found is not None:
        context["authorizer"] = found.get("lambda") or found.get("jwt")
    return said


def answer(payload: bytes, version: str) -> doors.Reply | None:
    """What a function's result means; None when it is no answer."""
    if version == "2.0":
        return payloads.answer(payload)
    try:
        said = json.loads(payload or b"null")
    except ValueError:
        return None
    if not isinstance(said, Mapping) or "statusCode" not in said or not isinstance(said.get("body") or "", str):
        return None
    several = said.get("multiValueHeaders") or {}
    if not isinstance(several, Mapping) or not isinstance(said.get("headers") or {}, Mapping):
        return None
    lower = {str(name).lower() for name in several}
    single = {name: value for name, value in (said.get("headers") or {}).items() if str(name).lower() not in lower}
    found = payloads.answer_of({**said, "headers": single, "cookies": None})
    if found is None:
        return None
    more = [(str(name), str(value)) for name, values in several.items() for value in values or ()]
    kept = [pair for pair in found.headers if not (pair in payloads.JSON and "content-type" in lower)]
    return found._replace(headers=kept + more)
