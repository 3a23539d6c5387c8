"""`cumulet open`."""

from __future__ import annotations

import webbrowser
from urllib.parse import quote

import click

from ..base import Failure, Output, endpoint_option
from ..base import command as declare
from ..remote import remote


@declare("open", short_help="The console in the browser.")
@click.argument("page", default="")
@endpoint_option
@click.option("--print", "only", is_flag=True, help="Only tell the address.")
def command(out: Output, endpoint: str | None, page: str, only: bool) -> None:
    """Open the console, at a PAGE: a service (s3, lambda), what an ARN names, or one of the console's own (inspector, explain,
    state, coverage, labs)."""
    server = remote(endpoint)
    server.get("/_cumulet/health")
    address = f"{server.endpoint}/_console/" + (f"go?to={quote(page, safe=':/')}" if page else "")
    if not only and not webbrowser.open(address):
        raise Failure(f"No browser could be opened. The page is at {address}")
    out.show({"url": address}, lambda: address)
