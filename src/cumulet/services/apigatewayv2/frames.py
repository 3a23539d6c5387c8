"""Messages of WebSocket APIs as integrations get them, and what comes back.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-integration-requests.html
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode

from cumulet.drivers.functions import asking
from cumulet.drivers.sockets.driver import Live
from cumulet.kernel import Call, doors

from . import functions, mapping
from .functions import Failed
from .requests import Asked
from .resources import Integration, IntegrationResponse

_DEFAULT = "$default"


class Message(NamedTuple):
    """What happened on a connection. key: its route's.  kind: CONNECT, MESSAGE or DISCONNECT."""

    live: Live
    key: str
    kind: str
    body: bytes = b""
    binary: bool = False
    id: str = ""


def context(asked: Asked, message: Message) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-mapping-template-reference.html"""
    live = message.live
    said = {
        "routeKey": message.key, "eventType": message.kind, "extendedRequestId": asked.id,
        "requestTime": asked.context["requestTime"], "messageDirection": "IN", "stage": asked.stage.StageName,
        "connectedAt": int(live.connected * 1000), "requestTimeEpoch": asked.context["requestTimeEpoch"],
        "identity": {"sourceIp": live.client, "userAgent": live.agent}, "requestId": asked.id,
        "domainName": asked.context["domainName"], "connectionId": live.id, "apiId": asked.api.ApiId}
    if message.id:
        said["messageId"] = message.id
    if message.kind == "DISCONNECT":
        said |= {"disconnectStatusCode": live.code, "disconnectReason": live.reason}
    if asked.authorizer is not None:
        said["authorizer"] = asked.authorizer.get("lambda") or asked.authorizer
    return said


def event(asked: Asked, message: Message) -> dict[str, Any]:
    """A message as functions get it."""
    request = asked.visit.request
    said: dict[str, Any] = {"requestContext": context(asked, message), "isBase64Encoded": False}
    if asked.stage.StageVariables:
        said["stageVariables"] = asked.stage.StageVariables
    if message.kind == "MESSAGE":
        said["isBase64Encoded"] = message.binary
        said["body"] = base64.b64encode(message.body).decode() if message.binary else message.body.decode()
        return said
    if message.kind == "DISCONNECT":
        headers = {"Host": asked.context["domainName"], "x-api-key": "", "x-restapi": ""}
    else:
        headers = dict(request.headers)
        values: dict[str, list[str]] = {}
        for name, value in parse_qsl(request.query, keep_blank_values=True):
            values.setdefault(name, []).append(value)
        if values:
            said["queryStringParameters"] = {name: every[-1] for name, every in values.items()}
            said["multiValueQueryStringParameters"] = values
    said["headers"], said["multiValueHeaders"] = headers, {name: [value] for name, value in headers.items()}
    return said


async def answer(call: Call, asked: Asked, message: Message) -> doors.Reply:
    """Who answers, and what. Raises Failed when nobody does."""
    integration = asked.integration
    if integration is None:
        raise Failed("The route has no integration")
    asked.context |= {"connectionId": message.live.id, "eventType": message.kind, "routeKey": message.key}
    if integration.IntegrationType == "MOCK":
        return _chosen(asked, integration, doors.Reply(200, [], b""))
    if integration.IntegrationType in ("HTTP", "HTTP_PROXY"):
        reply = await _server(call, asked, integration, message)
        return reply if integration.IntegrationType == "HTTP_PROXY" else _chosen(asked, integration, reply)
    return await _function(call, asked, integration, message)


async def _function(call: Call, asked: Asked, integration: Integration, message: Message) -> doors.Reply:
    proxy = integration.IntegrationType == "AWS_PROXY"
    given: Any = event(asked, message)
    if not proxy:
        given = _parsed(_requested(integration, message))
    payload = await functions.ask(call, integration.IntegrationUri or "", given, asked.arn(), integration.CredentialsArn,
                                  integration.TimeoutInMillis / 1000, asked.stage.StageVariables)
    if not proxy:
        return _chosen(asked, integration, doors.Reply(200, [], payload))
    said = _parsed(payload)
    if not isinstance(said, dict) or "statusCode" not in said:
        if message.kind == "CONNECT":
            raise Failed("The function's result has no statusCode")
        return doors.Reply(200, [], b"" if said is None else payload)
    return _told(said)


def _told(said: dict[str, Any]) -> doors.Reply:
    body = said.get("body") or ""
    text = body if isinstance(body, str) else json.dumps(body)
    headers = [(str(name), str(value)) for name, value in (said.get("headers") or {}).items()]
    try:
        data = base64.b64decode(text) if said.get("isBase64Encoded") else text.encode()
        return doors.Reply(int(said["statusCode"]), headers, data)
    except (ValueError, TypeError):
        raise Failed("The function's result is no answer") from None


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data or b"null")
    except ValueError:
        return data.decode("utf-8", "replace")


def _requested(integration: Integration, message: Message) -> bytes:
    """The body for an integration: a template that is chosen, else the message."""
    templates = integration.RequestTemplates or {}
    chosen = templates.get(integration.TemplateSelectionExpression or "") or templates.get(_DEFAULT)
    return message.body if chosen is None else chosen.encode()


async def _server(call: Call, asked: Asked, integration: Integration, message: Message) -> doors.Reply:
    headers, query = {"content-type": "application/json"}, []
    for key, expression in (integration.RequestParameters or {}).items():
        place, _, name = key.removeprefix("integration.request.").partition(".")
        found = parameter(expression, asked)
        if found is not None and place == "header":
            headers[name.lower()] = found
        elif found is not None and place == "querystring":
            query.append((name, found))
    url = asking.resolved(integration.IntegrationUri or "", asked.stage.StageVariables)
    if query:
        url += ("&" if "?" in url else "?") + urlencode(query)
    reply = await call.send(url, _requested(integration, message), headers, integration.TimeoutInMillis / 1000,
                            integration.IntegrationMethod or "POST")
    if reply.status == 0:
        raise Failed(reply.text, late=True)
    return doors.Reply(reply.status, list(reply.headers), reply.body)


def parameter(expression: str, asked: Asked) -> str | None:
    """A parameter's value: `'text'`, `route.request.querystring.name`, `context.connectionId`, `stageVariables.name`."""
    if expression.startswith("'") and expression.endswith("'"):
        return expression[1:-1]
    return mapping.look(expression.removeprefix("route."), asked.source())


