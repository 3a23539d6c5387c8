"""Request bodies of streaming operations: held in memory when small, spooled to a file when large."""

from __future__ import annotations

from typing import Any

from ..errors import error
from ..store.blobs import Spool


def held(cloud: Any, tx: Any, request: Any, route: Any, identity: Any) -> Spool:
    return Spool(request.body)


async def spooled(cloud: Any, request: Any, route: Any, identity: Any) -> Spool:
    path = cloud.store.blobs.temporary()
    size = 0
    with open(path, "wb") as f:  # noqa: ASYNC230
        async for chunk in request.stream:
            f.write(chunk)
            size += len(chunk)
    return Spool(None, path, size)


async def read(request: Any, most: int) -> bytes:
    out, size = [], 0
    async for chunk in request.stream:
        size += len(chunk)
        if size > most:
            raise error.RequestEntityTooLargeException("Request size limit exceeded", 413)
        out.append(chunk)
    return b"".join(out)


def events(request: Any) -> Any:
    raise error.NotImplemented("Event streams in requests are not implemented by cumulet.", 501)
