"""`cumulet wait`."""

from __future__ import annotations

import time

import click

from ..base import Failure, NotRunning, Output, TimedOut, endpoint_option
from ..base import command as declare
from ..remote import Remote, remote


@declare("wait", short_help="Until the server answers.")
@endpoint_option
@click.option("--timeout", type=float, default=30.0, metavar="SECONDS", show_default=True, help="Then exit with code 4.")
@click.option("--service", multiple=True, metavar="NAME", help="Also make sure that this service is there.")
@click.option("--init", is_flag=True, help="Also until the init hooks have run; fails when one failed.")
def command(out: Output, endpoint: str | None, timeout: float, service: tuple[str, ...], init: bool) -> None:
    """Wait until the server answers: the gate of a CI job."""
    began = time.monotonic()
    while not (server := remote(endpoint)).answers() or (init and not _initialised(server)):
        if time.monotonic() - began > timeout:
            raise TimedOut(f"{server.endpoint} is not ready after {timeout:g} s.")
        time.sleep(0.1)
    if service:
        there = server.get("/_localstack/health")["services"]
        if absent := [name for name in service if name not in there]:
            raise Failure(f"Not there: {', '.join(absent)}.", "See what is:  cumulet coverage")
    out.show({"endpoint": server.endpoint, "ready": True}, lambda: f"● ready   {server.endpoint}")


def _initialised(server: Remote) -> bool:
    try:
        state = server.get("/_localstack/init")
    except NotRunning:
        return False
    if not state["completed"]["READY"]:
        return False
    if failed := [f"{s['stage'].lower()}.d/{s['name']}" for s in state["scripts"] if s["state"] == "ERROR"]:
        raise Failure(f"Init hooks failed: {', '.join(failed)}.", "See why:  cumulet logs")
    return True
