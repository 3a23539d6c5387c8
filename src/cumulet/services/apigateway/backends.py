"""What stands behind a method: nothing at all (MOCK), a function, a web server, another service of AWS."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from cumulet.drivers.functions import asking
from cumulet.kernel import AwsError, Call, principals

from . import answers, functions, templates
from .exchange import Backend, Exchange, Pairs, Refused, last

Said = dict[str, Any]
_AWS = re.compile(r"arn:[\w-]+:apigateway:(?P<region>[\w-]+):(?:(?P<sub>[\w-]+)\.)?(?P<service>[\w-]+):(?P<kind>path|action)/"
                  r"(?P<rest>.*)", re.DOTALL)
_GREEDY = re.compile(r"\{([^{}]+)\+\}$")
_CALLER = "arn:aws:iam::*:user/*"            # with the rights of who calls
# Services that take JSON and the operation's name in a header.
_TARGETS = {"dynamodb": "DynamoDB_20120810", "events": "AWSEvents", "kinesis": "Kinesis_20131202", "logs": "Logs_20140328",
            "kms": "TrentService", "ssm": "AmazonSSM", "secretsmanager": "secretsmanager"}
_KEPT = ("accept", "content-type")           # headers that go on to a custom integration by themselves


async def answered(call: Call, exchange: Exchange) -> answers.Answer:
    """What a client gets of the integration's answer; how long that took is noted."""
    clock = asyncio.get_running_loop()
    began = clock.time()
    try:
        backend = await _ask(call, exchange)
    finally:
        exchange.integration_ms = int((clock.time() - began) * 1000)
    exchange.integration_status = backend.status
    exchange.note(f"Received response. Status: {backend.status}, Integration latency: {exchange.integration_ms} ms")
    exchange.note(f"Endpoint response headers: {{{', '.join(f'{name}={value}' for name, value in backend.headers)}}}")
    exchange.note(f"Endpoint response body before transformations: {backend.body[:1024].decode('utf-8', 'replace')}")
    kind = exchange.found.method["methodIntegration"]["type"]
    if kind == "AWS_PROXY":
        return answers.of_function(exchange, backend)
    return answers.proxied(exchange, backend) if kind == "HTTP_PROXY" else answers.mapped(call, exchange, backend)


async def _ask(call: Call, exchange: Exchange) -> Backend:
    """The integration's answer."""
    integration = exchange.found.method["methodIntegration"]
    kind = integration["type"]
    if kind == "AWS_PROXY":
        return await _function(call, exchange, integration, msgspec.json.encode(functions.proxy_event(exchange)))
    if kind == "HTTP_PROXY":
        return await _web(call, exchange, integration, exchange.asked.body, _Override({}), proxied=True)
    body, override = _request(exchange, integration)
    if kind == "MOCK":
        return _mock(exchange, body)
    if kind == "HTTP":
        return await _web(call, exchange, integration, body, override, proxied=False)
    if ":lambda:path/" in asking.resolved(integration["uri"], exchange.found.variables):
        return await _function(call, exchange, integration, body)
    return await _aws(call, exchange, integration, body, override)


class _Override:
    """What a template said instead of the mapped parameters."""

    def __init__(self, said: Said) -> None:
        found = said.get("requestOverride") or {}
        self.parts = {name: found.get(name) or {} for name in ("header", "querystring", "path")}


def _request(exchange: Exchange, integration: Said) -> tuple[bytes, _Override]:
    """The body that goes on: mapped by the template of its type, passed through, or refused."""
    asked = exchange.asked
    body = asked.body
    if integration.get("contentHandling") == "CONVERT_TO_TEXT":
        body = base64.b64encode(body)
    elif integration.get("contentHandling") == "CONVERT_TO_BINARY":
        body = base64.b64decode(body)
    kind = (asked.header("content-type") or "application/json").partition(";")[0].strip()
    found = integration.get("requestTemplates") or {}
    passing = integration.get("passthroughBehavior", "WHEN_NO_MATCH")
    if kind in found:
        try:
            text, said = templates.rendered(found[kind], exchange, body)
        except ValueError as problem:
            exchange.note(f"Execution failed due to configuration error: {problem}")
            raise Refused("DEFAULT_5XX", "Internal server error", 500) from problem
        return text.encode(), _Override(said)
    if passing == "NEVER" or (passing == "WHEN_NO_TEMPLATES" and found):
        raise Refused("UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type", 415)
    return body, _Override({})


