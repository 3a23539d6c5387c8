"""Answers: what a client gets, from an integration's answer or from the API itself."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any, NamedTuple

from cumulet.kernel import Call

from . import responses, templates
from .exchange import Backend, Exchange, Refused

Pairs = list[tuple[str, str]]
_ERRORS = {
    "RESOURCE_NOT_FOUND": "NotFoundException", "UNAUTHORIZED": "UnauthorizedException", "INVALID_API_KEY": "ForbiddenException",
    "ACCESS_DENIED": "AccessDeniedException", "AUTHORIZER_FAILURE": "AuthorizerConfigurationException",
    "AUTHORIZER_CONFIGURATION_ERROR": "AuthorizerConfigurationException", "INVALID_SIGNATURE": "InvalidSignatureException",
    "EXPIRED_TOKEN": "ExpiredTokenException", "MISSING_AUTHENTICATION_TOKEN": "MissingAuthenticationTokenException",
    "UNSUPPORTED_MEDIA_TYPE": "UnsupportedMediaTypeException", "BAD_REQUEST_PARAMETERS": "BadRequestException",
    "BAD_REQUEST_BODY": "BadRequestException", "REQUEST_TOO_LARGE": "RequestTooLargeException",
    "THROTTLED": "TooManyRequestsException", "QUOTA_EXCEEDED": "LimitExceededException"}
# What stands between a client and an API, and is nobody else's to say.
_OWN = frozenset({"connection", "content-length", "transfer-encoding", "keep-alive", "upgrade", "date", "server"})
_REMAPPED = frozenset({"authorization", "host", "user-agent", "www-authenticate", "content-md5", "expect", "max-forwards",
                       "proxy-authenticate", "te", "trailer", "via"})


class Answer(NamedTuple):
    """What goes back. problem: the type of the gateway response, "" where an integration answered."""

    status: int
    headers: Pairs
    body: bytes
    problem: str = ""


def refused(exchange: Exchange, problem: Refused) -> Answer:
    """What the API says by itself."""
    exchange.problem = problem
    said = responses.found(exchange.found.definition.responses, problem.kind, problem.status)
    status = int(said.get("statusCode") or problem.status)
    headers: Pairs = [("x-amzn-ErrorType", _ERRORS.get(problem.kind, "InternalServerErrorException"))]
    chosen, text = _template(said.get("responseTemplates") or {}, exchange.asked.header("accept"))
    body = templates.filled(text, exchange)
    if said.get("defaultResponse") and problem.kind == "ACCESS_DENIED":
        body = json.dumps({"Message": problem.message})
    headers.append(("Content-Type", chosen))
    for name, expression in (said.get("responseParameters") or {}).items():
        value = templates.mapped(expression, exchange)
        if value is not None:
            headers = put(headers, name.removeprefix("gatewayresponse.header."), value)
    return Answer(status, headers, body.encode(), problem.kind)


def proxied(exchange: Exchange, backend: Backend) -> Answer:
    """An HTTP server's answer as it is."""
    return Answer(backend.status, [(name, value) for name, value in backend.headers if name.lower() not in _OWN], backend.body)


