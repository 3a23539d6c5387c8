"""One line for each call, written by a thread of its own: a slow terminal must not slow the server."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from queue import Full, Queue
from typing import TextIO

from ...kernel.record.recorder import Entry

PER_BATCH = 50          # lines of one batch of the recorder (it gives about 20 batches a second); more are counted only
_RED, _YELLOW, _DIM, _PLAIN = "\x1b[31m", "\x1b[33m", "\x1b[2m", "\x1b[0m"


class Feed:
    """Prints calls. `shown` turns it on and off."""

    def __init__(self, out: TextIO | None = None) -> None:
        self.shown = True
        self._out = out or sys.stdout
        self._colour = self._out.isatty()
        self._lines: Queue[str | None] = Queue(200)
        self._thread = threading.Thread(target=self._write, name="feed", daemon=True)
        self._thread.start()

    def told(self, entries: Sequence[Entry]) -> None:
        """The recorder's hook."""
        calls = [e for e in entries if e.service or e.status >= 400]
        if not self.shown or not calls:
            return
        shown = calls[:PER_BATCH]
        text = "".join(line(entry, self._colour) + "\n" for entry in shown)
        if len(calls) > len(shown):
            text += f"          … and {len(calls) - len(shown):,} more calls\n"
        self.say(text)

    def say(self, text: str) -> None:
        """Print something between the calls; dropped when the terminal does not follow."""
        try:
            self._lines.put_nowait(text)
        except Full:
            return

    def close(self) -> None:
        """Print what is left."""
        try:
            self._lines.put(None, timeout=1)
        except Full:
            return
        self._thread.join(2)

    def _write(self) -> None:
        while (text := self._lines.get()) is not None:
            try:
                self._out.write(text)
                if self._lines.empty():
                    self._out.flush()
            except (OSError, ValueError):
                self.shown = False          # nobody reads any more (`cumulet start | head`)
                return


def line(entry: Entry, colour: bool = False) -> str:
    """`07:31:09  s3          GetObject                  403    2.1 ms  AccessDenied`"""
    when = time.strftime("%H:%M:%S", time.localtime(entry.at))
    text = f"{when}  {entry.service or '-':<14} {entry.operation or '-':<28} {entry.status}  {entry.took * 1000:8.1f} ms"
    if entry.error:
        text += f"  {entry.error}"
    elif entry.cause:
        text += f"  caused by {entry.cause[:8]}"
    if not colour:
        return text
    tone = _RED if entry.status >= 500 else _YELLOW if entry.status >= 400 else _DIM if entry.cause else ""
    return f"{tone}{text}{_PLAIN}" if tone else text
