"""A snapshot as one file (tar, gzip), and back; what comes in is looked at before it becomes a snapshot."""

from __future__ import annotations

import os
import re
import tarfile
import tempfile

import apsw

from ..store.snapshot import STATE, SnapshotProblem, sync_file

_KNOWN = re.compile(r"about\.json|state\.sqlite|machine\.key|blobs/([0-9a-f]{2})/[0-9a-f]{20,64}")
_LEVEL = 5


def pack(path: str, folder: str) -> str:
    """The file, in this folder."""
    fd, file = tempfile.mkstemp(prefix=".export-", suffix=".tar.gz", dir=folder)
    try:
        with os.fdopen(fd, "wb") as out, tarfile.open(fileobj=out, mode="w:gz", compresslevel=_LEVEL) as tar:
            for name in _files(path):
                tar.add(os.path.join(path, name), name, recursive=False)
    except BaseException:
        os.unlink(file)
        raise
    return file


def _files(path: str) -> list[str]:
    """What a snapshot says of itself comes first."""
    found = [os.path.relpath(os.path.join(folder, name), path).replace(os.sep, "/")
             for folder, _, names in os.walk(path) for name in names]
    return sorted(found, key=lambda name: (name != "about.json", name))


def unpack(file: str, path: str) -> None:
    """Only files that a snapshot may have, each at its place."""
    try:
        with tarfile.open(file, "r:gz") as tar:
            for member in tar:
                if not member.isfile() or not _KNOWN.fullmatch(member.name):
                    raise SnapshotProblem(f"The file holds {member.name!r}, which no snapshot has.")
                target = os.path.join(path, member.name)
                os.makedirs(os.path.dirname(target), exist_ok=True)
                source = tar.extractfile(member)
                assert source is not None
                with open(target, "xb", opener=_private) as out:
                    while data := source.read(1 << 20):
                        out.write(data)
                sync_file(target)
    except (tarfile.TarError, OSError, EOFError) as problem:
        raise SnapshotProblem(f"The file is damaged or no snapshot: {problem}") from None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def check(path: str) -> None:
    """Raises unless the database is sound and all that it names is there."""
    side = apsw.Connection(os.path.join(path, STATE), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        for name, kind in side.execute("SELECT name, type FROM sqlite_master WHERE type NOT IN ('table', 'index')"):
            raise SnapshotProblem(f"The state in the file has a {kind} ({name}), which no state of cumulet has.")
        told = [str(row[0]) for row in side.execute("PRAGMA quick_check(1)")]
        if told != ["ok"]:
            raise SnapshotProblem(f"The state in the file is damaged: {told[0]}")
        for blob, size in side.execute("SELECT id, size FROM kernel_blob"):
            file = os.path.join(path, "blobs", str(blob)[-2:], str(blob))
            if not os.path.isfile(file) or os.path.getsize(file) != size:
                raise SnapshotProblem(f"The blob {blob} is missing in the file, or cut short.")
    except apsw.Error as problem:
        raise SnapshotProblem(f"The state in the file is damaged: {problem}") from None
    finally:
        side.close()
