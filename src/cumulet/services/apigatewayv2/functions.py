"""Functions that APIs ask: integrations and authorizers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

import orjson

from cumulet.kernel import AwsError, Call, parse_arn, principals

_INVOCATIONS = re.compile(r"arn:[^:]+:apigateway:[^:]*:lambda:path/[0-9-]+/functions/(.+)/invocations")
_VARIABLE = re.compile(r"\$\{stageVariables\.(\w+)\}")


class Failed(Exception):
    """No answer that could be handed on. late: none came in time."""

    def __init__(self, reason: str, late: bool = False) -> None:
        super().__init__(reason)
        self.late = late


def resolved(text: str, variables: Mapping[str, str]) -> str:
    """An address with its stage variables."""
    return _VARIABLE.sub(lambda found: variables.get(found[1], ""), text)


def function_of(uri: str, variables: Mapping[str, str]) -> str:
    """The function that an address means: its ARN, or the path by which API Gateway invokes it."""
    uri = resolved(uri, variables)
    found = _INVOCATIONS.fullmatch(uri)
    return found[1] if found is not None else uri


async def ask(call: Call, uri: str, event: Mapping[str, Any], arn: str, credentials: str | None, seconds: float,
              variables: Mapping[str, str]) -> bytes:
    """What a function gives for an event. arn: of the route or authorizer on whose behalf."""
    try:
        started = await call.run(_begun, function_of(uri, variables), orjson.dumps(event), arn, credentials)
        answer = await asyncio.wait_for(asyncio.shield(asyncio.ensure_future(_awaited(started))), seconds)
    except TimeoutError:
        raise Failed(f"The function did not answer within {seconds} s", late=True) from None
    except AwsError as problem:
        raise Failed(f"{problem.code}: {problem.message}") from problem
    payload: bytes = answer["Payload"]
    if answer.get("FunctionError"):
        raise Failed(_said(payload))
    return payload


def _said(payload: bytes) -> str:
    """The message of a function's error."""
    try:
        return str(orjson.loads(payload)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return "The function failed"


async def _awaited(started: Any) -> dict[str, Any]:
    return dict(await started)


def _begun(call: Call, function: str, payload: bytes, arn: str, credentials: str | None) -> Any:
    found = parse_arn(function)
    if found is None:
        raise AwsError("InvalidParameterValueException", f"{function} is no function", 400)
    peers = call.as_service(arn, region=found.region)
    if credentials:
        acting = principals.acting.as_role(call, credentials, "apigateway", region=found.region)
        if acting is None:
            raise AwsError("AccessDeniedException", f"The role {credentials} cannot be assumed", 403)
        peers = acting
    return getattr(peers, "lambda").invoke(FunctionName=function, Payload=payload)
