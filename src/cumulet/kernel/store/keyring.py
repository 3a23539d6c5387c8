"""The machine's keys: what secrets of the state are sealed under, kept beside the state and not in it.

For SQLite a file of the data folder, one key a line, the first being the one in use; for PostgreSQL, whose state several nodes
share, the row itself. `CUMULET_MACHINE_KEY` (base64 of 32 bytes; several, separated by commas, after a change) stands for both,
and then nothing is kept here. A folder that gets a snapshot back has its own keys and those of the snapshot, so that no
moment between writing the keys and changing the state is one in which the state cannot be read.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Iterable, Mapping

import msgspec

from ..declare import stored
from .folder import sync_folder
from .schema import SchemaProblem

VARIABLE = "CUMULET_MACHINE_KEY"
SIZE = 32
_FILE = "machine.key"
_CURRENT = "current"


class SealingProblem(SchemaProblem):
    """The machine key is missing, or another one."""


@stored(key=("name",), scope="global")
class MachineKey(msgspec.Struct):
    """Which key this state is sealed under; `key` itself only where no file holds it."""

    id: bytes
    key: bytes | None = None
    name: str = _CURRENT


def id_of(key: bytes) -> bytes:
    """What a sealed value and the state name a key by; tells nothing about it."""
    return hashlib.sha256(b"cumulet machine key\0" + key).digest()[:8]


def from_environment() -> list[bytes]:
    """The keys that the environment gives, the one in use first."""
    said = os.environ.get(VARIABLE, "")
    return _read(said.replace(",", "\n"), f"The variable {VARIABLE}") if said else []


def read(folder: str) -> list[bytes]:
    """The keys of a folder; none when it has none."""
    path = os.path.join(folder, _FILE)
    try:
        with open(path) as f:
            return _read(f.read(), path)
    except FileNotFoundError:
        return []


def _read(text: str, where: str) -> list[bytes]:
    try:
        keys = [base64.b64decode(line, validate=True) for line in text.split()]
    except (binascii.Error, ValueError):
        keys = []
    if not keys or any(len(key) != SIZE for key in keys):
        raise SealingProblem(f"{where} holds no machine key (base64 of {SIZE} bytes). Put the right one back; a new one would "
                             "make sealed secrets unreadable.")
    return keys


def write(folder: str, keys: Iterable[bytes]) -> None:
    """Keep these keys, in the place of what was there; durable when this returns."""
    path = os.path.join(folder, _FILE)
    fresh = path + ".new"
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(fd, 0o600)                         # whatever an earlier attempt left there
        os.write(fd, b"".join(base64.b64encode(key) + b"\n" for key in keys))
        os.fsync(fd)
    finally:
        os.close(fd)
    os.rename(fresh, path)
    sync_folder(folder)


def copy(folder: str, target: str) -> None:
    """The keys of one folder in another, behind those that it has."""
    have = read(target)
    if new := [key for key in read(folder) if key not in have]:
        write(target, [*have, *new])


def refuse_unreadable(row: MachineKey | None, keys: Mapping[bytes, bytes]) -> None:
    """Raises when a state is sealed under a key that is not there (by id)."""
    if row is None or row.key is not None or row.id in keys:
        return
    where = f"{VARIABLE} is another one" if os.environ.get(VARIABLE) else f"{_FILE} beside the state is missing or another one"
    raise SealingProblem(f"The secrets of this state are sealed under a machine key that is not here: {where}. Put the right "
                         f"one back, or give it in {VARIABLE}.")
