"""Open WebSockets: the driver. Who is connected, and the way to each.

A connection lives in this process's memory, as its socket does: when the process ends there are none.
"""

from __future__ import annotations

import asyncio
from typing import Any

from ...kernel.cloud import Cloud
from ...kernel.http.message import WebSocket


class Live:
    """One connection. connected, active: virtual seconds.  client, agent: whose it is.  code, reason: how it was ended here."""

    __slots__ = ("account", "active", "agent", "api", "client", "code", "connected", "id", "reason", "region", "socket",
                 "stage")

    def __init__(self, id: str, api: str, stage: str, account: str, region: str, now: float, client: str, agent: str) -> None:
        self.id, self.api, self.stage, self.account, self.region = id, api, stage, account, region
        self.connected = self.active = now
        self.client, self.agent = client, agent
        self.socket: WebSocket | None = None           # not before it is accepted
        self.code, self.reason = 1005, ""              # 1005: the client gave none

    async def end(self, code: int, reason: str) -> None:
        """Say goodbye."""
        self.code, self.reason = code, reason
        if self.socket is not None:
            await self.socket.close(code, reason)


class Sockets:
    """All open connections of one cloud. Use it on the event loop only."""

    def __init__(self, cloud: Cloud) -> None:
        self._open: dict[str, Live] = {}

    def add(self, live: Live) -> None:
        self._open[live.id] = live

    def get(self, id: str) -> Live | None:
        """An open connection by its id."""
        return self._open.get(id)

    def remove(self, live: Live) -> None:
        self._open.pop(live.id, None)

    async def forget(self, account: str | None, region: str | None) -> None:
        """Those of whose state goes are ended."""
        await self._end([live for live in self._open.values()
                         if account in (None, live.account) and region in (None, "", live.region)])

    def status(self) -> dict[str, Any]:
        return {"open": len(self._open)}

    async def close(self) -> None:
        await self._end(list(self._open.values()))

    async def _end(self, those: list[Live]) -> None:
        await asyncio.gather(*(live.end(1001, "Going away") for live in those), return_exceptions=True)
