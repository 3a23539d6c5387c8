"""`cumulet logs`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import click

from ..base import Failure, Output, endpoint_option
from ..base import command as declare
from ..config import resolve
from ..groups import printed
from ..launch import LOG_FILE, folder_of
from ..remote import remote


@declare("logs", short_help="A log group's events; or what the server in the background has printed.")
@endpoint_option
@click.argument("group", default="")
@click.option("--lambda", "function", default="", metavar="NAME", help="The log group of this function.")
@click.option("--filter", "pattern", default="", metavar="PATTERN", help="Only events that fit this filter pattern.")
@click.option("--account", default="", metavar="ID", help="The group's account (12 digits).")
@click.option("--region", default="us-east-1", show_default=True, metavar="NAME", help="The group's region.")
@click.option("-f", "--follow", is_flag=True, help="And what comes from now on.")
@click.option("-n", "--lines", default=100, show_default=True, metavar="N", help="How many of the last lines.")
@click.option("--errors", is_flag=True, help="Of the server: only warnings, errors and failed calls.")
def command(out: Output, endpoint: str | None, group: str, function: str, pattern: str, account: str, region: str, follow: bool,
            lines: int, errors: bool) -> None:
    """The events of a CloudWatch log group, or of a function's; without either, the log of the server that `cumulet start -d`
    started in this folder."""
    if name := group or (f"/aws/lambda/{function}" if function else ""):
        for line in printed(remote(endpoint).endpoint, account, region, name, pattern, lines, follow):
            click.echo(line)
        return
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
