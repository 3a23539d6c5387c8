"""Invocations: a function is given an event, and its caller what comes of it."""

from __future__ import annotations

import base64
import json
from typing import Any

import msgspec

from cumulet.drivers.functions.contract import Invocation, RuntimeProblem, Throttled
from cumulet.kernel import Call, error, operation

from .. import lineage, measuring
from ..deployments import Found, find
from ..draining import accept
from ..durable.executions import Wanted, begin
from ..durable.rows import Execution
from ..durable.waiters import ended
from ..resources import Event

MOST_SYNC, MOST_ASYNC = 6_291_456, 1_048_576


@operation
def invoke(call: Call, FunctionName: str, InvocationType: str = "RequestResponse", LogType: str = "None",
           ClientContext: str | None = None, Payload: bytes = b"", Qualifier: str | None = None,
           DurableExecutionName: str | None = None) -> Any:
    """https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html"""
    payload = checked(Payload, MOST_ASYNC if InvocationType == "Event" else MOST_SYNC)
    found = find(call, FunctionName, Qualifier)
    if InvocationType == "DryRun":
        return {"StatusCode": 204}
    if found.durable is not None:
        return _durable(call, found, payload, DurableExecutionName or "", InvocationType == "RequestResponse")
    if DurableExecutionName:
        raise error.InvalidParameterValueException("DurableExecutionName is only supported for durable functions.")
    if InvocationType == "Event":
        queue(call, found, payload)
        return {"StatusCode": 202}
    trace = found.admit(lineage.header(call, found.traced))
    invocation = Invocation(call.request_id, payload, found.arn, context(ClientContext), trace)
    return call.then(_run, found, invocation, LogType)


async def _run(call: Call, found: Found, invocation: Invocation, log_type: str) -> dict[str, Any]:
    """What comes of an event, for who waits for it."""
    try:
        outcome = await measuring.invoke(call, found, invocation)
    except Throttled as full:
        raise too_many(str(full)) from full
    except RuntimeProblem as problem:
        raise error.InvalidRuntimeException(str(problem)) from problem
    return {"StatusCode": 200, "FunctionError": outcome.error or None, "ExecutedVersion": found.deployment.version,
            "LogResult": base64.b64encode(outcome.log).decode() if log_type == "Tail" else None, "Payload": outcome.payload}


def _durable(call: Call, found: Found, payload: bytes, name: str, synchronous: bool) -> Any:
    """An execution is begun, and waited for if somebody does."""
    here = call.elsewhere(found.deployment.account, found.deployment.region)
    row = begin(here, found, Wanted(payload.decode(), name, lineage.header(call, found.traced), synchronous))
    if not synchronous:
        return {"StatusCode": 202, "DurableExecutionArn": row.arn}
    return call.then(_execution, found, row)


async def _execution(call: Call, found: Found, row: Execution) -> dict[str, Any]:
    outcome = await ended(call, found, row.id)
    return {"StatusCode": 200, "FunctionError": outcome.error or None, "ExecutedVersion": row.version,
            "DurableExecutionArn": row.arn, "Payload": outcome.payload}


@operation
def invoke_async(call: Call, FunctionName: str, InvokeArgs: Any) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_InvokeAsync.html"""
    payload = InvokeArgs if isinstance(InvokeArgs, bytes) else InvokeArgs.read()
    queue(call, find(call, FunctionName), checked(payload, MOST_ASYNC))
    return {"Status": 202}


def queue(call: Call, found: Found, payload: bytes) -> None:
    """Keep an event until the function has had it."""
    here = call.elsewhere(found.deployment.account, found.deployment.region)
    request = call.request_id if call.request is not None else call.uuid()
    accept(here, Event(due=call.now, arn=found.arn, request=request, payload=payload, accepted=call.now,
                       trace=lineage.header(call, found.traced)))


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


def context(given: str | None) -> str:
    """The caller's context, as the Runtime API hands it on: JSON in one line."""
    if not given:
        return ""
    try:
        return json.dumps(json.loads(base64.b64decode(given, validate=True)), separators=(",", ":"))
    except ValueError:
        raise error.InvalidRequestContentException("Client context must be a valid Base64-encoded JSON object.") from None


def too_many(reason: str) -> Exception:
    """A throttled invocation, in AWS's words."""
    return error.TooManyRequestsException("Rate Exceeded.", 429, Reason=reason, Type="User", retryAfterSeconds="1")
