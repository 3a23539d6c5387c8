"""What a sandbox is: a place with its own files, processes and network, in which programs are started and ended.

Two kinds keep this contract: `namespace` (Linux, as root or as anybody) and `process` (any system; see docs/sandboxes.md for
what it does not enforce). Nothing here imports more than the standard library: the spawner must start quickly.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol

Kind = Literal["namespace", "process"]


class SandboxProblem(Exception):
    """A sandbox could not be made, or a program in it not be started."""


class Mount(NamedTuple):
    """A folder or file of the machine that is seen inside, read-only unless it says otherwise."""

    source: str
    target: str
    writable: bool = False


class Spec(NamedTuple):
    """What a sandbox is made of.

    name: its host name.  user: the number behind its own user where we are root; each sandbox needs one of its own.
    tmp_mb: the size of /tmp.  memory_mb: what all its programs may use together; 0 is no limit.
    listen: ports on 127.0.0.1 inside, whose listening sockets the maker gets.
    processes, files: how many processes all its programs may have, and open files each.
    """

    kind: Kind
    name: str = "sandbox"
    user: int = 60001
    mounts: tuple[Mount, ...] = ()
    tmp_mb: int = 512
    memory_mb: int = 0
    listen: tuple[int, ...] = ()
    processes: int = 1024
    files: int = 1024


class Caps(NamedTuple):
    """What this machine can do, found by doing it. why: what stands in the way of namespaces; "" when nothing does."""

    namespace: bool
    rootless: bool
    seccomp: bool
    why: str = ""

    @property
    def kind(self) -> Kind:
        """The best kind that there is."""
        return "namespace" if self.namespace else "process"


class Stats(NamedTuple):
    """What a sandbox uses: memory in KiB (shared pages counted in part), and how many processes."""

    memory_kb: int
    processes: int


class Unit(Protocol):
    """A sandbox that was made. It ends when it is removed, when its init ends, or with this process."""

    spec: Spec
    sockets: Sequence[socket.socket]             # listening, one for each port of the spec, in order
    on_output: Callable[[bytes], None] | None    # called with what its programs write
    on_exit: Callable[[int, int], None] | None   # called with (program, status as of a shell: 128 + a signal's number)
    on_end: Callable[[str], None] | None         # called once when all is over, with why ("", "memory", …)

    def inside(self, target: str) -> str:
        """Where the target of a mount is for its programs."""

    async def start(self, argv: Sequence[str], env: Mapping[str, str], folder: str,
                    on_output: Callable[[bytes], None] | None = None) -> int:
        """Start a program; its number inside. `exec` by another name: a sandbox may hold several.

        on_output: called with what this program writes, instead of the unit's."""

    async def socket(self) -> socket.socket:
        """A socket of the sandbox's network that is not connected yet: the way to what programs listen at inside."""

    def signal(self, program: int, number: int) -> None:
        """Send a signal to a program."""

    def freeze(self) -> None:
        """Stop all its programs where they are."""

    def thaw(self) -> None:
        """Let them go on."""

    def logs(self) -> bytes:
        """What its programs wrote and nobody was given yet."""

    async def stats(self) -> Stats:
        """What it uses now."""

    async def stop(self, seconds: float) -> None:
        """Ask all its programs to end (SIGTERM); remove it when they have, or when the time is up."""

    def kill(self) -> None:
        """End everything in it at once; `on_end` is called when it is gone."""

    async def wait(self) -> None:
        """Until it is gone."""

    async def remove(self) -> None:
        """Kill it and wait until it is gone."""
