"""`cumulet stop`."""

from __future__ import annotations

import time

import click

from ..base import Output, TimedOut, endpoint_option
from ..base import command as declare
from ..launch import alive
from ..remote import Remote, remote


@declare("stop", short_help="End the server; what runs is finished first.")
@endpoint_option
@click.option("--timeout", type=float, default=30.0, metavar="SECONDS", show_default=True, help="How long to wait for its end.")
def command(out: Output, endpoint: str | None, timeout: float) -> None:
    """End the server. What runs is finished first; all that was acknowledged is on disk."""
    server = remote(endpoint)
    end(server, timeout)
    out.show({"stopped": server.endpoint}, lambda: f"○ stopped   {server.endpoint}")


def end(server: Remote, timeout: float) -> None:
    """Stop a server and wait until its process is gone."""
    pid = int(server.get("/_cumulet/status")["pid"])
    server.post("/_cumulet/stop")
    deadline = time.monotonic() + timeout
    local = server.running is not None and server.running.pid == pid
    while alive(pid) if local else server.answers():
        if time.monotonic() > deadline:
            raise TimedOut(f"The server (pid {pid}) has not ended within {timeout:g} s.", f"End it now:  kill -9 {pid}")
        time.sleep(0.02)
