"""Listening for syslog, as long as groups are configured for it."""

from __future__ import annotations

from functools import partial

from cumulet.drivers.syslog.driver import Syslog
from cumulet.kernel import Call, task

from . import syslogging


@task(retries=10)
async def listen(call: Call) -> None:
    """Listen at the endpoints that groups are configured for, now and after each start."""
    wanted = await call.run(syslogging.wanted)
    ports = await call.driver(Syslog).keep(call.account, call.region, wanted, partial(syslogging.deliver, call))
    await call.run(syslogging.remember, ports)
