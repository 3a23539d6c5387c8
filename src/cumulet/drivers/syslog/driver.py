"""Listening for syslog: the driver. It has a port for each VPC endpoint that is listened at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ...kernel.cloud import Cloud
from .ear import HOST, Deliver, Ear


class Syslog:
    """All ports of one cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self._ears: dict[str, Ear] = {}
        self._one = asyncio.Lock()

    async def keep(self, account: str, region: str, wanted: dict[str, int],
                   deliver: Callable[[str], Deliver]) -> dict[str, int]:
        """In this account and region listen for these endpoints only, each at its port (0: any); the ports that they have."""
        async with self._one:
            for name, ear in list(self._ears.items()):
                if (ear.account, ear.region) == (account, region) and name not in wanted:
                    self._ears.pop(name).close()
            for name, port in wanted.items():
                if name not in self._ears or self._ears[name].closed:
                    ear = Ear(account, region, deliver(name))
                    await ear.open(port)
                    self._ears[name] = ear
            return {name: self._ears[name].port for name in wanted}

    async def forget(self, account: str | None, region: str | None) -> None:
        """Nobody listens for those whose state goes."""
        for name, ear in list(self._ears.items()):
            if account in (None, ear.account) and region in (None, "", ear.region):
                self._ears.pop(name).close()

    def status(self) -> dict[str, Any]:
        return {name: f"{HOST}:{ear.port}" for name, ear in self._ears.items()}

    async def close(self) -> None:
        await self.forget(None, None)
