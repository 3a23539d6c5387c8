"""`cumulet`: finds the command asked for and imports only that one."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import click

from ... import __version__
from .base import EXIT_CODES

COMMANDS = Path(__file__).parent / "commands"


class Commands(click.Group):
    """The files of `commands/`; a command is imported when it is run or when all are listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(p.stem for p in COMMANDS.glob("*.py") if p.stem != "__init__")

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        found: click.Command = importlib.import_module(f"{__package__}.commands.{cmd_name}").command
        return found

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in (known := self.list_commands(ctx)):
            import difflib

            near = difflib.get_close_matches(args[0], known, 1)
            ctx.fail(f"There is no command {args[0]!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
        return super().resolve_command(ctx, args)


@click.command(cls=Commands, invoke_without_command=True, epilog=EXIT_CODES,
               context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cumulet")
@click.pass_context
def cli(ctx: click.Context) -> None:
    """A whole AWS that you run yourself.

    `cumulet start` brings it up at http://localhost:4566; `eval "$(cumulet env)"` points AWS clients at it.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main() -> None:
    """The console script `cumulet`."""
    cli(prog_name="cumulet")


def awslocal() -> None:
    """The console script `awslocal`: `cumulet aws` under the name that scripts written for LocalStack use."""
    cli(["aws", *sys.argv[1:]], prog_name="cumulet")
