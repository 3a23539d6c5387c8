"""Snapshots and forks over the control API."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

import msgspec
import orjson

from ..kernel.cloud import Cloud
from ..kernel.http.message import Request, Response
from .forks import Forks

Answer = dict[str, Any] | Response
_PIECE = 1 << 20


async def listed(cloud: Cloud, request: Request) -> Answer:
    """?dir=: all snapshots, the latest last."""
    folder = _asked(request).get("dir", "")
    found = [cloud.shelf.about(name, folder) for name in cloud.shelf.names(folder)]
    return {"snapshots": [msgspec.to_builtins(about) for about in sorted(found, key=lambda about: about.saved)]}


async def save(cloud: Cloud, request: Request) -> Answer:
    """{"name": "…", "account": "…", "dir": "…", "replace": true}: keep the state, or one account of it."""
    asked = _body(request)
    about = await cloud.shelf.save(str(asked["name"]), str(asked.get("account") or ""), str(asked.get("dir") or ""),
                                   asked.get("replace") is True)
    return dict(msgspec.to_builtins(about))


async def load(cloud: Cloud, request: Request) -> Answer:
    """{"name": "…", "dir": "…"}: in the place of all state; with "account" (and "into") of that account only."""
    asked = _body(request)
    return await cloud.shelf.load(str(asked["name"]), str(asked.get("dir") or ""), str(asked.get("account") or ""),
                                  str(asked.get("into") or ""))


async def remove(cloud: Cloud, request: Request) -> Answer:
    """{"name": "…", "dir": "…"}"""
    asked = _body(request)
    cloud.shelf.remove(str(asked["name"]), str(asked.get("dir") or ""))
    return {"removed": asked["name"]}


async def show(cloud: Cloud, request: Request) -> Answer:
    """?name=: what is inside, by account, region and service."""
    asked = _asked(request)
    return await cloud.shelf.show(asked["name"], asked.get("dir", ""))


async def diff(cloud: Cloud, request: Request) -> Answer:
    """?name=&other=: what changed from one snapshot to another, or to now."""
    asked = _asked(request)
    return await cloud.shelf.diff(asked["name"], asked.get("other", ""), asked.get("dir", ""))


async def export(cloud: Cloud, request: Request) -> Answer:
    """?name=: the snapshot as one file."""
    asked = _asked(request)
    file = await cloud.shelf.export(asked["name"], asked.get("dir", ""))
    fd = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
    os.unlink(file)
    size = os.fstat(fd).st_size
    return Response(200, [("Content-Type", "application/gzip"), ("Content-Length", str(size)),
                          ("Content-Disposition", f'attachment; filename="{asked["name"]}.tar.gz"')], _pieces(fd))


async def _pieces(fd: int) -> AsyncIterator[bytes]:
    try:
        loop = asyncio.get_running_loop()
        while data := await loop.run_in_executor(None, os.read, fd, _PIECE):
            yield data
    finally:
        os.close(fd)


async def take(cloud: Cloud, request: Request) -> Answer:
    """?name=&replace=1, the body being an exported file."""
    asked = _asked(request)
    folder = asked.get("dir", "")
    cloud.shelf.path(asked["name"], folder)
    file = cloud.shelf.temporary(folder)
    loop = asyncio.get_running_loop()
    try:
        with open(file, "wb") as out:                      # noqa: ASYNC230  (what blocks is in the executor)
            if request.stream is None:
                out.write(request.body)
            else:
                async for data in request.stream:
                    await loop.run_in_executor(None, out.write, data)
        about = await cloud.shelf.take(asked["name"], file, folder, bool(asked.get("replace")))
    finally:
        os.unlink(file)
    return dict(msgspec.to_builtins(about))


async def forks(cloud: Cloud, request: Request) -> Answer:
    """All forks."""
    return {"forks": cloud.driver(Forks).listed()}


async def fork(cloud: Cloud, request: Request) -> Answer:
    """{"name": "…", "port": N}: a copy of all state, served there; both may be left out."""
    asked = _body(request)
    return await cloud.driver(Forks).make(str(asked.get("name") or ""), int(asked.get("port") or 0))


async def fork_account(cloud: Cloud, request: Request) -> Answer:
    """{"account": "…", "into": "…"}: a copy of one account's state, in the place of another account's."""
    asked = _body(request)
    return await cloud.shelf.copy(str(asked["account"]), str(asked["into"]))


async def remove_fork(cloud: Cloud, request: Request) -> Answer:
    """{"name": "…"}"""
    name = str(_body(request)["name"])
    await cloud.driver(Forks).remove(name)
    return {"removed": name}


ROUTES: dict[tuple[str, str], Callable[[Cloud, Request], Awaitable[Answer]]] = {
    ("GET", "/_cumulet/snapshots"): listed,
    ("POST", "/_cumulet/snapshots"): save,
    ("POST", "/_cumulet/snapshots/load"): load,
    ("POST", "/_cumulet/snapshots/rm"): remove,
    ("GET", "/_cumulet/snapshots/show"): show,
    ("GET", "/_cumulet/snapshots/diff"): diff,
    ("GET", "/_cumulet/snapshots/export"): export,
    ("POST", "/_cumulet/snapshots/import"): take,
    ("GET", "/_cumulet/forks"): forks,
    ("POST", "/_cumulet/forks"): fork,
    ("POST", "/_cumulet/forks/account"): fork_account,
    ("POST", "/_cumulet/forks/rm"): remove_fork,
}


def _asked(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.query).items()}


def _body(request: Request) -> dict[str, Any]:
    value = orjson.loads(request.body) if request.body else {}
    if not isinstance(value, dict):
        raise ValueError("the body is no JSON object")
    return value
