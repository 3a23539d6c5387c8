"""HTTP as functions see it: what of a request goes into an event, and what a function's result says of the answer.

Function URLs and HTTP APIs share these rules: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from ...kernel.entrance.doors import Reply

_TEXT = re.compile(r"text/.*|application/(json|javascript|xml|[\w.+-]+\+(json|xml))", re.IGNORECASE)
JSON = [("Content-Type", "application/json")]


def content(body: bytes, headers: Mapping[str, str]) -> tuple[str, bool]:
    """A body as JSON can hold it, and whether it is in Base64: all that is no text is."""
    kind = headers.get("content-type", "").partition(";")[0].strip()
    if _TEXT.fullmatch(kind) is not None and "content-encoding" not in headers:
        return body.decode("utf-8", "replace"), False
    return base64.b64encode(body).decode(), True


def parameters(query: str) -> dict[str, str]:
    """The parameters of a query string; values of the same name are joined."""
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        found[name] = f"{found[name]},{value}" if name in found else value
    return found


def cookies(headers: Mapping[str, str]) -> list[str]:
    return [cookie.strip() for cookie in headers["cookie"].split(";")] if headers.get("cookie") else []


def stamp(now: float) -> str:
    """A time as events tell it: 12/Mar/2020:19:03:58 +0000."""
    return datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000")


def answer(payload: bytes) -> Reply | None:
    """What a result means in format 2.0: with a status it is the answer, without one it is the body. None: neither."""
    try:
        said = json.loads(payload or b"null")
    except ValueError:
        return None
    if not isinstance(said, dict) or "statusCode" not in said:
        body = said.encode() if isinstance(said, str) else b"" if said is None else payload
        return Reply(200, list(JSON), body)
    return answer_of(said)


def answer_of(said: Mapping[str, Any]) -> Reply | None:
    """The answer that a result describes."""
    told = said.get("body") or ""
    text = told if isinstance(told, str) else json.dumps(told)
    try:
        data = base64.b64decode(text, validate=True) if said.get("isBase64Encoded") else text.encode()
        return Reply(int(said["statusCode"]), headers_of(said), data)
    except (ValueError, TypeError, AttributeError):
        return None


def headers_of(said: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The headers of an answer, with its cookies."""
    found = [(str(name), str(value)) for name, value in (said.get("headers") or {}).items()]
    if not any(name.lower() == "content-type" for name, _ in found):
        found += JSON
    return found + [("Set-Cookie", str(cookie)) for cookie in said.get("cookies") or ()]
