"""The clock of a cloud, as a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .servers import Server

Span = float | str | timedelta
Moment = float | str | datetime


class Clock:
    """Time as the cloud sees it. All accounts of a server share it; it is put back when the test ends."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self.moved = False

    def now(self) -> datetime:
        return _moment(self._server.control.get("/_cumulet/time"))

    def advance(self, span: Span) -> datetime:
        """Move on: seconds, `"1h30m"` (s m h d w y) or a timedelta. All timers on the way have fired, each at its moment."""
        return self._ask({"advance": seconds(span)})

    def set(self, moment: Moment) -> datetime:
        """Make it this moment: `"2026-01-01"`, `"2026-01-01T12:00:00Z"`, a datetime, or seconds since 1970."""
        return self._ask({"to": epoch(moment)})

    def freeze(self, moment: Moment | None = None) -> datetime:
        """Stand still, here or at a moment; `advance` and `set` move it all the same."""
        if moment is not None:
            self.set(moment)
        return self._ask({"freeze": True})

    def thaw(self) -> datetime:
        """Go on from here."""
        return self._ask({"thaw": True})

    def back(self) -> datetime:
        """Back to the real time."""
        now = self._ask({"reset": True})
        self.moved = False
        return now

    def _ask(self, change: dict[str, Any]) -> datetime:
        self.moved = True
        return _moment(self._server.control.post("/_cumulet/time", change, timeout=600))


def seconds(span: Span) -> float:
    """A span of time in seconds."""
    if isinstance(span, timedelta):
        return span.total_seconds()
    if isinstance(span, str):
        from ..cli.commands.time import seconds as read

        return read(span)
    return span


def epoch(moment: Moment) -> float:
    """A moment in seconds since 1970; without a zone it is one of UTC."""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    if isinstance(moment, datetime):
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return moment


def _moment(told: dict[str, Any]) -> datetime:
    return datetime.fromtimestamp(told["now"], UTC)
