"""The snapshots of a cloud, by name, in a folder beside its state (or in another one)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from ... import __version__
from ..store import forks, snapshot
from ..store.copies import Copy
from ..store.folder import sync_folder
from ..store.schema import MIGRATIONS, SchemaProblem
from ..store.snapshot import STATE, SnapshotProblem
from . import accounts, differences, packing

if TYPE_CHECKING:
    from ..cloud import Cloud

R = TypeVar("R")
ABOUT = "about.json"
_NAME = re.compile(r"[A-Za-z0-9][\w.-]{0,99}")
_ACCOUNT = re.compile(r"\d{12}")
_HIDDEN = "."                          # what begins so is being made
_LEFT = 86_400.0                       # seconds after which nobody is making it any more


class About(msgspec.Struct, kw_only=True):
    """What a snapshot says of itself. saved: real time; clock: the cloud's time.  account: "" for all of them."""

    name: str
    saved: float
    clock: float
    version: str
    format: int
    account: str = ""
    blobs: int = 0
    size: int = 0


class Shelf:
    """Keeps, lists, tells, removes, loads, packs and unpacks. All but `load` may be asked for while others write."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self.home = os.path.join(os.path.abspath(cloud.settings.data), "snapshots")

    # --- what there is ---

    def names(self, folder: str = "") -> list[str]:
        """All of a folder."""
        home = Path(folder or self.home)
        return sorted(p.parent.name for p in home.glob(f"*/{STATE}") if not p.parent.name.startswith(_HIDDEN))

    def about(self, name: str, folder: str = "") -> About:
        """One; raises SnapshotProblem when there is none."""
        path = self.path(name, folder)
        try:
            found = msgspec.json.decode((Path(path) / ABOUT).read_bytes(), type=About)
        except FileNotFoundError:
            raise SnapshotProblem(f"There is no snapshot {name}.") from None
        found.name = name
        return found

    def path(self, name: str, folder: str = "") -> str:
        """Where a snapshot of this name is, or would be."""
        if not _NAME.fullmatch(name):
            raise SnapshotProblem(f"{name!r} cannot be the name of a snapshot: letters, digits, _ . - and at most 100 of them.")
        return os.path.join(os.path.abspath(folder or self.home), name)

    def _free(self, name: str, folder: str, replace: bool) -> str:
        path = self.path(name, folder)
        if os.path.exists(path) and not replace:
            raise SnapshotProblem(f"There is a snapshot {name} already.")
        return path

    # --- changing ---

    async def save(self, name: str, account: str = "", folder: str = "", replace: bool = False) -> About:
        """Keep the state as of this moment, or one account of it."""
        path = self._free(name, folder, replace)
        await self._cloud.settle()
        clock, wall = self._cloud.clock.now(), self._cloud.clock.wall()

        def work() -> About:
            with _making(path) as made:
                self._cloud.store.snapshot(made)
                if account:
                    accounts.cut(made, account)
                about = self._describe(made, About(name=name, saved=wall, clock=clock, version=__version__, format=0,
                                                   account=account))
                _put(made, path)
                return about

        return await _in_thread(work)

    @staticmethod
    def _describe(path: str, about: About) -> About:
        """Write what a snapshot says of itself."""
        copy = Copy(os.path.join(path, STATE))
        try:
            about.format = copy.format
            about.blobs = copy.count("kernel_blob")
        finally:
            copy.close()
        about.size = sum(p.stat().st_size for p in Path(path).rglob("*") if p.is_file())
        file = os.path.join(path, ABOUT)
        Path(file).write_bytes(msgspec.json.format(msgspec.json.encode(about)))
        snapshot.sync_file(file)
        return about

    async def load(self, name: str, folder: str = "", account: str = "", into: str = "") -> dict[str, Any]:
        """Put a snapshot in the place of the state; of one account (that it is of, or `account`), in the place of that
        account, or of the account `into`."""
        about = self.about(name, folder)
        _refuse_newer(about)
        path = self.path(name, folder)
        account = account or about.account
        if into and not _ACCOUNT.fullmatch(into):
            raise SnapshotProblem(f"{into!r} is no account: 12 digits.")
        if into and not account:
            raise SnapshotProblem("Say which account of the snapshot is to be loaded.")
        cloud = self._cloud
        if not account:
            await cloud.replace(lambda: cloud.store.restore(path))
            return {"loaded": name}
        left = await accounts.load(cloud, path, account, into or account)
        return {"loaded": name, "account": into or account, "left_out": left}

    async def copy(self, account: str, into: str) -> dict[str, Any]:
        """Put a copy of one account, as it is now, in the place of another one."""
        if account == into or not all(_ACCOUNT.fullmatch(number) for number in (account, into)):
            raise SnapshotProblem("Say two accounts, each of 12 digits.")
        await self._cloud.settle()
        with _making(os.path.join(self._cloud.store.folder, "copy")) as now:
            await _in_thread(lambda: self._fork(now))
            left = await accounts.load(self._cloud, now, account, into)
        return {"account": into, "left_out": left}

    def _fork(self, path: str) -> None:
        """The state as it is now, to be read as a snapshot is."""
        self._cloud.store.fork(path)
        forks.settle(path)

    def remove(self, name: str, folder: str = "") -> None:
        """Forget a snapshot."""
        self.about(name, folder)
        path = self.path(name, folder)
        with _making(path) as gone:
            os.rename(path, gone)              # at once, and then its files: never half of one

    # --- looking inside ---

    async def show(self, name: str, folder: str = "") -> dict[str, Any]:
        """What is inside, by account and service."""
        about = self.about(name, folder)
        path = self.path(name, folder)

        def work() -> dict[str, Any]:
            with differences.reading(path) as copy:
                return differences.contents(self._cloud.catalog, copy)

        return {**msgspec.to_builtins(about), "accounts": await _in_thread(work)}

    async def diff(self, one: str, other: str = "", folder: str = "") -> dict[str, Any]:
        """What changed from one snapshot to another, or to now: of an account, if the first holds no more than that."""
        first, second = self.path(one, folder), self.path(other, folder) if other else ""
        account = self.about(one, folder).account
        for name in filter(None, (one, other)):
            _refuse_newer(self.about(name, folder))
        if not other:
            await self._cloud.settle()

        def work() -> dict[str, Any]:
            with _making(os.path.join(self._cloud.store.folder, "now")) as now:
                if not second:
                    self._fork(now)
                    if account:
                        accounts.cut_database(os.path.join(now, STATE), account)
                return differences.between(self._cloud.catalog, first, second or now)

        return await _in_thread(work)

    # --- one file ---

    async def export(self, name: str, folder: str = "") -> str:
        """A file that holds all of a snapshot; whoever asked removes it."""
        self.about(name, folder)
        path = self.path(name, folder)
        return await _in_thread(lambda: packing.pack(path, os.path.dirname(path)))

    async def take(self, name: str, file: str, folder: str = "", replace: bool = False) -> About:
        """A snapshot out of such a file."""
        path = self._free(name, folder, replace)

        def work() -> About:
            with _making(path) as made:
                packing.unpack(file, made)
                try:
                    about = msgspec.json.decode((Path(made) / ABOUT).read_bytes(), type=About)
                except (FileNotFoundError, msgspec.MsgspecError):
                    raise SnapshotProblem("The file holds no snapshot of cumulet.") from None
                _refuse_newer(about)
                packing.check(made)
                about.name = name
                _put(made, path)
                return about

        return await _in_thread(work)

    def temporary(self, folder: str = "") -> str:
        """A path for a file that comes in."""
        home = folder or self.home
        os.makedirs(home, exist_ok=True)
        fd, path = tempfile.mkstemp(prefix=f"{_HIDDEN}import-", dir=home)
        os.close(fd)
        return path


@contextmanager
def _making(path: str) -> Iterator[str]:
    """A name beside `path` for what is being made; nothing of it stays under that name."""
    parent = os.path.dirname(path)
    os.makedirs(parent, exist_ok=True)
    _sweep(parent)
    made = tempfile.mkdtemp(prefix=f"{_HIDDEN}{os.path.basename(path)}-", dir=parent)
    try:
        yield os.path.join(made, "state")
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _sweep(parent: str) -> None:
    """What a process that was killed was making."""
    for entry in os.scandir(parent):
        with contextlib.suppress(FileNotFoundError):
            if entry.name.startswith(_HIDDEN) and time.time() - entry.stat().st_mtime > _LEFT:
                if entry.is_dir():
                    shutil.rmtree(entry.path, ignore_errors=True)
                else:
                    os.unlink(entry.path)


def _put(made: str, path: str) -> None:
    """Give a finished snapshot its name, in the place of one that had it. It is its owner's alone: secrets are in it."""
    os.chmod(made, 0o700)
    if os.path.exists(path):
        os.rename(path, made + ".old")
    os.rename(made, path)
    sync_folder(os.path.dirname(path))


def _refuse_newer(about: About) -> None:
    if about.format > 1 + len(MIGRATIONS):
        raise SchemaProblem(f"The snapshot {about.name} was written by a newer cumulet, {about.version} (format "
                            f"{about.format}; this one, {__version__}, knows up to {1 + len(MIGRATIONS)}). Upgrade cumulet.")


async def _in_thread(work: Callable[[], R]) -> R:
    return await asyncio.get_running_loop().run_in_executor(None, work)
