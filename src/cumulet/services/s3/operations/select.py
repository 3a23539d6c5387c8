"""SQL over one object, answered as a stream of events."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import bodies, contents, restoring, sealing, versions
from ..buckets import bucket_in_use
from ..ciphers import Keys
from ..resources import Piece, seal_of
from ..select import grammar, wishes
from ..select.faults import refused
from ..select.running import Running

_PATIENCE = 5                                    # seconds after which a client is told to go on waiting
_NOT_READ = frozenset({"GLACIER", "DEEP_ARCHIVE", "REDUCED_REDUNDANCY"})
_ATTEMPTS = 4
Found = tuple[list[Piece], Keys, int]


@operation
async def select_object_content(call: Call, Bucket: str, Key: str, Expression: str, ExpressionType: str,
                                InputSerialization: dict[str, Any], OutputSerialization: dict[str, Any],
                                RequestProgress: dict[str, Any] | None = None, ScanRange: dict[str, Any] | None = None,
                                SSECustomerAlgorithm: str | None = None, SSECustomerKey: str | None = None,
                                SSECustomerKeyMD5: str | None = None,
                                ExpectedBucketOwner: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_SelectObjectContent.html"""
    if ExpressionType != "SQL":
        raise refused("InvalidExpressionType")
    reading, writing = wishes.reading(InputSerialization), wishes.writing(OutputSerialization)
    query = grammar.parse(Expression)
    secret = sealing.customer(SSECustomerAlgorithm, SSECustomerKey, SSECustomerKeyMD5)
    for _ in range(_ATTEMPTS):
        pieces, keys, size = await call.run(_found, Bucket, Key, ExpectedBucketOwner, secret)
        window = wishes.scan_range(ScanRange, reading, size)
        running = Running(query, reading, writing, window, call.now, call.blobs.temporary())
        beginning = asyncio.ensure_future(asyncio.to_thread(running.begin, bodies.chunks(call, pieces, keys)))
        try:
            first = await asyncio.shield(beginning)
        except FileNotFoundError:                # it was written over meanwhile
            running.close()
            continue
        except BaseException:
            _close_after(running, beginning)
            raise
        return {"Payload": _events(running, first, bool((RequestProgress or {}).get("Enabled")))}
    raise error.named("Busy", "The service is unavailable. Try again later.", 503)


def _found(call: Call, name: str, key: str, expected_owner: str | None, secret: sealing.CustomerKey) -> Found:
    """Where the object's bytes are, and what opens them."""
    row = versions.find(call, bucket_in_use(call, name, expected_owner), key, None)
    seal = seal_of(row)
    sealing.check(seal, secret)
    if contents.storage_class(row.facts) in _NOT_READ or not restoring.is_readable(row, call.now):
        raise refused("UnsupportedStorageClass")
    return bodies.pieces(call, row, 0, row.size), sealing.opened(call, seal, secret), row.size


async def _events(running: Running, first: bytes | None, progress: bool) -> AsyncIterator[dict[str, Any]]:
    """The records as they come, what was read for them, and the end."""
    coming: asyncio.Future[bytes | None] | None = None
    try:
        found = first
        while found is not None:
            yield {"Records": {"Payload": found}}
            if progress:
                yield {"Progress": {"Details": _so_far(running)}}
            coming = asyncio.ensure_future(asyncio.to_thread(running.more))
            while not (await asyncio.wait({coming}, timeout=_PATIENCE))[0]:
                yield {"Cont": {}}
            found = coming.result()
        yield {"Stats": {"Details": _so_far(running)}}
        yield {"End": {}}
    finally:
        _close_after(running, coming)


def _close_after(running: Running, work: asyncio.Future[bytes | None] | None) -> None:
    """Close a query when its thread is done with it."""
    def close(done: asyncio.Future[bytes | None]) -> None:
        done.exception()                         # nobody waits for it any more
        running.close()

    if work is None or work.done():
        running.close()
    else:
        work.add_done_callback(close)


def _so_far(running: Running) -> dict[str, int]:
    return {"BytesScanned": running.scanned, "BytesProcessed": running.processed, "BytesReturned": running.returned}
