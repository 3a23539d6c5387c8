"""`cumulet start`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from ..base import Failure, Output
from ..base import command as declare
from ..config import Config, resolve
from ..knobs import KNOBS
from ..launch import LOG_FILE, Launch, Server, find, folder_of


def launch_of(config: Config, *, verbose: bool, quiet: bool) -> Launch:
    """What to tell the server."""
    return Launch(settings=config.settings, folder=str(folder_of(config.settings)), init=config.init,
                  verbose=verbose or config.verbose, quiet=quiet, notes=config.notes)


@declare("start", short_help="Bring the server up.")
@click.option("-d", "--daemon", is_flag=True, help="In the background; `cumulet logs` and `cumulet stop` reach it.")
@click.option("-q", "--quiet", is_flag=True, help="Do not print a line for each call.")
@click.option("-v", "--verbose", is_flag=True, help="Print what the server does.")
def command(out: Output, daemon: bool, quiet: bool, verbose: bool, **flags: Any) -> None:
    """Bring the server up at http://localhost:4566.

    In the foreground it prints a line for each call until Ctrl-C. State is kept in .cumulet/state of this folder.
    """
    launch = launch_of(resolve(flags), verbose=verbose, quiet=quiet)
    if running := find(Path(launch.folder)):
        raise Failure(f"A server of this folder is running already: {running.endpoint}, pid {running.pid}.",
                      "Stop it:  cumulet stop        Start it anew:  cumulet restart")
    if daemon:
        begin(out, launch)
    else:
        _foreground(launch)


def begin(out: Output, launch: Launch) -> None:
    """Start in the background and wait until it answers."""
    log = Path(launch.folder) / LOG_FILE
    running = Server(launch, log=log, detached=True).wait()
    out.show({"endpoint": running.endpoint, "pid": running.pid, "log": running.log},
             lambda: f"● running   {running.endpoint}   pid {running.pid}   log {running.log}\n"
                     'Next: eval "$(cumulet env)"   or   cumulet status')


def _foreground(launch: Launch) -> None:
    from ..serve import CannotStart, serve

    try:
        code = serve(launch)
    except CannotStart as problem:
        raise Failure(str(problem), *problem.hints) from None
    click.get_current_context().exit(code)


def _add_flags() -> None:
    for knob in KNOBS:
        if knob.switch:
            option = click.Option([f"--{knob.name}/--no-{knob.name}"], default=None, help=knob.help)
        else:
            option = click.Option([f"--{knob.name}"], metavar=knob.metavar, multiple=knob.many, default=None, help=knob.help)
        command.params.append(option)


_add_flags()
