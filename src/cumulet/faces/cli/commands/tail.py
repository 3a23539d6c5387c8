"""`cumulet tail`."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from ....kernel.record.recorder import Entry
from .. import feed
from ..base import Output, endpoint_option
from ..base import command as declare
from ..remote import remote


@declare("tail", short_help="Calls as they happen.")
@endpoint_option
@click.option("--service", default="", metavar="NAME", help="Only of this service.")
@click.option("--errors", is_flag=True, help="Only calls that failed.")
@click.option("-n", "--lines", default=10, show_default=True, metavar="N", help="How many past calls to begin with.")
@click.option("--no-follow", is_flag=True, help="Past calls only.")
def command(out: Output, endpoint: str | None, service: str, errors: bool, lines: int, no_follow: bool) -> None:
    """Print calls as they happen, until Ctrl-C. With -o json, one JSON object a line."""
    server = remote(endpoint)

    colour = sys.stdout.isatty()

    def show(call: dict[str, Any]) -> None:
        if (not service or call["service"] == service) and (not errors or call["status"] >= 400):
            click.echo(json.dumps(call) if out.json else feed.line(Entry(**call), colour))

    if lines:
        for call in server.get("/_cumulet/calls", limit=lines, service=service, errors=int(errors))["calls"]:
            show(call)
    if not no_follow:
        for call in server.lines("/_cumulet/calls", follow=1):
            show(call)
