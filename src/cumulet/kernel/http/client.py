"""Asking other servers: one GET, small, in a thread, without redirects."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

SECONDS, MOST = 5.0, 1_048_576


async def get(url: str) -> bytes | None:
    """The body of a page; None when there is no answer with status 200, of a bearable size, in time."""
    return await asyncio.to_thread(_get, url)


def _get(url: str) -> bytes | None:
    from http.client import HTTPConnection, HTTPException, HTTPSConnection

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return None
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
    except (OSError, HTTPException, ValueError):
        return None
    return body if answer.status == 200 and len(body) <= MOST else None
