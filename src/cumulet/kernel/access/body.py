"""Bodies of streaming operations: decoded, checked, held in memory when small, spooled to a file when large."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

from ..errors import error
from ..http.message import Request
from ..store.blobs import Spool
from ..wire.contract import Route
from . import chunked, credentials, digests, faults
from .chunked import Decoder, Seed
from .contract import Identity
from .identify import read_header

if TYPE_CHECKING:
    from ..cloud import Cloud
    from ..store.contract import Transaction

_WRITE = 1 << 20                 # bytes that are gathered before they are digested and written, in a thread


def held(cloud: Cloud, tx: Transaction, request: Request, route: Route, identity: Identity) -> Spool:
    """A body that arrived whole. (Its payload hash was checked with the signature.)"""
    if not chunked.is_chunked(request):
        return Spool(request.body)
    content, trailers = chunked.decode(request, request.body, seed_of(cloud, tx, request, route))
    request.trailers |= trailers
    return Spool(content, trailers=trailers)


def seed_of(cloud: Cloud, tx: Transaction, request: Request, route: Route) -> Seed | None:
    """What the signatures of chunks are chained to: the request's own, which was verified before."""
    authorization = request.headers.get("authorization")
    if authorization is None:
        return None
    signed = read_header(request, authorization, "s3")
    scope = signed.scope
    return Seed(signed, credentials.find(cloud, tx, scope.key, signed.token, "s3", scope.service, scope.region).secret)


async def spooled(cloud: Cloud, request: Request, route: Route, identity: Identity) -> Spool:
    """A large body, into a file of the store; its digests are computed on the way."""
    assert request.stream is not None
    source: AsyncIterator[bytes] = aiter(request.stream)
    payload = request.headers.get("x-amz-content-sha256", "")
    decoder: Decoder | None = None
    if chunked.is_chunked(request):
        seed: Seed | None = await cloud.store.run(lambda tx: seed_of(cloud, tx, request, route))
        out: list[bytes] = []
        decoder = Decoder(request, seed, out.append)
        source = chunked.stream(request, request.stream, decoder, out)
    sums = digests.Digests(digests.wanted(request, route.op.service, payload))
    path = cloud.store.blobs.temporary()
    try:
        size = await _write(path, source, sums, cloud.store.blobs.sync)
        told = sums.told()
        _check(request, route, payload, told)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        raise
    trailers = decoder.trailers if decoder is not None else {}
    request.trailers |= trailers
    return Spool(None, path, size, told, trailers)


async def _write(path: str, source: AsyncIterator[bytes], sums: digests.Digests,
                 durable: Callable[[str, int], None]) -> int:
    """Gather, digest and write, one block at a time, and make them durable; how many bytes there were."""
    size = gathered = 0
    block: list[bytes] = []
    loop = asyncio.get_running_loop()

    def put(data: bytes) -> asyncio.Future[Any]:
        """Digest and write at the same time: one takes about as long as the other."""
        return asyncio.gather(loop.run_in_executor(None, sums.update, data), loop.run_in_executor(None, file.write, data))

    writing: asyncio.Future[Any] | None = None           # the block before: written while the next one arrives
    with open(path, "wb") as file:  # noqa: ASYNC230  (opened at once; written in a thread)
        try:
            async for data in source:
                block.append(data)
                gathered += len(data)
                if gathered >= _WRITE:
                    size += gathered
                    whole, block, gathered = b"".join(block), [], 0
                    if writing is not None:
                        await writing
                    writing = put(whole)
        finally:
            if writing is not None:
                await writing
        if block:
            await put(b"".join(block))
        file.flush()
        await asyncio.to_thread(durable, path, file.fileno())     # else the commit that keeps it would wait for the disk
    return size + gathered


def _check(request: Request, route: Route, payload: str, told: dict[str, str]) -> None:
    """The hash that was signed must be the body's; where none was sent, it is the one to verify the signature with."""
    found = told.get("sha256", "")
    if len(payload) == 64 and payload != found:
        raise faults.wrong_payload(faults.kind_of(route.op.service, route.op.protocol), payload, found)
    if not payload and route.op.service != "s3":
        request.headers["x-amz-content-sha256"] = found


async def read(request: Request, most: int) -> bytes:
    """A body that an operation has to parse, whole."""
    assert request.stream is not None
    out, size = [], 0
    async for chunk in request.stream:
        size += len(chunk)
        if size > most:
            raise error.RequestEntityTooLargeException("Request size limit exceeded", 413)
        out.append(chunk)
    return b"".join(out)


async def events(request: Request) -> AsyncIterator[bytes]:
    """The bytes of an event stream in a request, as they come; the wire reads events out of them. (The signatures of signed
    events are not checked: the request's own is.)"""
    if request.stream is None:
        yield request.body
        return
    async for chunk in request.stream:
        yield chunk
