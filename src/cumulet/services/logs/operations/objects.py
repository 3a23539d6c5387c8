"""Large log objects: what is too much for an event."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import largeobjects

_PIECE = 256 * 1024                    # bytes of one event of the stream


@operation
async def get_log_object(call: Call, logObjectPointer: str, unmask: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogObject.html"""
    data = await call.run(largeobjects.content, logObjectPointer, unmask)
    if data is None:
        raise error.ResourceNotFoundException("The specified log object does not exist.")
    return {"fieldStream": _pieces(data)}


async def _pieces(data: bytes) -> AsyncIterator[dict[str, Any]]:
    for start in range(0, len(data), _PIECE):
        yield {"fields": {"data": data[start:start + _PIECE]}}