def _mock(exchange: Exchange, body: bytes) -> Backend:
    """The status that the request's template says."""
    try:
        status = int(json.loads(body)["statusCode"])
    except (ValueError, KeyError, TypeError):
        exchange.note("Execution failed due to configuration error: Unable to parse statusCode. It should be an integer that "
                      "is defined in the request template.")
        raise Refused("DEFAULT_5XX", "Internal server error", 500) from None
    return Backend(status=status, headers=[], body=body, error=str(status))


async def _function(call: Call, exchange: Exchange, integration: Said, payload: bytes) -> Backend:
    """A function's answer; what selection patterns see is its error's message."""
    found = exchange.found
    try:
        arn = asking.function_of(integration["uri"], found.variables)
        parameters = integration.get("requestParameters") or {}
        later = parameters.get("integration.request.header.X-Amz-Invocation-Type") == "'Event'"
        exchange.note(f"Endpoint request body after transformations: {payload[:1024].decode('utf-8', 'replace')}")
        role = "" if integration.get("credentials") == _CALLER else integration.get("credentials") or ""
        error, body = await asking.ask(call, arn, payload, found.arn, role, _seconds(integration), later)
    except TimeoutError:
        raise Refused("INTEGRATION_TIMEOUT", "Endpoint request timed out", 504) from None
    except AwsError as problem:
        exchange.note(f"Execution failed due to configuration error: {problem.message}")
        raise Refused("API_CONFIGURATION_ERROR", "Internal server error", 500) from problem
    message = ""
    if error:
        try:
            message = json.loads(body).get("errorMessage") or "Unknown"
        except (ValueError, AttributeError):
            message = "Unknown"
    return Backend(status=200, headers=[("Content-Type", "application/json")], body=body, error=message)


async def _web(call: Call, exchange: Exchange, integration: Said, body: bytes, override: _Override, proxied: bool) -> Backend:
    """A web server's answer. A proxy hands on the query and the headers as they came."""
    asked, found = exchange.asked, exchange.found
    if integration.get("connectionType") == "VPC_LINK":
        exchange.note("Execution failed due to configuration error: cumulet does not reach private integrations yet")
        raise Refused("API_CONFIGURATION_ERROR", "Internal server error", 500)
    headers, query, path = _mapped(exchange, integration, override, proxied)
    url = _placed(asking.resolved(integration["uri"], found.variables), path, exchange)
    if query:
        url += ("&" if "?" in url else "?") + urlencode(query)
    headers = [pair for pair in headers if pair[0].lower() not in ("host", "content-length", "connection", "transfer-encoding")]
    headers += [("X-Amzn-Apigateway-Api-Id", found.api), ("Host", urlsplit(url).netloc)]
    method = asked.method if integration.get("httpMethod") == "ANY" else integration["httpMethod"]
    exchange.note(f"Endpoint request URI: {url}")
    answer = await call.send(url, body, last(headers), _seconds(integration), method)
    if answer.status == 0:
        if "timed out" in answer.text:
            raise Refused("INTEGRATION_TIMEOUT", "Endpoint request timed out", 504)
        exchange.note(f"Execution failed due to an internal error: {answer.text}")
        raise Refused("INTEGRATION_FAILURE", "Network error communicating with endpoint", 504)
    return Backend(status=answer.status, headers=list(answer.headers), body=answer.body, error=str(answer.status))


