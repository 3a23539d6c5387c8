"""Snapshots: copies of a state, taken while it runs, and put in its place again.

A snapshot is a folder: `state.sqlite`, compact, `blobs/`, hard links (blobs never change), and `machine.key` when the state has
sealed secrets. It comes into being by a rename, so half of one is never seen. Both kinds of store write and read the same.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence

import apsw

from . import keyring
from .copies import upgrade
from .folder import FolderBlobs, link, sync_folder
from .schema import Migration

STATE = "state.sqlite"
_BLOBS = "blobs"


class SnapshotProblem(Exception):
    """This is no snapshot, or there is something in its place."""


def write(path: str, database: str, blobs: FolderBlobs) -> None:
    """A new snapshot of what is committed at this moment in a SQLite database. Nobody has to stop writing."""
    def fill(copy: str) -> None:
        side = apsw.Connection(database)
        try:
            side.execute("VACUUM INTO ?", (copy,))
        finally:
            side.close()

    assemble(path, fill, blobs, os.path.dirname(database))


def assemble(path: str, fill: Callable[[str], None], blobs: FolderBlobs, keys: str) -> None:
    """A new snapshot around a copy that `fill` writes; keys: the folder whose machine keys it takes along."""
    path = os.path.abspath(path)
    if os.path.exists(path):
        raise SnapshotProblem(f"{path} exists already.")
    partial = path + ".partial"
    shutil.rmtree(partial, ignore_errors=True)
    os.makedirs(os.path.join(partial, _BLOBS))
    copy = os.path.join(partial, STATE)
    fill(copy)
    shards = set()
    for blob in ids(copy):
        shard = os.path.join(partial, _BLOBS, blob[-2:])
        if shard not in shards:
            os.mkdir(shard)
            shards.add(shard)
        link(blobs.folder, blob, os.path.join(shard, blob))
    sync_file(copy)
    keyring.copy(keys, partial)
    for folder in (*shards, os.path.join(partial, _BLOBS), partial):
        sync_folder(folder)
    os.rename(partial, path)
    sync_folder(os.path.dirname(path))


def check(path: str) -> None:
    """Raises unless there is a snapshot."""
    if not os.path.isfile(os.path.join(path, STATE)) or os.path.exists(os.path.join(path, STATE + "-wal")):
        raise SnapshotProblem(f"{path} holds no snapshot.")


def prepare(path: str, database: str, blobs: FolderBlobs, migrations: Sequence[Migration]) -> str:
    """The copy of a snapshot's database that is to take the place of `database`; its blobs are there already.

    It is brought to this version's format first: where that fails, nothing has changed.
    """
    blobs.stop_sweep()
    fresh = database + ".new"
    shutil.copyfile(os.path.join(path, STATE), fresh)
    upgrade(fresh, migrations)
    sync_file(fresh)
    keyring.copy(path, os.path.dirname(database))
    keyring.refuse_unreadable(sealed_under(fresh), {
        keyring.id_of(key): key for key in keyring.from_environment() + keyring.read(os.path.dirname(database))})
    blobs.link_from(os.path.join(path, _BLOBS), ids(fresh))
    return fresh


def switch(fresh: str, database: str) -> None:
    """Put a prepared database in the place of a closed one."""
    for suffix in ("-wal", "-shm"):
        if os.path.exists(database + suffix):        # a closed database has none; a log would be another database's
            os.unlink(database + suffix)
    os.rename(fresh, database)
    sync_folder(os.path.dirname(database))


def ids(database: str) -> list[str]:
    """The blobs that a copy of a database refers to."""
    side = apsw.Connection(database)
    try:
        return [str(row[0]) for row in side.execute("SELECT id FROM kernel_blob")]
    finally:
        side.close()


def sealed_under(database: str) -> keyring.MachineKey | None:
    """What a copy of a database says of its key."""
    side = apsw.Connection(database)
    try:
        for id, key in side.execute("SELECT id, key FROM kernel_machine_key"):
            return keyring.MachineKey(bytes(id), key)
    except apsw.SQLError:                            # written before there were seals
        return None
    finally:
        side.close()
    return None


def sync_file(path: str) -> None:
    fd = os.open(path, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
