"""Connections in policies: who may reach a client is said by the API, the stage and the method."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.drivers.sockets.driver import Sockets
from cumulet.kernel import Call

_METHODS = {"PostToConnection": "POST", "GetConnection": "GET", "DeleteConnection": "DELETE"}


def targets(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html"""
    method = _METHODS.get(call.operation)
    if method is None:
        return None
    live = call.driver(Sockets).get(str(members.get("ConnectionId", "")))
    if live is None:
        return [("", "*")]
    return [("", f"arn:aws:execute-api:{live.region}:{live.account}:{live.api}/{live.stage}/{method}/@connections/{live.id}")]
