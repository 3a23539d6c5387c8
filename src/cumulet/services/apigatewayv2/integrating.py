"""Integrations of HTTP APIs: functions, servers, and services of AWS answer requests."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode, urlsplit, urlunsplit

import orjson

from cumulet.drivers.functions import asking
from cumulet.kernel import AwsError, Call, doors, not_implemented, principals

from . import events, functions, mapping, subtypes
from .functions import Failed
from .requests import Asked
from .resources import Integration

_HOP = frozenset({"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "trailers",
                  "transfer-encoding", "upgrade", "content-length", "host", "expect", "date"})


async def answer(call: Call, asked: Asked, integration: Integration) -> doors.Reply:
    """Who answers, and what. Raises Failed when nobody does."""
    if integration.ConnectionType == "VPC_LINK":
        raise not_implemented("A private integration, by a VPC link")
    if integration.IntegrationSubtype:
        reply = await call.run(_service, asked, integration)
    elif integration.IntegrationType == "HTTP_PROXY":
        reply = await _server(call, asked, integration)
    else:
        reply = await _function(call, asked, integration)
    asked.context["integration.status"] = asked.context["integrationStatus"] = reply.status
    parameters = (integration.ResponseParameters or {}).get(str(reply.status))
    if not parameters:
        return reply
    body = reply.body if isinstance(reply.body, bytes) else b""
    given = {name.lower(): value for name, value in reply.headers}
    status, headers = mapping.response(parameters, reply.status, reply.headers, asked.source(given, body))
    return doors.Reply(status, headers, reply.body)


async def _function(call: Call, asked: Asked, integration: Integration) -> doors.Reply:
    version = integration.PayloadFormatVersion or "1.0"
    event = events.event(asked, version)
    if integration.RequestParameters:
        _mapped(event, integration, asked)
    payload = await functions.ask(call, integration.IntegrationUri or "", event, asked.arn(), integration.CredentialsArn,
                                  integration.TimeoutInMillis / 1000, asked.stage.StageVariables)
    reply = events.answer(payload, version)
    if reply is None:
        raise Failed("The function's result is no answer")
    return reply


def _mapped(event: dict[str, Any], integration: Integration, asked: Asked) -> None:
    """Headers, query and path of an event as the integration's parameters change them."""
    found = mapping.request(integration.RequestParameters or {}, asked.source())
    before = asked.visit.request.headers
    event["headers"] = {name: value for name, value in {**event["headers"], **found.headers}.items()
                        if name in found.headers or name not in before}
    several: dict[str, str] = {}
    for name, value in found.query:
        several[name] = f"{several[name]},{value}" if name in several else value
    if several or "queryStringParameters" in event:
        event["queryStringParameters"] = several or None
    event["rawPath" if "rawPath" in event else "path"] = asked.visit.prefix + found.path \
        if found.path != asked.path else asked.raw_path


async def _server(call: Call, asked: Asked, integration: Integration) -> doors.Reply:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-http.html"""
    request = asked.visit.request
    found = mapping.request(integration.RequestParameters or {}, asked.source())
    url = asking.resolved(integration.IntegrationUri or "", asked.stage.StageVariables)
    for name, value in asked.parameters.items():
        url = url.replace(f"{{{name}}}", quote(value, safe="/" if f"{{{name}+}}" in asked.context["routeKey"] else ""))
    parts = urlsplit(url)
    path = found.path if found.path != asked.path else parts.path
    query = "&".join(each for each in (parts.query, urlencode(found.query)) if each)
    headers = {name: value for name, value in found.headers.items() if name not in _HOP}
    headers["forwarded"] = f"by=127.0.0.1;for={request.client};host={request.host};proto={request.scheme}"
    headers["via"] = "HTTP/1.1 AmazonAPIGateway"
    method = integration.IntegrationMethod if integration.IntegrationMethod not in (None, "ANY") else request.method
    answer = await call.send(urlunsplit((parts.scheme, parts.netloc, path, query, "")), request.body, headers,
                             integration.TimeoutInMillis / 1000, str(method))
    if answer.status == 0:
        raise Failed(answer.text, late=True)
    told = [(name, value) for name, value in answer.headers if name.lower() not in _HOP]
    return doors.Reply(answer.status, told, answer.body)


def _service(call: Call, asked: Asked, integration: Integration) -> doors.Reply:
    """An operation of a service, with the role's rights."""
    parameters = integration.RequestParameters or {}
    subtype = subtypes.checked(integration.IntegrationSubtype or "", parameters)
    source = asked.source()
    values = {name: mapping.value(text, source) for name, text in parameters.items()}
    peers = principals.acting.as_role(call, integration.CredentialsArn or "", "apigateway", region=values.get("Region", ""))
    if peers is None:
        raise Failed(f"The role {integration.CredentialsArn} cannot be assumed")
    try:
        said = principals.acting.invoke(call, peers, subtype.service, subtype.operation, subtypes.members(subtype, values))
    except ValueError as problem:
        return doors.Reply(400, [], orjson.dumps({"message": f"Invalid parameter: {problem}"}))
    except AwsError as problem:
        return doors.Reply(problem.status or 400, [], orjson.dumps({"message": problem.message, "code": problem.code}))
    return doors.Reply(200, [], orjson.dumps(said, default=_plain))


def _plain(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
