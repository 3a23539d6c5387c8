"""`cumulet fork`."""

from __future__ import annotations

import click

from ..base import Output, endpoint_option, fail_usage
from ..base import command as declare
from ..remote import remote
from ..tables import table


@declare("fork", short_help="Copy the running state: to another port, or one account to another one.")
@endpoint_option
@click.option("--port", default=0, metavar="N", help="Serve the copy here; by default at a free port.")
@click.option("--account", default="", metavar="ID", help="Copy this account instead, within the server, to --as.")
@click.option("--as", "into", default="", metavar="ID", help="The account that becomes the copy; what it had is forgotten.")
@click.option("-y", "--yes", is_flag=True, help="With --as: do not ask.")
@click.argument("words", nargs=-1)
def command(out: Output, endpoint: str | None, port: int, account: str, into: str, yes: bool, words: tuple[str, ...]) -> None:
    """What is done in a copy does not show in the other, and it ends with the server.

    \b
    cumulet fork [NAME] [--port N]               all of the state, at another port
    cumulet fork --account FROM --as TO          one account, under another number
    cumulet fork list
    cumulet fork rm NAME
    """
    server = remote(endpoint)
    if bool(account) != bool(into):
        fail_usage("--account FROM and --as TO go together.")
    if account:
        if words or port:
            fail_usage("An account's copy has neither a name nor a port.")
        out.confirm(f"Put a copy of account {account} in the place of account {into} at {server.endpoint}?", yes)
        told = server.post("/_cumulet/forks/account", {"account": account, "into": into}, 600.0)
        left = "".join(f"\n  left out: {n} of {name}, which may be there but once" for name, n in told["left_out"].items())
        out.show(told, lambda: f"{into} is a copy of {account}.{left}")
    elif words == ("list",):
        found = server.get("/_cumulet/forks")
        rows = [(one["name"], one["endpoint"]) for one in found["forks"]]
        out.show(found, lambda: table(("NAME", "ENDPOINT"), rows) if rows else "There is no fork.")
    elif words[:1] == ("rm",) and len(words) == 2:
        server.post("/_cumulet/forks/rm", {"name": words[1]})
        out.show({"removed": words[1]}, lambda: f"Removed: {words[1]}.")
    elif len(words) <= 1 and words[:1] != ("rm",):
        made = server.post("/_cumulet/forks", {"name": words[0] if words else "", "port": port}, 600.0)
        out.show(made, lambda: f"{made['name']}   {made['endpoint']}   in {made['seconds'] * 1000:.0f} ms\n"
                               f"Next: export AWS_ENDPOINT_URL={made['endpoint']}")
    else:
        fail_usage("Say `cumulet fork`, `cumulet fork NAME`, `cumulet fork list` or `cumulet fork rm NAME`.")
