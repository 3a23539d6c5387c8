"""WebSocket APIs: connections, their messages, and what goes back.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-overview.html
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

from cumulet.drivers.sockets.driver import Live, Sockets
from cumulet.kernel import Call, doors

from . import authorizing, frames, mapping, requests
from .background import IDLE, idle
from .frames import Message
from .functions import Failed
from .requests import Asked, refusal
from .resources import Route

MOST = 131_072                         # bytes of a message
_AT_ONCE = 100                         # messages of one connection that are answered at the same time
_ID = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


async def answer(call: Call, visit: doors.Visit, asked: Asked) -> doors.Reply | doors.Upgrade:
    """A client wants to connect."""
    if "websocket" not in visit.request.headers.get("upgrade", "").lower():
        return refusal(426, "Upgrade Required", (("Upgrade", "websocket"),))
    live = Live(call.token(15, _ID) + "=", asked.api.ApiId, asked.stage.StageName, call.account, call.region, call.now,
                visit.request.client, visit.request.headers.get("user-agent", ""))
    asked.route = _route(asked, "$connect")
    headers: list[tuple[str, str]] = []
    if asked.route is not None:
        refused = await authorizing.refused(call, asked)
        if refused is not None:
            return refused
        reply = await _answered(call, asked, Message(live, "$connect", "CONNECT"))
        if reply is None:
            return refusal(502, "Internal server error")
        if not 200 <= reply.status < 300:
            return reply
        headers = [pair for pair in reply.headers if pair[0].lower() == "sec-websocket-protocol"]
    return doors.Upgrade(lambda socket: run(call, asked, live, socket), headers)


async def run(call: Call, asked: Asked, live: Live, socket: doors.WebSocket) -> None:
    """A connection, until either side ends it."""
    sockets = call.driver(Sockets)
    live.socket = socket
    sockets.add(live)
    await call.run(arm, live.id, live.connected + IDLE)
    answering: set[asyncio.Task[None]] = set()
    try:
        while (message := await socket.receive()) is not None:
            live.active = call.cloud.clock.now()
            if len(message if isinstance(message, bytes) else message.encode()) > MOST:
                await live.end(1009, "Message too big")
                break
            if len(answering) >= _AT_ONCE:
                await asyncio.wait(answering, return_when=asyncio.FIRST_COMPLETED)
            task = asyncio.ensure_future(_heard(call, asked, live, message))
            answering.add(task)
            task.add_done_callback(answering.discard)
    finally:
        sockets.remove(live)
        await call.run(disarm, live.id)
    await _ended(call, asked, live)


def arm(call: Call, id: str, when: float) -> None:
    """Look at the time whether the connection idles."""
    call.at(when, idle, name=id, connection=id)


def disarm(call: Call, id: str) -> None:
    call.cancel(idle, id)


async def _ended(call: Call, asked: Asked, live: Live) -> None:
    """Tell the route `$disconnect`, as well as that goes."""
    fresh = await call.run(_again, asked)
    if fresh is None:
        return
    fresh.route = _route(fresh, "$disconnect")
    if fresh.route is not None:
        await _answered(call, fresh, Message(live, "$disconnect", "DISCONNECT"))


async def _heard(call: Call, asked: Asked, live: Live, data: str | bytes) -> None:
    """One message: its route, the integration, and the answer if the route has one."""
    fresh = await call.run(_again, asked)
    if fresh is None:
        await live.end(1001, "Going away")
        return
    body = data.encode() if isinstance(data, str) else data
    fresh.visit.request.body = body
    message = Message(live, "", "MESSAGE", body, isinstance(data, bytes), call.cloud.chance.uuid())
    key = mapping.value(fresh.api.RouteSelectionExpression, fresh.source())
    fresh.route = _route(fresh, key) or _route(fresh, "$default")
    if fresh.route is None:
        await _tell(live, _problem("Forbidden", message, fresh))
        return
    message = message._replace(key=fresh.route.RouteKey)
    if not frames.fits_model(fresh, body):
        await _tell(live, _problem("Invalid request body", message, fresh))
        return
    reply = await _answered(call, fresh, message)
    if reply is None:
        await _tell(live, _problem("Internal server error", message, fresh))
    elif _answers(fresh) and isinstance(reply.body, bytes) and reply.body:
        await _tell(live, reply.body)


def _again(call: Call, asked: Asked) -> Asked | None:
    """The request that began the connection, as of now: what the stage serves may have changed. None: it is gone."""
    visit = asked.visit
    first = visit.request
    again = type(first)(first.method, first.target, first.headers, b"", None, first.scheme, first.client)
    fresh = requests.look(call, doors.Visit(cloud=visit.cloud, request=again, name=visit.name, stage=asked.stage.StageName))
    if fresh is not None:
        fresh.authorizer = asked.authorizer
    return fresh


def _route(asked: Asked, key: str) -> Route | None:
    return next((route for route in asked.content.routes if route.RouteKey == key), None)


def _answers(asked: Asked) -> bool:
    """Does the route answer its messages?"""
    route = asked.route
    return route is not None and bool(route.RouteResponseSelectionExpression) and any(
        response.RouteId == route.RouteId for response in asked.content.route_responses)


async def _answered(call: Call, asked: Asked, message: Message) -> doors.Reply | None:
    """What the integration says; None when it failed."""
    try:
        return await frames.answer(call, asked, message)
    except Failed:
        return None


def _problem(said: str, message: Message, asked: Asked) -> bytes:
    return json.dumps({"message": said, "connectionId": message.live.id, "requestId": asked.id}).encode()


async def _tell(live: Live, data: bytes) -> None:
    """To the client, as text where it is that."""
    if live.socket is None:
        return
    try:
        await live.socket.send(text(data))
    except ConnectionResetError:                         # it has gone meanwhile
        return


def text(data: bytes) -> Any:
    """Text where the bytes are UTF-8; else as they are."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data
