"""Mapping templates: what `velocity` is told of a request: `$input`, `$context`, `$util`, `$stageVariables`.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
"""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import quote_plus, unquote, unquote_plus

from . import jsonpaths, velocity
from .exchange import Asked, Exchange, context, last

_NAME = r"((?:context|stageVariables|method\.request)\.[\w.-]+)"
_SIMPLE = re.compile(rf"\$\{{{_NAME}\}}|\${_NAME}")


class Flag:
    """A boolean that is written as JSON writes it."""

    def __init__(self, value: bool) -> None:
        self._value = value

    def __bool__(self) -> bool:
        return self._value

    def __str__(self) -> str:
        return "true" if self._value else "false"

    def __eq__(self, other: object) -> bool:
        return self._value == bool(other) if isinstance(other, (bool, Flag)) else str(self) == other

    def __hash__(self) -> int:
        return hash(self._value)


class Input:
    """`$input`: the body, by path and as text, and the request's parameters."""

    def __init__(self, exchange: Exchange, body: bytes) -> None:
        asked = exchange.asked
        self.body = body.decode("utf-8", "replace")
        self._params = {"path": dict(exchange.found.params), "querystring": last(asked.query), "header": last(asked.headers)}

    def _said(self) -> Any:
        try:
            return json.loads(self.body or "{}")
        except ValueError:
            raise velocity.BadTemplate("Unable to transform request: the body is no JSON") from None

    def path(self, path: str) -> Any:
        """What a path leads to, as an object."""
        return _soft(jsonpaths.read(self._said(), path))

    def json(self, path: str) -> str:
        """The same as JSON."""
        found = jsonpaths.read(self._said(), path)
        return '""' if found is None and path.strip() != "$" else json.dumps(found, separators=(",", ":"), ensure_ascii=False)

    def params(self, name: str | None = None) -> Any:
        """All parameters, or one: of the path, the query or the headers, in this order."""
        if name is None:
            return self._params
        for found in self._params.values():
            if name in found:
                return found[name]
        wanted = name.lower()
        return next((value for key, value in self._params["header"].items() if key.lower() == wanted), "")


class Util:
    """`$util`."""

    def escapeJavaScript(self, text: Any) -> str:
        """As a JavaScript string's inside."""
        return _shown(text).replace("\\", "\\\\").replace('"', '\\"').replace("'", "\\'").replace("\n", "\\n") \
            .replace("\r", "\\r").replace("\t", "\\t").replace("/", "\\/")

    def parseJson(self, text: str) -> Any:
        """The object that a text says."""
        return _soft(json.loads(text))

    def urlEncode(self, text: Any) -> str:
        """As a form has it."""
        return quote_plus(_shown(text))

    def urlDecode(self, text: Any) -> str:
        """Back from that."""
        return unquote_plus(_shown(text))

    def base64Encode(self, text: Any) -> str:
        """Base64 of a text."""
        return base64.b64encode(_shown(text).encode()).decode()

    def base64Decode(self, text: Any) -> str:
        """Back from that."""
        return base64.b64decode(_shown(text)).decode("utf-8", "replace")


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _soft(value: Any) -> Any:
    """JSON's values as templates see them."""
    if isinstance(value, bool):
        return Flag(value)
    if isinstance(value, dict):
        return {name: _soft(each) for name, each in value.items()}
    return [_soft(each) for each in value] if isinstance(value, list) else value


def rendered(text: str, exchange: Exchange, body: bytes) -> tuple[str, dict[str, Any]]:
    """What a template makes of a body; and what it overrode of the request or the response."""
    said = _soft(context(exchange))
    said["requestOverride"] = {"header": {}, "querystring": {}, "path": {}}
    said["responseOverride"] = {"header": {}, "status": None}
    return velocity.merged(text, {"input": Input(exchange, body), "util": Util(), "context": said,
                                  "stageVariables": dict(exchange.found.variables)}), said


def unquoted(asked: Asked) -> str:
    """The path below the stage (or as the domain has it), as functions see it."""
    return unquote(asked.prefix + asked.path)


def filled(text: str, exchange: Exchange, nothing: str = "null") -> str:
    """Variables alone, as gateway responses and access logs have them; nothing: what stands for what is not known."""
    said = context(exchange)

    def value(found: re.Match[str]) -> str:
        where: Any = {"context": said, "stageVariables": exchange.found.variables}
        name = (found[1] or found[2]).rstrip(".-")
        if name.startswith("method.request."):
            return _shown(of_request(name.removeprefix("method.request."), exchange))
        for part in name.split("."):
            where = where.get(part) if isinstance(where, dict) else None
        return nothing if where is None else str(_soft(where))

    return _SIMPLE.sub(value, text)


def of_request(name: str, exchange: Exchange) -> Any:
    """`header.X`, `querystring.q`, `path.id`, `body.PATH` of the request."""
    kind, _, rest = name.partition(".")
    asked = exchange.asked
    if kind in ("header", "multivalueheader"):
        values = [value for key, value in asked.headers if key.lower() == rest.lower()]
        return (",".join(values) if kind == "multivalueheader" else values[-1]) if values else None
    if kind in ("querystring", "multivaluequerystring"):
        values = [value for key, value in asked.query if key == rest]
        return (",".join(values) if kind == "multivaluequerystring" else values[-1]) if values else None
    if kind == "path":
        return exchange.found.params.get(rest)
    return of_body(asked.body, rest)


def of_body(body: bytes, path: str) -> Any:
    """A body, or what a path of it leads to, as a text."""
    if not path:
        return body.decode("utf-8", "replace")
    try:
        found = jsonpaths.read(json.loads(body or b"null"), path)
    except ValueError:
        return None
    return found if found is None or isinstance(found, str) else json.dumps(found, separators=(",", ":"))


def mapped(expression: str, exchange: Exchange, answer: tuple[list[tuple[str, str]], bytes] | None = None) -> str | None:
    """What a mapping expression gives. answer: headers and body of the integration's, for responses."""
    if expression.startswith("'"):
        return expression[1:-1]
    if expression.startswith("method.request."):
        found = of_request(expression.removeprefix("method.request."), exchange)
    elif expression.startswith("stageVariables."):
        found = exchange.found.variables.get(expression.partition(".")[2])
    elif expression.startswith("integration.response.") and answer is not None:
        kind, _, rest = expression.removeprefix("integration.response.").partition(".")
        values = [value for key, value in answer[0] if key.lower() == rest.lower()]
        found = of_body(answer[1], rest) if kind == "body" else ",".join(values) or None
    else:
        found = context(exchange)
        for part in expression.split(".")[1:]:
            found = found.get(part) if isinstance(found, dict) else None
    return None if found is None else str(_soft(found))
