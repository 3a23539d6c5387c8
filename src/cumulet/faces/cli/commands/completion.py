"""`cumulet completion`."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from ..base import Output
from ..base import command as declare


@declare("completion", short_help="The script that completes commands in a shell.")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(out: Output, shell: str) -> None:
    """Print the script that completes commands: eval "$(cumulet completion bash)" """
    root = click.get_current_context().find_root().command
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(root, {}, "cumulet", "_CUMULET_COMPLETE").source())
