"""Invocations whose response comes in pieces, as the function writes them."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

from cumulet.drivers.functions.contract import Invocation, Outcome, RuntimeProblem, Throttled
from cumulet.drivers.functions.driver import Functions
from cumulet.kernel import Call, error, operation

from .. import lineage, measuring
from ..deployments import Found, find
from .invocations import MOST_SYNC, checked, context, too_many


@operation
def invoke_with_response_stream(call: Call, FunctionName: str, InvocationType: str = "RequestResponse", LogType: str = "None",
                                ClientContext: str | None = None, Payload: bytes = b"", Qualifier: str | None = None) -> Any:
    """https://docs.aws.amazon.com/lambda/latest/api/API_InvokeWithResponseStream.html"""
    payload = checked(Payload, MOST_SYNC)
    found = find(call, FunctionName, Qualifier)
    if InvocationType == "DryRun":
        return {"StatusCode": 204}
    if found.durable is not None:
        raise error.InvalidParameterValueException("Response streaming is not supported for durable functions.")
    trace = found.admit(lineage.header(call, found.traced))
    invocation = Invocation(call.request_id, payload, found.arn, context(ClientContext), trace)
    return call.then(_run, found, invocation, LogType)


async def _run(call: Call, found: Found, invocation: Invocation, log_type: str) -> dict[str, Any]:
    """Once the first piece is there, or the end."""
    pieces: asyncio.Queue[bytes] = asyncio.Queue()
    running = call.driver(Functions).spawn(measuring.invoke(call, found, invocation, pieces.put_nowait))
    first = asyncio.ensure_future(pieces.get())
    await asyncio.wait({running, first}, return_when=asyncio.FIRST_COMPLETED)
    if not first.done():
        first.cancel()
        try:
            running.result()
        except Throttled as full:
            raise too_many(str(full)) from full
        except RuntimeProblem as problem:
            raise error.InvalidRuntimeException(str(problem)) from problem
    begun = first.result() if first.done() and not first.cancelled() else b""
    return {"StatusCode": 200, "ExecutedVersion": found.deployment.version,
            "EventStream": _events(running, begun, pieces, log_type == "Tail"),
            "ResponseStreamContentType": "application/vnd.amazon.eventstream"}


async def _events(running: asyncio.Task[Outcome], first: bytes, pieces: asyncio.Queue[bytes],
                  tail: bool) -> AsyncIterator[dict[str, Any]]:
    streamed = bool(first)
    if first:
        yield {"PayloadChunk": {"Payload": first}}
    while not (running.done() and pieces.empty()):
        following = asyncio.ensure_future(pieces.get())
        await asyncio.wait({running, following}, return_when=asyncio.FIRST_COMPLETED)
        if following.done():
            streamed = True
            yield {"PayloadChunk": {"Payload": following.result()}}
        else:
            following.cancel()
    outcome = running.result()
    end: dict[str, Any] = {}
    if outcome.error:
        end = {"ErrorCode": outcome.error, "ErrorDetails": outcome.payload.decode("utf-8", "replace")}
    elif not streamed and outcome.payload:
        yield {"PayloadChunk": {"Payload": outcome.payload}}
    if tail:
        end["LogResult"] = base64.b64encode(outcome.log).decode()
    yield {"InvokeComplete": end}
