"""`cumulet status`."""

from __future__ import annotations

import time
from typing import Any

import click

from ..base import Output, endpoint_option
from ..base import command as declare
from ..remote import remote


@declare("status", short_help="Is it running, and how.")
@endpoint_option
@click.option("--watch", is_flag=True, help="Again every second, until Ctrl-C.")
def command(out: Output, endpoint: str | None, watch: bool) -> None:
    """Is the server running, where, with which settings, and which services are in use. Exit code 3 when none runs."""
    server = remote(endpoint)
    while True:
        status = server.get("/_cumulet/status")
        if watch and not out.json:
            click.clear()
        out.show(status, lambda status=status: _text(status))      # type: ignore[misc]
        if not watch:
            return
        time.sleep(1)


def _text(status: dict[str, Any]) -> str:
    state = "in memory" if status["ephemeral"] else status["data"] if status["store"] == "sqlite" else "postgres"
    clock = status["time"]
    shifted = " frozen" if clock["frozen"] else f" {clock['offset']:+,.0f} s" if abs(clock["offset"]) >= 1 else ""
    used = sorted(name for name, how in status["services"].items() if how == "running")
    rest = sorted(name for name, how in status["services"].items() if how != "running")
    lines = [f"● running   {status['endpoint']}   pid {status['pid']}   up {_span(status['uptime'])}   "
             f"{status['memory_mb']:.0f} MB",
             f"  iam {status['iam']}   auth {status['auth']}   account {status['account']}   region {status['region']}   "
             f"state {state}   speed {status['speed']}" + (f"   clock{shifted}" if shifted else ""),
             f"  {status['calls']:,} calls, {status['denied']:,} denied",
             f"  in use: {', '.join(used) or 'no service yet'}"]
    if rest:
        lines.append(f"  there:  {', '.join(rest)}")
    return "\n".join(lines)


def _span(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}h{minutes:02}m" if hours else f"{minutes}m{rest:02}s" if minutes else f"{rest}s"
