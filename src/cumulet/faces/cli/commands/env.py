"""`cumulet env`."""

from __future__ import annotations

import os
import shlex
from collections.abc import Callable

import click

from ..base import Output, endpoint_option
from ..base import command as declare
from ..credentials import AIMED, IN_THE_WAY, variables
from ..remote import remote


@declare("env", short_help="The variables that point AWS clients here.")
@endpoint_option
@click.option("--shell", type=click.Choice(["bash", "fish", "powershell", "dotenv"]), help="By default as $SHELL says.")
@click.option("--account", default="", metavar="ID", help="As the root of this account (12 digits).")
@click.option("--region", default="", metavar="NAME", help="The region of the clients; us-east-1 by default.")
@click.option("--unset", is_flag=True, help="The lines that take the variables away again.")
def command(out: Output, endpoint: str | None, shell: str | None, account: str, region: str, unset: bool) -> None:
    """Print the variables that point AWS clients at the server: eval "$(cumulet env)"

    It works whether or not a server is running yet. In bash and zsh `aws` becomes a function that says --endpoint-url, without
    which version 1 of the AWS CLI calls real AWS for sqs, rds and emr.
    """
    if account and (len(account) != 12 or not account.isdigit()):
        raise click.UsageError("--account has 12 digits.")
    server = remote(endpoint)
    known = server.running.launch.settings.region if server.running else "us-east-1"
    wanted = variables(server.endpoint, account, region or known)
    shell = shell or _own_shell()
    set_one, unset_one = _SHELLS[shell]
    bash = shell == "bash"
    if unset:
        lines = [*map(unset_one, wanted), "unset -f aws" if bash else ""]
        out.show({"unset": [*wanted]}, lambda: "\n".join(filter(None, lines)))
        return
    lines = [unset_one(name) for name in IN_THE_WAY] + [set_one(name, value) for name, value in wanted.items()]
    lines += _FUNCTION if bash else ()
    out.show(wanted, lambda: "\n".join(filter(None, lines)))


# `function` because an alias of the same name would be put in its place in `aws()`; other shells of this family know neither it
# nor how to hand a function on.
_FUNCTION = (f"[ -z \"${{BASH_VERSION-}}${{ZSH_VERSION-}}\" ] || eval 'function aws {{ {AIMED}; }}'",
             '[ -z "${BASH_VERSION-}" ] || export -f aws')


def _own_shell() -> str:
    return "fish" if os.environ.get("SHELL", "").endswith("fish") else "powershell" if os.name == "nt" else "bash"


def _powershell(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _fish(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


_SHELLS: dict[str, tuple[Callable[[str, str], str], Callable[[str], str]]] = {
    "bash": (lambda name, value: f"export {name}={shlex.quote(value)}", lambda name: f"unset {name}"),
    "fish": (lambda name, value: f"set -gx {name} {_fish(value)};", lambda name: f"set -e {name};"),
    "powershell": (lambda name, value: f"$env:{name} = {_powershell(value)}",
                   lambda name: f"Remove-Item Env:{name} -ErrorAction SilentlyContinue"),
    "dotenv": (lambda name, value: f"{name}={value}", lambda name: ""),
}