def of_function(exchange: Exchange, backend: Backend) -> Answer:
    """What a function's result says of the answer, in the proxy's format."""
    malformed = Refused("DEFAULT_5XX", "Internal server error", 502)
    try:
        said = json.loads(backend.body or b"null")
    except ValueError:
        said = None
    if backend.error or not isinstance(said, dict) or not isinstance(said.get("headers") or {}, dict) \
            or not isinstance(said.get("body", ""), (str, type(None))):
        exchange.note("Execution failed due to configuration error: Malformed Lambda proxy response")
        raise malformed
    if set(said) - {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded", "cookies", "statusDescription"}:
        exchange.note("Execution failed due to configuration error: Malformed Lambda proxy response")
        raise malformed
    try:
        status = int(said.get("statusCode", 200))
    except (TypeError, ValueError):
        raise malformed from None
    many = said.get("multiValueHeaders") or {}
    headers = [(str(name), str(each)) for name, values in many.items() for each in values]
    known = {name.lower() for name in many}
    headers += [(str(name), _text(value)) for name, value in (said.get("headers") or {}).items() if name.lower() not in known]
    headers = [pair for pair in headers if pair[0].lower() not in _OWN]
    body = (said.get("body") or "").encode()
    if said.get("isBase64Encoded") and wanted_binary(exchange):
        try:
            body = base64.b64decode(body, validate=True)
        except ValueError:
            raise malformed from None
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    return Answer(status, headers, body)


def _text(value: Any) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def mapped(call: Call, exchange: Exchange, backend: Backend) -> Answer:
    """An integration's answer, as the response that its status or error selects says."""
    integration = exchange.found.method["methodIntegration"]
    try:
        said = _selected(call, integration.get("integrationResponses") or {}, backend.error)
    except ValueError as problem:
        exchange.note(f"Execution failed due to configuration error: {problem}")
        raise Refused("API_CONFIGURATION_ERROR", "Internal server error", 500) from problem
    if said is None:
        exchange.note("Execution failed due to configuration error: No match for output mapping and no default output mapping "
                      f"configured. Endpoint Response Status Code: {backend.status}")
        raise Refused("API_CONFIGURATION_ERROR", "Internal server error", 500)
    status, body = int(said["statusCode"]), _handled(said.get("contentHandling"), backend.body)
    kind = next((value for name, value in backend.headers if name.lower() == "content-type"), "application/json")
    override: dict[str, Any] = {}
    found = said.get("responseTemplates") or {}
    if found:
        chosen, text = _template(found, exchange.asked.header("accept"))
        if text is not None and text.strip():
            try:
                shown, said_context = templates.rendered(text, exchange, body)
            except ValueError as problem:
                exchange.note(f"Execution failed due to configuration error: {problem}")
                raise Refused("API_CONFIGURATION_ERROR", "Internal server error", 500) from problem
            body, override = shown.encode(), said_context["responseOverride"]
        kind = chosen
    headers: Pairs = [("Content-Type", kind)]
    for name, expression in (said.get("responseParameters") or {}).items():
        value = templates.mapped(expression, exchange, (backend.headers, backend.body))
        if value is not None:
            headers = put(headers, name.removeprefix("method.response.header."), value)
    for name, value in (override.get("header") or {}).items():
        headers = put(headers, name, str(value))
    return Answer(int(override.get("status") or status), headers, body)


def _selected(call: Call, found: dict[str, Any], error: str) -> dict[str, Any] | None:
    default = None
    for said in found.values():
        pattern = said.get("selectionPattern")
        if not pattern:
            default = default or said
        elif error and call.matches(pattern, error):
            return dict(said)
    return default


def _template(found: dict[str, str], accept: str | None) -> tuple[str, str]:
    """The template for what a client accepts, or JSON's, or the only one."""
    for wanted in (*[each.partition(";")[0].strip() for each in (accept or "").split(",")], "application/json"):
        if wanted in found:
            return wanted, found[wanted]
    return next(iter(found.items())) if found else ("application/json", "")


def _handled(handling: str | None, body: bytes) -> bytes:
    if handling == "CONVERT_TO_TEXT":
        return base64.b64encode(body)
    if handling == "CONVERT_TO_BINARY":
        try:
            return base64.b64decode(body.strip(b'"'), validate=True)
        except ValueError:
            raise Refused("API_CONFIGURATION_ERROR", "Internal server error", 500) from None
    return body


def put(headers: Pairs, name: str, value: str) -> Pairs:
    """With a header that replaces those of its name; what only the transport may say comes under another name."""
    if name.lower() in _OWN:
        return headers
    if name.lower() in _REMAPPED:
        name = f"x-amzn-Remapped-{name}"
    return [*(pair for pair in headers if pair[0].lower() != name.lower()), (name, value)]


def is_binary(settings: dict[str, Any], kind: str | None) -> bool:
    """Is a media type among those that the API calls binary?"""
    wanted = (kind or "").partition(";")[0].strip().lower()
    for each in settings.get("binaryMediaTypes") or ():
        if each == "*/*" or each.lower() == wanted or (each.endswith("/*") and wanted.startswith(each[:-1].lower())):
            return True
    return False


def wanted_binary(exchange: Exchange) -> bool:
    """Does the client accept something binary first?"""
    accept = exchange.asked.header("accept") or "*/*"
    settings = exchange.found.definition.settings
    return is_binary(settings, accept.split(",")[0])


def compressed(exchange: Exchange, answer: Answer) -> Answer:
    """Gzip, where the API asks for it, the body is large enough and the client can read it."""
    least = exchange.found.definition.settings.get("minimumCompressionSize")
    if least is None or len(answer.body) < least or "gzip" not in (exchange.asked.header("accept-encoding") or "") \
            or any(name.lower() == "content-encoding" for name, _ in answer.headers):
        return answer
    return answer._replace(headers=[*answer.headers, ("Content-Encoding", "gzip")], body=gzip.compress(answer.body, 6, mtime=0))
