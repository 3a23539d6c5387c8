"""What an engine is: a server of another project, run as a child process and looked after."""

from __future__ import annotations

from typing import Protocol


class Engine(Protocol):
    """A running server."""

    url: str                           # how clients reach it

    def start(self) -> None:
        """Start it and wait until it is ready; raises EngineProblem, with the end of its log, when it does not come up."""

    def ready(self) -> bool:
        """Does it answer at this moment?"""

    def stop(self) -> None:
        """Ask it to end, and end it when its time is up."""

    def logs(self) -> str:
        """The last that it said."""


class EngineProblem(Exception):
    """An engine is not installed, does not start, or does not stay up."""