def _chosen(asked: Asked, integration: Integration, reply: doors.Reply) -> doors.Reply:
    """The integration response whose key fits the status: what goes back is its template, or the answer itself."""
    rows = [row for row in asked.content.integration_responses if row.IntegrationId == integration.IntegrationId]
    row = next((one for one in rows if one.IntegrationResponseKey != _DEFAULT and _fits(one, reply.status)), None)
    row = row or next((one for one in rows if one.IntegrationResponseKey == _DEFAULT), None)
    templates = (row.ResponseTemplates if row is not None else None) or {}
    chosen = templates.get((row.TemplateSelectionExpression if row is not None else None) or "") or templates.get(_DEFAULT)
    return reply if chosen is None else reply._replace(body=chosen.encode())


def _fits(row: IntegrationResponse, status: int) -> bool:
    return re.fullmatch(row.IntegrationResponseKey.strip("/"), str(status)) is not None


def fits_model(asked: Asked, body: bytes) -> bool:
    """Is the message what the route's model says?"""
    route = asked.route
    if route is None or not route.RequestModels:
        return True
    key = mapping.value(route.ModelSelectionExpression or "", asked.source()) or _DEFAULT
    name = route.RequestModels.get(key) or route.RequestModels.get(_DEFAULT)
    model = asked.content.models.get(name) if name else None
    if model is None:
        return True
    from jsonschema import Draft4Validator

    try:
        return bool(Draft4Validator(json.loads(model.Schema)).is_valid(json.loads(body)))
    except ValueError:
        return False
