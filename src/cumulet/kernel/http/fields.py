"""Header fields of HTTP/2 to requests, under the rules that HTTP/1.1's have here."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .message import Request
from .reader import Refused

_METHOD = re.compile(r"[A-Z]+(-[A-Z]+)*")
_TARGET = re.compile(r"(/[\x21-\xff]*|\*)")
_BEYOND = re.compile(r"[\x80-\xff]")


def joined(fields: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Values by name. Cookies may come one by one."""
    out: dict[str, str] = {}
    for name, value in fields:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        if key in out:
            out[key] += ("; " if key == "cookie" else ",") + text
        else:
            out[key] = text
    return out


def request_of(fields: Iterable[tuple[bytes, bytes]], scheme: str, client: str) -> Request:
    """The request without its body. Bytes of the target beyond ASCII are taken as if percent-encoded. Raises Refused."""
    headers = joined(fields)
    method, target = headers.pop(":method", ""), headers.pop(":path", "")
    headers.pop(":scheme", None)
    if method == "CONNECT":
        raise Refused(405)
    host = headers.pop(":authority", "") or headers.get("host", "")
    if not host or "," in host or not _METHOD.fullmatch(method) or not _TARGET.fullmatch(target):
        raise Refused(400)
    headers["host"] = host
    if not target.isascii():
        target = _BEYOND.sub(lambda found: f"%{ord(found[0]):02X}", target)
    return Request(method, target, headers, scheme=scheme, client=client)


def length_of_body(headers: dict[str, str]) -> tuple[int, int]:
    """How many bytes of body were promised, or -1; and how many are known to come: aws-chunked bodies tell their content's."""
    said = headers.get("content-length", "")
    length = int(said) if _is_size(said) else -1
    told = headers.get("x-amz-decoded-content-length", "")
    return length, length if length >= 0 else int(told) if _is_size(told) else 0


def _is_size(text: str) -> bool:
    return text.isdecimal() and text.isascii() and len(text) < 20
