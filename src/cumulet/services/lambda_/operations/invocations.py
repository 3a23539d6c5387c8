"""Invocations: a function is given an event, and its caller what comes of it."""

from __future__ import annotations

import base64
from typing import Any

import msgspec

from cumulet.drivers.functions.contract import Invocation, RuntimeProblem, Throttled
from cumulet.drivers.functions.driver import Functions
from cumulet.kernel import Call, error, operation

from ..deployments import Found, find, prepare

MOST_SYNC, MOST_ASYNC = 6_291_456, 1_048_576


@operation
async def invoke(call: Call, FunctionName: str, InvocationType: str = "RequestResponse", LogType: str = "None",
                 ClientContext: str | None = None, Payload: bytes = b"", Qualifier: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html"""
    payload = checked(Payload, MOST_ASYNC if InvocationType == "Event" else MOST_SYNC)
    found: Found = await call.run(find, FunctionName, Qualifier)
    if InvocationType == "DryRun":
        return {"StatusCode": 204}
    if InvocationType == "Event":
        raise error.NotImplemented("Invoke does not honour InvocationType Event yet.", 501)
    invocation = Invocation(call.request_id, payload, found.arn, _context(ClientContext), trace(call))
    try:
        outcome = await call.driver(Functions).invoke(found.deployment, invocation, lambda: prepare(call, found))
    except Throttled as full:
        raise too_many(str(full)) from full
    except RuntimeProblem as problem:
        raise error.InvalidRuntimeException(str(problem)) from problem
    return {"StatusCode": 200, "FunctionError": outcome.error or None, "ExecutedVersion": found.deployment.version,
            "LogResult": base64.b64encode(outcome.log).decode() if LogType == "Tail" else None, "Payload": outcome.payload}


def checked(payload: bytes, most: int) -> bytes:
    """An event that can be given to a function; nothing is an empty object."""
    if len(payload) > most:
        raise error.RequestTooLargeException(
            f"{len(payload)} byte payload is too large for the InvocationType (limit {most} bytes)")
    if not payload:
        return b"{}"
    try:
        msgspec.json.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise error.InvalidRequestContentException(f"Could not parse request body into json: {problem}") from None
    return payload


def _context(given: str | None) -> str:
    """The caller's context, as the Runtime API hands it on: JSON in one line."""
    if not given:
        return ""
    try:
        return msgspec.json.format(base64.b64decode(given, validate=True), indent=-1).decode()
    except (ValueError, msgspec.DecodeError):
        raise error.InvalidRequestContentException("Client context must be a valid Base64-encoded JSON object.") from None


def trace(call: Call) -> str:
    """The caller's trace, or a new one that nobody samples."""
    given = call.request.headers.get("x-amzn-trace-id", "") if call.request is not None else ""
    if given:
        return given
    return f"Root=1-{int(call.now):08x}-{call.token(24)};Parent={call.token(16)};Sampled=0"


def too_many(reason: str) -> Exception:
    """A throttled invocation, in AWS's words."""
    return error.TooManyRequestsException("Rate Exceeded.", 429, Reason=reason, Type="User", retryAfterSeconds="1")
