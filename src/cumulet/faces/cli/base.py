"""What every command shares: its options, its errors with their exit codes, and how it prints."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable
from typing import Any, NoReturn

import click

EXIT_CODES = "Exit codes: 0 done, 1 failed, 2 wrong usage, 3 no server is running, 4 timed out, 5 a check failed."


class Failure(click.ClickException):
    """A command that failed: one sentence, and how to go on."""

    exit_code = 1

    def __init__(self, message: str, *hints: str) -> None:
        super().__init__(message)
        self.hints = hints

    def show(self, file: Any = None) -> None:
        click.secho(f"✗ {self.message}", fg="red", err=True)
        for hint in self.hints:
            click.echo(f"  {hint}", err=True)


class NotRunning(Failure):
    exit_code = 3


class TimedOut(Failure):
    exit_code = 4


class CheckFailed(Failure):
    exit_code = 5


class Output:
    """How this run prints: `text` for people, `json` for programs; what is said to people then goes to stderr."""

    def __init__(self, form: str, interactive: bool) -> None:
        self.json = form == "json"
        self.interactive = interactive

    def show(self, value: Any, text: Callable[[], str]) -> None:
        """The answer of the command."""
        click.echo(json.dumps(value, indent=2) if self.json else text())

    def say(self, message: str) -> None:
        """A word to the person beside the answer."""
        click.echo(message, err=self.json)

    def confirm(self, question: str, yes: bool) -> None:
        """Go on only when the person agrees, or said so beforehand."""
        if yes:
            return
        if not self.interactive:
            fail_usage("This needs a yes. Say it beforehand: -y")
        if not click.confirm(question):
            raise Failure("Nothing was changed.")


def fail_usage(message: str) -> NoReturn:
    """Stop with exit code 2."""
    raise click.UsageError(message)


def command(name: str, **settings: Any) -> Callable[[Callable[..., None]], click.Command]:
    """A command with the options that all have; its function is given `out: Output` first."""

    def wrap(fn: Callable[..., None]) -> click.Command:
        @functools.wraps(fn)
        def run(*args: Any, output: str, no_color: bool, non_interactive: bool, **options: Any) -> None:
            if no_color or os.environ.get("NO_COLOR"):
                click.get_current_context().color = False
            interactive = not (non_interactive or os.environ.get("CI")) and sys.stdin is not None and sys.stdin.isatty()
            fn(Output(output, interactive), *args, **options)

        make: Callable[[Callable[..., None]], click.Command] = click.command(name, **settings)
        made = make(run)
        made.params += [
            click.Option(["-o", "--output"], type=click.Choice(["text", "json"]), default="text", show_default=True,
                         help="For people or for programs."),
            click.Option(["--no-color"], is_flag=True, help="No colours (also: NO_COLOR=1)."),
            click.Option(["--non-interactive"], is_flag=True, help="Never ask (so it is without a terminal, and with CI=1)."),
        ]
        return made

    return wrap


def endpoint_option(fn: Callable[..., None]) -> Callable[..., None]:
    """`--endpoint`: which server."""
    return click.option("--endpoint", metavar="URL", help="The server; by default the one started in this folder, "
                        "or http://localhost:4566.")(fn)


def pass_on(**settings: Any) -> dict[str, Any]:
    """Settings of a command that hands its arguments to another program."""
    return {"context_settings": {"ignore_unknown_options": True, "allow_interspersed_args": False}, **settings}
