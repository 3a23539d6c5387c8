"""Functions that APIs of any kind ask, as integrations or authorizers: which is meant, and what it says."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from ...kernel import AwsError, Call, parse_arn, principals

_INVOCATIONS = re.compile(r"arn:[^:]+:apigateway:[^:]*:lambda:path/[^/]+/functions/(.+)/invocations")
_VARIABLE = re.compile(r"\$\{stageVariables\.(\w+)\}")
_SESSION = "BackplaneAssumeRoleSession"


def resolved(text: str, variables: Mapping[str, str]) -> str:
    """An address with its stage variables: `${stageVariables.name}`."""
    return _VARIABLE.sub(lambda found: variables.get(found[1], ""), text)


def function_of(uri: str, variables: Mapping[str, str]) -> str:
    """The function that an address means: its ARN, or the path by which API Gateway invokes it."""
    uri = resolved(uri, variables)
    found = _INVOCATIONS.fullmatch(uri)
    return found[1] if found is not None else uri


async def ask(call: Call, function: str, payload: bytes, source: str, role: str | None, seconds: float,
              later: bool = False) -> tuple[str, bytes]:
    """What went wrong in the function ("" nothing), and what it answered. source: the ARN on whose behalf.  later: it is not
    waited for. Raises TimeoutError, and AwsError when it cannot be asked."""
    result = await call.run(_begun, function, payload, source, role, later)
    if not isinstance(result, dict):
        invocation = asyncio.ensure_future(_awaited(result))         # it goes on when nobody waits any more
        if not (await asyncio.wait((invocation,), timeout=seconds))[0]:
            invocation.add_done_callback(lambda task: task.cancelled() or task.exception())
            raise TimeoutError
        result = invocation.result()
    return result.get("FunctionError") or "", result.get("Payload") or b""


async def _awaited(started: Any) -> dict[str, Any]:
    return dict(await started)


def _begun(call: Call, function: str, payload: bytes, source: str, role: str | None, later: bool) -> Any:
    found = parse_arn(function)
    if found is None:
        raise AwsError("BadRequestException", f"Invalid Lambda function path specified for URI: {function}", 400)
    peers = call.as_service(source, found.account, found.region)
    if role:
        acting = principals.acting.as_role(call, role, _SESSION, found.account, found.region)
        if acting is None:
            raise AwsError("UnauthorizedException",
                           f"API Gateway does not have permission to assume the provided role {role}", 401)
        peers = acting
    return getattr(peers, "lambda").invoke(FunctionName=function, InvocationType="Event" if later else "RequestResponse",
                                           Payload=payload)
