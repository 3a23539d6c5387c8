"""Asking other servers: one GET, small, in a thread, without redirects."""

from __future__ import annotations

import asyncio
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

SECONDS, MOST = 5.0, 1_048_576


class Unreachable(Exception):
    """No answer with status 200, of a size that is bearable, in time."""


async def get(url: str) -> bytes:
    """The body of a page; raises Unreachable."""
    return await asyncio.to_thread(_get, url)


def _get(url: str) -> bytes:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Unreachable(f"{url} is no address of a page")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection = kind(parts.hostname, parts.port, timeout=SECONDS)
        try:
            connection.request("GET", path, headers={"Accept": "application/json", "User-Agent": "cumulet"})
            answer = connection.getresponse()
            body = answer.read(MOST + 1)
        finally:
            connection.close()
    except (OSError, HTTPException, ValueError) as problem:
        raise Unreachable(f"{url}: {problem}") from problem
    if answer.status != 200 or len(body) > MOST:
        raise Unreachable(f"{url} answered {answer.status}")
    return body
