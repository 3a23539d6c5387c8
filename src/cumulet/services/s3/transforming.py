"""Requests through Object Lambda access points: a function is given the request, and what it answers goes to who asked.

GetObject waits for the function's WriteGetObjectResponse; the answer to the others is what the function returns.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-writing-lambda.html
"""

from __future__ import annotations

import json
from typing import Any

from cumulet.drivers.functions.driver import Functions
from cumulet.kernel import AwsError, Call, error, not_implemented

from . import bodies, entrances, lambda_entrances, lambda_events, lambda_results
from .faults import access_denied
from .lambda_entrances import LambdaEntrance
from .resources import Piece, Transformed

_PATIENCE = 60.0                        # seconds that a function has for its answer
_TOLD = 1024                            # bytes of a function's error, at most
_SENTENCES = {
    "ResourceNotFoundException": ("LambdaNotFound", 404), "AccessDeniedException": ("LambdaPermissionError", 403),
    "TooManyRequestsException": ("SlowDown", 503)}
_TIMEOUT = ("LambdaTimeout",
            "The Lambda function failed to complete its call to WriteGetObjectResponse within 60 seconds.", 500)
_SILENT = ("LambdaResponseNotReceived", "The Lambda exited without successfully calling WriteGetObjectResponse.", 500)


def begun(call: Call, name: str, key: str | None = None, window: str | None = None, number: int | None = None) -> Any:
    """What an operation returns where `name` is such an access point and a function is configured for this; else None.

    window, number: the range or the part that is asked for.
    """
    point = lambda_entrances.find(call, name)
    if point is None or call.operation not in point.functions:
        return None
    if call.request is None:
        raise not_implemented("Object Lambda for requests of services")
    if call.principal.kind == "anonymous":
        raise access_denied()
    part = "Range" if window else "PartNumber" if number is not None else ""
    if part and f"{call.operation}-{part}" not in point.features:
        raise error.named("NotImplemented", "A header you provided implies functionality that is not implemented", 501,
                          Header=part)
    return call.then(_got if call.operation == "GetObject" else _returned, point, key)


# --- the function's own answer ----------------------------------------------------------------------------------------


async def _returned(call: Call, point: LambdaEntrance, key: str | None) -> dict[str, Any]:
    """HeadObject and the listings: the function returns what to answer."""
    payload = await _payload(await call.run(_invoke, point, key, ""))
    return lambda_results.headed(payload) if call.operation == "HeadObject" else lambda_results.listed(payload)


def _invoke(call: Call, point: LambdaEntrance, key: str | None, token: str) -> Any:
    """The function is invoked by its caller's rights; what this gives is awaited outside. token: of a GetObject."""
    behind = entrances.entrance(call, point.behind)
    if behind is None:
        raise error.named("NoSuchAccessPoint", "The specified accesspoint does not exist", 404)
    if token:
        _sweep(call.elsewhere(point.account), call.now - 2 * _PATIENCE)
        call.elsewhere(point.account).put(Transformed(token=token, arn=point.arn, made=call.now))
    event = lambda_events.event(call, point, behind.alias, key, token)
    as_caller = call.elsewhere()
    as_caller.via = (*call.via, lambda_events.PRINCIPAL)
    try:
        return getattr(as_caller.aws, "lambda").invoke(FunctionName=point.functions[call.operation][0],
                                                       Payload=json.dumps(event).encode())
    except AwsError as problem:
        raise _of_lambda(problem) from None


def _of_lambda(problem: AwsError) -> AwsError:
    """An error of Lambda's, as S3 tells it."""
    code, status = _SENTENCES.get(problem.code, ("LambdaInvocationFailed", 400))
    return error.named(code, f"{problem.message} (Service: AWSLambda; Error Code: {problem.code})", status)


async def _payload(running: Any) -> bytes:
    """What the function returned. Raises LambdaRuntimeError where it failed."""
    try:
        outcome = await running
    except AwsError as problem:
        raise _of_lambda(problem) from None
    payload: bytes = outcome["Payload"]
    if outcome.get("FunctionError"):
        said = payload[:_TOLD].decode("utf-8", "replace")
        raise error.named("LambdaRuntimeError", f"The Lambda function failed during execution: {said}", 500)
    return payload


# --- the answer that it writes ----------------------------------------------------------------------------------------


async def _got(call: Call, point: LambdaEntrance, key: str) -> dict[str, Any]:
    """GetObject: answered as soon as the function has written, whatever it does afterwards."""
    token = call.token(64)
    running = await call.run(_invoke, point, key, token)
    call.driver(Functions).spawn(_watched(call, point, token, running))
    found: dict[str, Any] | AwsError = await call.poll(_taken, point, token, seconds=_PATIENCE)
    if isinstance(found, AwsError):
        raise found
    return found


async def _watched(call: Call, point: LambdaEntrance, token: str, running: Any) -> None:
    """The function has ended: nothing will be written any more."""
    problem = _SILENT
    try:
        await _payload(running)
    except AwsError as failure:
        problem = (failure.code, failure.message, failure.status or 500)
    await call.run(_ended, point, token, problem)


def _ended(call: Call, point: LambdaEntrance, token: str, problem: tuple[str, str, int]) -> None:
    here = call.elsewhere(point.account)
    row = here.table(Transformed).get(token)
    if row is not None and row.said is None:
        here.table(Transformed).change(token, problem=problem)
        here.signal("transformed", token)


def _taken(call: Call, point: LambdaEntrance, token: str) -> dict[str, Any] | AwsError:
    """What was written, once; it is kept no longer."""
    patient, call = call.patient, call.elsewhere(point.account)
    row = call.table(Transformed).get(token)
    if row is not None and row.said is None and row.problem is None and patient:
        call.wait("transformed", token, seconds=_PATIENCE)
    if row is None or row.said is None:
        call.table(Transformed).delete(token)
        return error.named(*(row.problem if row is not None and row.problem is not None else _TIMEOUT))
    body = bodies.answer(call, [Piece(row.size, row.blob, 0, row.body or b"")])
    _forget(call, row)
    return lambda_results.written(row.said, row.size, body)


def written(call: Call, token: str) -> Transformed:
    """The request that waits for this answer, or ValidationError: a token counts once."""
    row = call.table(Transformed).get(token)
    if row is None or row.said is not None or row.problem is not None:
        raise error.named("ValidationError", "Invalid token", 400)
    return row


def point_of(call: Call, token: str) -> str:
    """The ARN of the access point that a token is of; "*" where it is of none."""
    row = call.table(Transformed).get(token)
    return row.arn if row is not None else "*"


def keep(call: Call, row: Transformed) -> None:
    """It is answered."""
    call.put(row)
    call.signal("transformed", row.token)


def _sweep(call: Call, before: float) -> None:
    """Answers that nobody took, for the process ended meanwhile."""
    for row in list(call.table(Transformed).iterate(index="made")):
        if row.made >= before:
            break
        _forget(call, row)


def _forget(call: Call, row: Transformed) -> None:
    if row.blob:
        call.blobs.drop(call.tx, row.blob)
    call.table(Transformed).delete(row.token)


def forget(call: Call) -> None:
    """All of an account's are gone, with their bytes."""
    for row in list(call.table(Transformed).iterate()):
        _forget(call, row)