def _seconds(integration: Said) -> float:
    return float(integration.get("timeoutInMillis", 29000)) / 1000


def _placed(address: str, path: dict[str, str], exchange: Exchange) -> str:
    """An address with path parameters in it. Slashes part names in a greedy parameter alone: others stay in their segment."""
    greedy = _GREEDY.search(exchange.found.resource["path"])
    whole = exchange.found.params.get(greedy[1]) if greedy is not None else None

    def value(found: re.Match[str]) -> str:
        given = path.get(found[1], "")
        return quote(given, safe="/" if given == whole else "")

    return re.sub(r"\{(\w+)\+?\}", value, address)


def _mapped(exchange: Exchange, integration: Said, override: _Override, proxied: bool) -> tuple[Pairs, Pairs, dict[str, str]]:
    """Headers, query and path parameters of the integration's request."""
    asked = exchange.asked
    parts: dict[str, dict[str, str]] = {"header": {}, "querystring": {}, "path": dict(exchange.found.params) if proxied else {}}
    headers = [pair for pair in asked.headers if proxied or pair[0].lower() in _KEPT]
    query = list(asked.query) if proxied else []
    for to, expression in (integration.get("requestParameters") or {}).items():
        _, _, kind, name = to.split(".", 3)
        value = templates.mapped(expression, exchange)
        if value is not None:
            parts[kind][name] = value
    for kind, values in override.parts.items():
        parts[kind] |= {name: str(value) for name, value in values.items()}
    for name, value in parts["header"].items():
        headers = [*(pair for pair in headers if pair[0].lower() != name.lower()), (name, value)]
    named = parts["querystring"]
    return headers, [*(pair for pair in query if pair[0] not in named), *named.items()], parts["path"]


async def _aws(call: Call, exchange: Exchange, integration: Said, body: bytes, override: _Override) -> Backend:
    """Another service's answer, in its own protocol."""
    found = exchange.found
    where = _AWS.fullmatch(asking.resolved(integration["uri"], found.variables))
    if where is None:
        raise Refused("API_CONFIGURATION_ERROR", "Internal server error", 500)
    headers, query, path = _mapped(exchange, integration, override, proxied=False)
    target = "/" + _placed(where["rest"], path, exchange)
    service = where["service"]
    sent = {"content-type": "application/json", **{name.lower(): value for name, value in headers}}
    if where["kind"] == "action":
        action, _, more = where["rest"].partition("&")
        target = "/"
        if service in _TARGETS:
            sent |= {"x-amz-target": f"{_TARGETS[service]}.{action}",
                     "content-type": f"application/x-amz-json-{'1.0' if service == 'dynamodb' else '1.1'}"}
        else:
            query = [("Action", action), *query]
            target += f"?{more}" if more else ""
    if query:
        target += ("&" if "?" in target else "?") + urlencode(query)
    host = f"{where['sub'] + '.' if where['sub'] else ''}{service}.{where['region']}.amazonaws.com"
    exchange.note(f"Endpoint request URI: https://{host}{target}")
    acting = partial(_peers, exchange=exchange, role=integration.get("credentials") or "", region=where["region"])
    status, told, answer = await principals.requesting.ask(call, acting, integration["httpMethod"], host, target, sent, body)
    return Backend(status=status, headers=told, body=answer, error=str(status))


def _peers(call: Call, exchange: Exchange, role: str, region: str) -> Any:
    """Who asks: the role that the integration names, the caller, or API Gateway itself."""
    found, who = exchange.found, exchange.asked.who
    if role == _CALLER and who is not None:
        there = call.elsewhere(who.account, region)
        there.principal = who
        return there.aws
    if not role or role == _CALLER:
        return call.as_service(found.arn, found.account, region)
    peers = principals.acting.as_role(call, role, "BackplaneAssumeRoleSession", found.account, region)
    if peers is None:
        raise AwsError("AccessDenied", "API Gateway does not have permission to assume the provided role", 403)
    return peers
