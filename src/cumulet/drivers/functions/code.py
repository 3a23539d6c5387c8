"""Code on disk: packages are unpacked once, under their hash, into a folder of this run; layers are laid over each other."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Callable, Sequence

_READABLE, _FOLDER = 0o444, 0o755


class CodeFolders:
    """All that was unpacked. Nothing in it is lost that is not in the state: it is emptied at each start."""

    def __init__(self, folder: str) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder, mode=0o711, exist_ok=True)
        self.folder = folder
        self._made: dict[str, asyncio.Task[str]] = {}

    async def unpacked(self, sha256: str, package: bytes) -> str:
        """The folder with a package's files."""
        return await self._once("code-" + _name(sha256), lambda target: _unpack(package, target))

    async def merged(self, folders: Sequence[str]) -> str:
        """One folder with the files of several layers; later ones win. "" without any."""
        if len(folders) < 2:
            return folders[0] if folders else ""

        def lay(target: str) -> None:
            for folder in folders:
                shutil.copytree(folder, target, symlinks=True, dirs_exist_ok=True)

        return await self._once("layers-" + _name("\n".join(folders)), lay)

    def has(self, sha256: str) -> str:
        """The folder, if the package was unpacked already; else ""."""
        made = self._made.get("code-" + _name(sha256))
        return made.result() if made is not None and made.done() and made.exception() is None else ""

    async def _once(self, name: str, fill: Callable[[str], None]) -> str:
        made = self._made.get(name)
        if made is None or (made.done() and made.exception() is not None):
            made = self._made[name] = asyncio.get_running_loop().create_task(asyncio.to_thread(self._make, name, fill))
        return await asyncio.shield(made)

    def _make(self, name: str, fill: Callable[[str], None]) -> str:
        target = os.path.join(self.folder, name)
        part = tempfile.mkdtemp(dir=self.folder)
        fill(part)
        os.chmod(part, _FOLDER)
        os.rename(part, target)
        return target


def _name(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _unpack(package: bytes, target: str) -> None:
    """A zip with its modes. Symbolic links come last, so that nothing is written through one."""
    links = []
    with zipfile.ZipFile(io.BytesIO(package)) as z:
        for entry in z.infolist():
            mode = entry.external_attr >> 16
            if stat.S_ISLNK(mode):
                links.append((entry.filename, z.read(entry).decode()))
                continue
            path = z.extract(entry, target)
            if not entry.is_dir():
                os.chmod(path, (mode & 0o777 or 0o644) | _READABLE)
    for name, to in links:
        path = os.path.join(target, os.path.normpath("/" + name)[1:])
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(to, path)
