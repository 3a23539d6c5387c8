"""`cumulet logs`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import click

from ..base import Failure, Output
from ..base import command as declare
from ..config import resolve
from ..launch import LOG_FILE, folder_of


@declare("logs", short_help="What the server in the background has printed.")
@click.option("-f", "--follow", is_flag=True, help="And what it prints from now on.")
@click.option("-n", "--lines", default=100, show_default=True, metavar="N", help="How many of the last lines.")
@click.option("--errors", is_flag=True, help="Only warnings, errors and failed calls.")
def command(out: Output, follow: bool, lines: int, errors: bool) -> None:
    """The log of the server that `cumulet start -d` started in this folder."""
    path = folder_of(resolve({}).settings) / LOG_FILE
    if not path.exists():
        raise Failure(f"There is no log at {path}.", "`cumulet start -d` writes one.")
    for line in _lines(path, lines, follow, errors):
        click.echo(line, nl=False)


def _lines(path: Path, last: int, follow: bool, errors: bool) -> Iterator[str]:
    with path.open(errors="replace") as f:
        size = path.stat().st_size
        if size > 4_000_000:
            f.seek(size - 4_000_000)
            f.readline()
        wanted = [line for line in f if not errors or _is_error(line)]
        yield from wanted[-last:]
        while follow:
            if line := f.readline():
                if not errors or _is_error(line):
                    yield line
            else:
                time.sleep(0.1)


def _is_error(line: str) -> bool:
    """A log line of level WARNING or above, or a call that failed."""
    fields = line.split()
    return len(fields) > 3 and (fields[1] in ("WARNING", "ERROR", "CRITICAL") or
                                (fields[3].isdigit() and len(fields[3]) == 3 and fields[3] >= "400"))
