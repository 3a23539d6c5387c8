"""Single keys in the terminal of a foreground server."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any


class Keys:
    """Reads keys while it is open, and gives the terminal back as it was."""

    def __init__(self, actions: Mapping[str, Callable[[], None]]) -> None:
        self._actions = actions
        self._saved: list[Any] | None = None

    def open(self) -> bool:
        """Begin; False where there is no terminal to read from."""
        if sys.platform == "win32" or not (sys.stdin.isatty() and sys.stdout.isatty()):
            return False
        import termios
        import tty

        descriptor = sys.stdin.fileno()
        if os.tcgetpgrp(descriptor) != os.getpgrp():        # in the background of a shell: reading would stop us
            return False
        self._saved = termios.tcgetattr(descriptor)
        tty.setcbreak(descriptor)
        asyncio.get_running_loop().add_reader(descriptor, self._pressed)
        return True

    def close(self) -> None:
        if self._saved is None or sys.platform == "win32":
            return
        import termios

        descriptor = sys.stdin.fileno()
        asyncio.get_running_loop().remove_reader(descriptor)
        termios.tcsetattr(descriptor, termios.TCSADRAIN, self._saved)
        self._saved = None

    def _pressed(self) -> None:
        pressed = os.read(sys.stdin.fileno(), 32).decode(errors="ignore")
        if not pressed:                                       # the terminal is gone
            self.close()
        for key in pressed:
            if action := self._actions.get(key.lower()):
                action()
