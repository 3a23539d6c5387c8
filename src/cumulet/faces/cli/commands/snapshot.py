"""`cumulet snapshot`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ..base import Output, endpoint_option, fail_usage
from ..base import command as declare
from ..remote import Remote, remote
from ..tables import table

_VERBS = {"save": (1, 1), "load": (1, 1), "list": (0, 0), "show": (1, 1), "diff": (1, 2), "rm": (1, 1), "export": (1, 2),
          "import": (2, 2)}
_LONG = 600.0
_MARKS = {"added": "+", "removed": "-", "changed": "~"}


@declare("snapshot", short_help="Keep the state, put it back, compare it, hand it on.")
@endpoint_option
@click.option("--account", default="", metavar="ID", help="With save: only this account. With load: only this one of it.")
@click.option("--into", default="", metavar="ID", help="With load: put it in the place of this account instead.")
@click.option("--dir", "folder", default="", metavar="DIR", help="Where the snapshots are, if not beside the state.")
@click.option("--replace", is_flag=True, help="With save and import: in the place of one of that name.")
@click.option("-y", "--yes", is_flag=True, help="With load: do not ask.")
@click.argument("verb", type=click.Choice(list(_VERBS)), default="list")
@click.argument("names", nargs=-1)
def command(out: Output, endpoint: str | None, account: str, into: str, folder: str, replace: bool, yes: bool, verb: str,
            names: tuple[str, ...]) -> None:
    """The server goes on meanwhile; a snapshot is of one moment.

    \b
    cumulet snapshot save NAME            keep the state as it is now (--account: of one account)
    cumulet snapshot load NAME            put it back in the place of all state (--account, --into: of one account)
    cumulet snapshot list                 what there is
    cumulet snapshot show NAME            what is inside, by account and service
    cumulet snapshot diff A [B]           what changed from A to B, or to now
    cumulet snapshot rm NAME
    cumulet snapshot export NAME [FILE]   one file, with all secrets in it
    cumulet snapshot import FILE NAME
    """
    least, most = _VERBS[verb]
    if not least <= len(names) <= most:
        fail_usage(f"`cumulet snapshot {verb}` takes {least if least == most else f'{least} or {most}'} names.")
    server = remote(endpoint)
    place: dict[str, Any] = {"dir": str(Path(folder).absolute())} if folder else {}
    if verb == "save":
        asked = {"name": names[0], "account": account, "replace": replace, **place}
        _saved(out, server.post("/_cumulet/snapshots", asked, _LONG))
    elif verb == "load":
        _load(out, server, {"name": names[0], "account": account, "into": into, **place}, yes)
    elif verb == "list":
        found = server.get("/_cumulet/snapshots", **place)
        out.show(found, lambda: _list(found["snapshots"]))
    elif verb == "show":
        inside = server.get("/_cumulet/snapshots/show", timeout=_LONG, name=names[0], **place)
        out.show(inside, lambda: _contents(inside))
    elif verb == "diff":
        other = names[1] if len(names) > 1 else ""
        changes = server.get("/_cumulet/snapshots/diff", timeout=_LONG, name=names[0], other=other, **place)
        out.show(changes, lambda: _differences(changes))
    elif verb == "rm":
        server.post("/_cumulet/snapshots/rm", {"name": names[0], **place})
        out.show({"removed": names[0]}, lambda: f"Removed: {names[0]}.")
    elif verb == "export":
        file = Path(names[1] if len(names) > 1 else f"{names[0]}.tar.gz").absolute()
        size = server.download("/_cumulet/snapshots/export", file, name=names[0], **place)
        out.show({"file": str(file), "size": size}, lambda: f"{file}   {_size(size)}")
    else:
        _saved(out, server.upload("/_cumulet/snapshots/import", Path(names[0]), name=names[1], replace=replace, **place))


def _load(out: Output, server: Remote, asked: dict[str, Any], yes: bool) -> None:
    whose = asked["into"] or asked["account"]
    what = f"account {whose}" if whose else "all state"
    out.confirm(f"Put {asked['name']} in the place of {what} at {server.endpoint}?", yes)
    told = server.post("/_cumulet/snapshots/load", asked, _LONG)
    left = told.get("left_out") or {}
    out.show(told, lambda: f"Loaded: {told['loaded']}." + "".join(
        f"\n  left out: {count} of {name}, which another account has here" for name, count in sorted(left.items())))


def _saved(out: Output, about: dict[str, Any]) -> None:
    out.show(about, lambda: f"{about['name']}   {_size(about['size'])}   of {_when(about['saved'])}"
             + (f"   account {about['account']}" if about["account"] else ""))


def _list(found: list[dict[str, Any]]) -> str:
    if not found:
        return "There is no snapshot."
    return table(("NAME", "SAVED", "CLOCK", "ACCOUNT", "SIZE", "VERSION"),
                 [(one["name"], _when(one["saved"]), _when(one["clock"]), one["account"] or "all", _size(one["size"]),
                   one["version"]) for one in found], numbers=("SIZE",))


def _contents(inside: dict[str, Any]) -> str:
    rows = []
    for account, regions in sorted(inside["accounts"].items()):
        for region, services in sorted(regions.items()):
            for service, counted in sorted(services.items()):
                rows += [(account, region, service, name, str(count))
                         for part in ("resources", "rows") for name, count in sorted(counted[part].items())]
    head = f"{inside['name']}   {_size(inside['size'])}   of {_when(inside['saved'])}   version {inside['version']}\n"
    return head + table(("ACCOUNT", "REGION", "SERVICE", "WHAT", "COUNT"), rows, numbers=("COUNT",))


def _differences(changes: dict[str, Any]) -> str:
    lines = []
    for one in changes["resources"]:
        lines.append(f"{_MARKS[one['change']]} {one['type']}  {one['id']}   {one['account']} {one['region']}".rstrip())
        if one["change"] == "changed":
            lines += [f"    {name}: {_short(told['from'])} → {_short(told['to'])}" for name, told in one["properties"].items()]
    for one in changes["rows"]:
        counts = "  ".join(f"{mark}{one[change]}" for change, mark in _MARKS.items() if one[change])
        lines.append(f"  {one['table']}  {counts}   {one['account']} {one['region']}".rstrip())
    return "\n".join(lines) or "No difference."


def _short(value: Any) -> str:
    text = "nothing" if value is None else str(value)
    return text if len(text) <= 100 else text[:97] + "…"


def _when(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(sep=" ", timespec="seconds").removesuffix("+00:00")


def _size(count: int) -> str:
    return f"{count / 1_048_576:,.1f} MB"
