"""`cumulet exec -- CMD`."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ....kernel.settings import Settings
from ..base import Failure, Output
from ..base import command as declare
from ..config import resolve
from ..credentials import environment
from ..launch import Launch, Server


@declare("exec", short_help="Run a command against a fresh server.", context_settings={"ignore_unknown_options": True,
                                                                                      "allow_interspersed_args": False})
@click.option("--port", default=0, metavar="N", help="The port; by default a free one.")
@click.option("--iam", type=click.Choice(["off", "audit", "enforce"]), help="As with `cumulet start`.")
@click.option("--auth", type=click.Choice(["lenient", "strict"]), help="As with `cumulet start`.")
@click.option("--init", default=None, metavar="DIR", help="Init hooks; they have run when the command starts.")
@click.option("--account", default="", metavar="ID", help="The account that the command works in.")
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- CMD…")
def command(out: Output, port: int, iam: str | None, auth: str | None, init: str | None, account: str,
            words: tuple[str, ...]) -> None:
    """Start a fresh server that forgets everything at its end, run CMD with the variables of `cumulet env` set, stop
    the server, and end with CMD's exit code:

        cumulet exec -- pytest
    """
    with tempfile.TemporaryDirectory(prefix="cumulet-") as folder:
        config = resolve({"port": (port,), "ephemeral": True, "data": f"{folder}/state", "iam": iam, "auth": auth,
                          "init": init, "account": account or None, "store": ""})
        server = Server(_launch(folder, config.settings, config.init, config.notes), log=Path(folder) / "server.log",
                        detached=True)
        code = _run(server, words, account, config.settings.region, bool(config.init))
    click.get_current_context().exit(code)


def _launch(folder: str, settings: Settings, init: str, notes: tuple[str, ...]) -> Launch:
    return Launch(settings=settings, folder=folder, init=init, quiet=True, notes=notes)


def _run(server: Server, words: tuple[str, ...], account: str, region: str, hooks: bool) -> int:
    handlers = _ignore_while_running()
    try:
        endpoint = server.wait().endpoint
        if hooks:
            _await_hooks(endpoint)
        try:
            child = subprocess.Popen(words, env={**environment(endpoint, account, region), "CUMULET_ENDPOINT": endpoint})
        except OSError as problem:
            raise Failure(f"{words[0]} cannot be run: {problem.strerror}.") from None
        _forward(child)
        code = child.wait()
        return 128 - code if code < 0 else code
    finally:
        server.stop()
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _await_hooks(endpoint: str) -> None:
    import time

    from ..remote import Remote
    from .wait import _initialised

    while not _initialised(Remote(endpoint)):
        time.sleep(0.05)


def _ignore_while_running() -> dict[int, Any]:
    """Ctrl-C reaches the command by the terminal; we must outlive it to stop the server."""
    return {number: signal.signal(number, _quietly) for number in _SIGNALS}


def _forward(child: subprocess.Popen[bytes]) -> None:
    def pass_on(number: int, _: object) -> None:
        if number != signal.SIGINT:
            child.send_signal(number)

    for number in _SIGNALS:
        signal.signal(number, pass_on)


_SIGNALS = (signal.SIGINT, signal.SIGTERM, *(() if sys.platform == "win32" else (signal.SIGHUP,)))
_quietly: Callable[[int, object], None] = lambda number, frame: sys.exit(128 + number)   # noqa: E731
