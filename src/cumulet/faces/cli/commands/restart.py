"""`cumulet restart`."""

from __future__ import annotations

import click

from ..base import Failure, Output
from ..base import command as declare
from ..remote import remote
from .start import begin
from .stop import end


@declare("restart", short_help="Stop the server of this folder and start it in the background.")
@click.option("--timeout", type=float, default=30.0, metavar="SECONDS", show_default=True, help="How long to wait for its end.")
def command(out: Output, timeout: float) -> None:
    """Stop the server that was started in this folder, and start it with the same settings in the background."""
    server = remote(None)
    if server.running is None:
        raise Failure("No server was started in this folder.", "Start one:  cumulet start -d")
    end(server, timeout)
    begin(out, server.running.launch)
