"""`cumulet reset`."""

from __future__ import annotations

import click

from ..base import Output, endpoint_option
from ..base import command as declare
from ..remote import remote


@declare("reset", short_help="Forget all state.")
@endpoint_option
@click.option("--account", default=None, metavar="ID", help="Only of this account.")
@click.option("--region", default=None, metavar="NAME", help="Only of this region (of the account).")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
def command(out: Output, endpoint: str | None, account: str | None, region: str | None, yes: bool) -> None:
    """Forget all state, or that of one account, or of one account in one region."""
    if region and not account:
        raise click.UsageError("--region needs --account.")
    server = remote(endpoint)
    server.get("/_cumulet/health")
    what = f"account {account}" + (f" in {region}" if region else "") if account else "everything"
    out.confirm(f"Forget {what} at {server.endpoint}?", yes)
    server.post("/_cumulet/reset", {k: v for k, v in {"account": account, "region": region}.items() if v})
    out.show({"reset": what}, lambda: f"Forgotten: {what}.")
