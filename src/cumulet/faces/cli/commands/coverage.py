"""`cumulet coverage`."""

from __future__ import annotations

from typing import Any

import click

from ..base import Failure, Output
from ..base import command as declare
from ..tables import table


@declare("coverage", short_help="What works, member by member.")
@click.argument("services", nargs=-1, metavar="[SERVICE]...")
@click.option("--missing", is_flag=True, help="List what is not there.")
def command(out: Output, services: tuple[str, ...], missing: bool) -> None:
    """What works: operations there, operations and members that the tests really sent, and a computed grade.

    Of the services named it tells each operation. It needs no running server. An operation or member that is not there
    answers 501 and its name.
    """
    from ...coverage import measure

    found = measure(services)
    for service in services:
        if service not in found:
            raise Failure(f"There is no service {service!r} here.", "See all:  cumulet coverage")
    if not services:
        for entry in found.values():
            del entry["operations"]
    out.show(found, lambda: _details(found, missing) if services else _summary(found, missing))


def _summary(found: dict[str, dict[str, Any]], missing: bool) -> str:
    rows = [(name, f"{e['implemented']}/{e['total']}", str(e["tested"]), str(e["members"]["promised"]),
             str(e["members"]["tested"]), e["grade"]) for name, e in found.items()]
    numbers = ("operations", "tested", "members", "members tested")
    text = table(("service", *numbers, "grade"), rows, numbers=numbers)
    if missing:
        text += "".join(f"\n\n{name}: {', '.join(e['missing']) or 'nothing is missing'}" for name, e in found.items())
    return text


def _details(found: dict[str, dict[str, Any]], missing: bool) -> str:
    """A table for each service, under its name where there are several."""
    return "\n\n".join((f"{name}\n" if len(found) > 1 else "") + _detail(entry, missing) for name, entry in found.items())


def _detail(entry: dict[str, Any], missing: bool) -> str:
    rows = []
    for name, o in entry["operations"].items():
        if not o["implemented"]:
            rows.append((name, "not there", entry["missing"][name]))
        elif not missing or o["absent"]:
            state = "tested" if o["tested"] and not o["untested"] else "partly tested" if o["tested"] else "untested"
            said = [f"does not honour {', '.join(o['absent'])}"] if o["absent"] else []
            said += [f"untested {', '.join(o['untested'])}"] if o["untested"] else []
            rows.append((name, state, "; ".join(said)))
    members = entry["members"]
    return table(("operation", "state", ""), rows) + (
        f"\ntotal: {entry['implemented']} of {entry['total']} operations, {entry['tested']} of them tested; "
        f"{members['promised']} of {members['total']} members, {members['tested']} of them tested; grade: {entry['grade']}")
