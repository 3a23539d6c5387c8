"""Small HTML pages with forms, for people who sign in: safe headers, and nothing taken from other origins."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from string import Template
from urllib.parse import parse_qs

from ..kernel.http.message import Request, Respond, Response

log = logging.getLogger("cumulet")

MAX_FORM = 16_384
_HEADERS = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-store"), ("Referrer-Policy", "same-origin"),
            ("X-Content-Type-Options", "nosniff"), ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; "
                                                    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'")]


class Answering:
    """A face whose answers take a while: each runs as a task. title: of the page that tells of a failure."""

    def __init__(self, title: str, answer: Callable[[Request], Awaitable[Response]]) -> None:
        self._title = title
        self._answer = answer
        self._running: set[asyncio.Task[None]] = set()

    def __call__(self, request: Request, respond: Respond) -> None:
        task = asyncio.get_running_loop().create_task(self._run(request, respond))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _run(self, request: Request, respond: Respond) -> None:
        try:
            respond(await self._answer(request))
        except Exception:
            log.exception("%s: the page failed", self._title)
            respond(html(self._title, "<p>An internal error occurred.</p>", 500))


def from_here(request: Request) -> bool:
    """No Origin (a program, or a very old browser that tells where it comes from), or this page's own."""
    origin = request.headers.get("origin")
    if origin is not None:
        return origin.partition("://")[2] == request.host
    return request.headers.get("sec-fetch-site", "none") in ("none", "same-origin")


def form_of(request: Request) -> dict[str, str] | None:
    """The fields of a form; None when it cannot be read."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "application/x-www-form-urlencoded" or request.stream is not None or len(request.body) > MAX_FORM:
        return None
    try:
        return {name: values[0] for name, values in parse_qs(request.body.decode(), max_num_fields=20).items()}
    except ValueError:
        return None


@cache
def _template() -> Template:
    return Template(Path(__file__).with_name("signin.html").read_text())


def html(title: str, body: str, status: int = 200) -> Response:
    """One page; `body` is HTML."""
    return Response(status, list(_HEADERS), _template().substitute(title=title, body=body).encode())
