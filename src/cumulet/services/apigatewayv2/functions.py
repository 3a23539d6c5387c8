"""Functions that HTTP and WebSocket APIs ask: integrations and authorizers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from cumulet.drivers.functions import asking
from cumulet.kernel import AwsError, Call


class Failed(Exception):
    """No answer that could be handed on. late: none came in time."""

    def __init__(self, reason: str, late: bool = False) -> None:
        super().__init__(reason)
        self.late = late


async def ask(call: Call, uri: str, event: Mapping[str, Any], arn: str, credentials: str | None, seconds: float,
              variables: Mapping[str, str]) -> bytes:
    """What a function gives for an event. arn: of the route or authorizer on whose behalf."""
    try:
        error, payload = await asking.ask(call, asking.function_of(uri, variables), orjson.dumps(event), arn, credentials,
                                          seconds)
    except TimeoutError:
        raise Failed(f"The function did not answer within {seconds} s", late=True) from None
    except AwsError as problem:
        raise Failed(f"{problem.code}: {problem.message}") from problem
    if error:
        raise Failed(_said(payload))
    return payload


def _said(payload: bytes) -> str:
    """The message of a function's error."""
    try:
        return str(orjson.loads(payload)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return "The function failed"
