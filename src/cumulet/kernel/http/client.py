"""Asking other servers: one request, small, in a thread of its own pool, without redirects."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import ssl

SECONDS, MOST, LARGEST = 5.0, 1_048_576, 10 * 1_048_576
_AT_ONCE = 32            # slow servers must not take the threads that others need


class Answer(NamedTuple):
    """What a server answered. status 0: nothing did in time, and `text` says why."""

    status: int
    body: bytes = b""
    text: str = ""
    headers: tuple[tuple[str, str], ...] = ()


async def get(url: str) -> bytes | None:
    """The body of a page; None when there is no answer with status 200, of a bearable size, in time."""
    found = await ask("GET", url, {"Accept": "application/json", "User-Agent": "cumulet"}, b"", SECONDS)
    return found.body if found.status == 200 and len(found.body) <= MOST else None


async def ask(method: str, url: str, headers: Mapping[str, str], body: bytes, seconds: float,
              trusted: str = "") -> Answer:
    """One request, and what came back of it. trusted: a further certificate authority to believe, PEM."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), _ask, method, url, headers, body, seconds, trusted)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_AT_ONCE, "cumulet-fetch")


def _ask(method: str, url: str, headers: Mapping[str, str], body: bytes, seconds: float, trusted: str) -> Answer:
    from http.client import HTTPConnection, HTTPException, HTTPSConnection

    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return Answer(0, text="the address is none of HTTP")
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        if parts.scheme == "https":
            connection: HTTPConnection = HTTPSConnection(parts.hostname, parts.port, timeout=seconds, context=_tls(trusted))
        else:
            connection = HTTPConnection(parts.hostname, parts.port, timeout=seconds)
        try:
            connection.request(method, path, body or None, dict(headers))
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(LARGEST), headers=tuple(answer.getheaders()))
        finally:
            connection.close()
    except (OSError, HTTPException, ValueError) as problem:
        return Answer(0, text=str(problem) or type(problem).__name__)


@cache
def _tls(trusted: str) -> ssl.SSLContext:
    """One context for each authority: there is one, this installation's own."""
    import ssl

    context = ssl.create_default_context()
    if trusted:
        context.load_verify_locations(cadata=trusted)
    return context
