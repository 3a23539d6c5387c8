"""Connections of WebSocket APIs, as backends reach them."""

from __future__ import annotations

from typing import Any

from cumulet.drivers.sockets.driver import Live, Sockets
from cumulet.kernel import Call, error, operation

from ..sockets import MOST, text


def _open(call: Call, id: str) -> Live:
    live = call.driver(Sockets).get(id)
    if live is None:
        raise error.GoneException("")
    return live


@operation
def post_to_connection(call: Call, Data: Any, ConnectionId: str) -> Any:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html"""
    live = _open(call, ConnectionId)
    data = Data if isinstance(Data, bytes) else Data.read()
    if len(data) > MOST:
        raise error.PayloadTooLargeException("Message too long")
    return call.then(_send, live, data)


async def _send(call: Call, live: Live, data: bytes) -> dict[str, Any]:
    assert live.socket is not None
    try:
        await live.socket.send(text(data))
    except ConnectionResetError:
        raise error.GoneException("") from None
    live.active = call.cloud.clock.now()
    return {}


@operation
def get_connection(call: Call, ConnectionId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html"""
    live = _open(call, ConnectionId)
    return {"ConnectedAt": live.connected, "LastActiveAt": live.active,
            "Identity": {"SourceIp": live.client, "UserAgent": live.agent}}


@operation
def delete_connection(call: Call, ConnectionId: str) -> Any:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-how-to-call-websocket-api-connections.html"""
    return call.then(_end, _open(call, ConnectionId))


async def _end(call: Call, live: Live) -> None:
    await live.end(1000, "Connection closed by server")
