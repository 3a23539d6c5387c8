"""Parameter mapping of HTTP APIs: what integrations are given beside the request, and what of their answers is changed.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from .parts import bad

_REQUEST = re.compile(r"(append|overwrite|remove):(header|querystring)\.([^\s]+)|overwrite:path")
_RESPONSE = re.compile(r"(append|overwrite|remove):header\.([^\s]+)|overwrite:statuscode")
_RESERVED = re.compile(r"access-control-.*|apigw-.*|authorization|connection|content-encoding|content-length|content-location"
                       r"|forwarded|keep-alive|origin|proxy-.*|te|trailers?|transfer-encoding|upgrade|x-amz-.*|x-amzn-.*"
                       r"|x-forwarded-(for|host|proto)|via", re.IGNORECASE)
_BRACED = re.compile(r"\$\{([^{}]+)\}")
_BARE = re.compile(r"\$((?:request|response|context|stageVariables)\b[\w.\-\[\]]*)")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


class Source(msgspec.Struct, kw_only=True):
    """Where values come from. headers: names in lower case."""

    headers: Mapping[str, str] = {}
    query: str = ""
    path: str = ""
    parameters: Mapping[str, str] = {}
    body: bytes = b""
    variables: Mapping[str, str] = {}
    context: Mapping[str, Any] = {}
    answer_headers: Mapping[str, str] = {}
    answer_body: bytes = b""


def checked(parameters: Mapping[str, str]) -> None:
    """Are these the parameters of a request?"""
    for key in parameters:
        found = _REQUEST.fullmatch(key)
        if found is None:
            raise bad(f"Invalid mapping expression specified: {key}")
        _unreserved(found[2], found[3])


def checked_response(parameters: Mapping[str, str]) -> None:
    """Are these the parameters of an answer?"""
    for key in parameters:
        found = _RESPONSE.fullmatch(key)
        if found is None:
            raise bad(f"Invalid mapping expression specified: {key}")
        _unreserved("header", found[2])


def _unreserved(location: str | None, name: str | None) -> None:
    if location == "header" and name is not None and _RESERVED.fullmatch(name):
        raise bad(f"Operations on header {name} are restricted")


def value(text: str, source: Source) -> str:
    """A mapping's value: text with `$request.header.name`, `${stageVariables.name}` … in it; what is absent is empty."""
    if "${" in text:
        return _BRACED.sub(lambda found: look(found[1], source) or "", text)
    return _BARE.sub(lambda found: look(found[1], source) or "", text)


def look(name: str, source: Source) -> str | None:
    """One variable's value; None where there is none."""
    kind, _, rest = name.lstrip("$").removeprefix("route.").partition(".")
    if kind == "stageVariables":
        return source.variables.get(rest)
    if kind == "context":
        found = source.context.get(rest)
        return None if found is None else str(found)
    place, _, key = rest.partition(".")
    if kind == "response":
        return source.answer_headers.get(key.lower()) if place == "header" else _inside(source.answer_body, key)
    if place == "header":
        return source.headers.get(key.lower())
    if place == "querystring":
        values = [each for given, each in parse_qsl(source.query, keep_blank_values=True) if given == key]
        return ",".join(values) if values else None
    if place == "path":
        return source.parameters.get(key) if key else unquote(source.path)
    return _inside(source.body, key) if place == "body" else None


def _inside(body: bytes, path: str) -> str | None:
    """A place in a body of JSON: `pets[0].name`; the whole body without one."""
    if not path:
        return body.decode("utf-8", "replace")
    try:
        found: Any = json.loads(body)
    except ValueError:
        return None
    for step in _STEP.finditer(path):
        name, number = step.groups()
        if name is not None and isinstance(found, dict) and name in found:
            found = found[name]
        elif number is not None and isinstance(found, list) and int(number) < len(found):
            found = found[int(number)]
        else:
            return None
    return found if isinstance(found, str) else json.dumps(found, separators=(",", ":"))


class Changed(msgspec.Struct):
    """A request as its integration gets it."""

    headers: dict[str, str]
    query: list[tuple[str, str]]
    path: str


def request(parameters: Mapping[str, str], source: Source) -> Changed:
    """A request's headers, query and path, changed as an integration says."""
    out = Changed(dict(source.headers), parse_qsl(source.query, keep_blank_values=True), source.path)
    for key, text in parameters.items():
        action, _, place = key.partition(":")
        found = "" if action == "remove" else value(text, source)
        if place == "path":
            out.path = found if found.startswith("/") else "/" + found
            continue
        location, _, name = place.partition(".")
        if location == "header":
            _set_header(out.headers, action, name.lower(), found)
            continue
        if action != "append":
            out.query = [pair for pair in out.query if pair[0] != name]
        if action != "remove":
            out.query.append((name, found))
    return out


def _set_header(headers: dict[str, str], action: str, name: str, text: str) -> None:
    if action == "remove":
        headers.pop(name, None)
    elif action == "append" and headers.get(name):
        headers[name] += "," + text
    else:
        headers[name] = text


def response(parameters: Mapping[str, str], status: int, headers: list[tuple[str, str]],
             source: Source) -> tuple[int, list[tuple[str, str]]]:
    """An answer's status and headers, changed as an integration says."""
    for key, text in parameters.items():
        action, _, place = key.partition(":")
        found = "" if action == "remove" else value(text, source)
        if place == "statuscode":
            status = int(found) if found.isdigit() and 100 <= int(found) <= 599 else status
            continue
        name = place.partition(".")[2]
        if action != "append":
            headers = [pair for pair in headers if pair[0].lower() != name.lower()]
        if action != "remove":
            headers = [*headers, (name, found)]
    return status, headers
