"""`cumulet time`."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import click

from ..base import Output, endpoint_option
from ..base import command as declare
from ..remote import remote

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}


@declare("time", short_help="Look at the clock, move it, freeze it.", context_settings={"ignore_unknown_options": True})
@endpoint_option
@click.option("--at", metavar="ISO", help="Move the clock to this moment: 2027-01-01 or 2027-01-01T12:00:00Z.")
@click.argument("what", required=False)
def command(out: Output, endpoint: str | None, at: str | None, what: str | None) -> None:
    """Tell the clock's time, or change it. All timers on the way fire in order.

    \b
    cumulet time +30d       thirty days on (units: s m h d w y; +1h30m)
    cumulet time freeze     stand still      cumulet time thaw      go on from there
    cumulet time reset      back to the real time
    """
    server = remote(endpoint)
    asked = _asked(what, at)
    now = server.post("/_cumulet/time", asked, timeout=600) if asked else server.get("/_cumulet/time")
    out.show({**now, "iso": _iso(now["now"])}, lambda: _text(now))


def _asked(what: str | None, at: str | None) -> dict[str, Any]:
    if what and at:
        raise click.UsageError("Say a change or --at, not both.")
    if at:
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            raise click.UsageError(f"{at!r} is no ISO time such as 2027-01-01T12:00:00Z.") from None
        return {"to": (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()}
    if not what:
        return {}
    if what in ("freeze", "thaw", "reset"):
        return {what: True}
    return {"advance": seconds(what)}


def seconds(text: str) -> int:
    """`+1h30m` → 5400."""
    if not re.fullmatch(r"\+?(\d+[smhdwy])+", text):
        raise click.UsageError(f"{text!r} is no change of the clock; try +30d, +1h30m, freeze, thaw or reset.")
    return sum(int(n) * _UNITS[unit] for n, unit in re.findall(r"(\d+)([smhdwy])", text))


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _text(now: dict[str, Any]) -> str:
    offset = now["offset"]
    how = "frozen" if now["frozen"] else "real time" if abs(offset) < 1 else f"{offset:+,.0f} s from real time"
    return f"{_iso(now['now'])}   {how}"
