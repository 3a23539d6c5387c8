"""Bodies on their way in, and blobs whatever moment a crash chooses."""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from cumulet.kernel.store import folder as folders
from cumulet.kernel.store.blobs import Spool
from cumulet.kernel.store.folder import FolderBlobs

STEP = 100_000


def received(opened: Any, body: bytes, synced: bool = False) -> Spool:
    """A body in a file of the store, as the pipeline leaves it."""
    path = opened.store.blobs.temporary()
    with open(path, "wb") as file:
        file.write(body)
        file.flush()
        if synced:
            opened.store.blobs.sync(path, file.fileno())
    return Spool(None, path, len(body))


def contents(opened: Any, blob: str) -> bytes:
    fd = opened.store.blobs.open(blob)
    try:
        return os.pread(fd, 1 << 27, 0)
    finally:
        os.close(fd)


def files(opened: Any) -> list[str]:
    return sorted(p.name for p in Path(opened.store.blobs.folder).rglob("*") if p.is_file())


def swept(opened: Any) -> list[str]:
    """The files once a sweep has ended."""
    opened.reopen()
    opened.store.blobs._sweeper.join(10)
    return files(opened)


@pytest.fixture(autouse=True)
def _no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cumulet.kernel.store.postgres._GRACE", 0.0)


def test_a_spool_tells_its_digests_wherever_it_is(opened: Any) -> None:
    body = os.urandom(STEP)
    for spool in (Spool(body), received(opened, body)):
        assert (spool.size, spool.read()) == (STEP, body)
        assert spool.digest("md5") == hashlib.md5(body).hexdigest()
        assert spool.digest("sha256") == spool.digests["sha256"] == hashlib.sha256(body).hexdigest()
        spool.discard()
        spool.discard()
    assert files(opened) == []


@pytest.mark.parametrize("synced", [True, False])
def test_a_file_is_durable_before_its_row(opened: Any, synced: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    fsync = os.fsync

    def spy(fd: int) -> None:
        told.append((threading.current_thread() is opened.thread, opened.committed("kernel_blob")))
        fsync(fd)

    monkeypatch.setattr(os, "fsync", spy)
    spool = received(opened, b"a" * STEP, synced)
    before = len(told)
    opened.run(lambda tx: opened.store.blobs.keep(tx, spool.path))
    assert opened.committed("kernel_blob") == 1
    assert told
    assert all(seen == (False, 0) for seen in told), told        # never on the event loop, never after the commit
    assert (len(told) == before) == synced


def test_a_file_that_cannot_be_made_durable_has_no_row(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    spool = received(opened, b"a" * STEP)

    def fail(fd: int) -> None:
        raise OSError(5, "the disk is broken")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="broken"):
        opened.run(lambda tx: opened.store.blobs.keep(tx, spool.path))
    monkeypatch.undo()
    assert opened.committed("kernel_blob") == 0
    opened.run(lambda tx: opened.store.blobs.keep(tx, spool.path))
    assert opened.committed("kernel_blob") == 1


def test_a_kept_blob_outlives_its_spool_and_the_process(opened: Any) -> None:
    body = os.urandom(3 * STEP)
    spool = received(opened, body)
    blob = opened.run(lambda tx: opened.store.blobs.keep(tx, spool.path))
    opened.call(asyncio.sleep(0))
    spool.discard()
    assert files(opened) == [blob]
    assert (contents(opened, blob), opened.store.blobs.size(blob)) == (body, len(body))
    assert swept(opened) == [blob]
    assert contents(opened, blob) == body


def test_a_blob_can_be_read_in_the_transaction_that_keeps_it(opened: Any) -> None:
    spool = received(opened, b"a" * STEP)

    def keep(tx: Any) -> bytes:
        return contents(opened, opened.store.blobs.keep(tx, spool.path))

    assert opened.run(keep) == b"a" * STEP


def test_what_a_failed_transaction_kept_goes_with_the_spool(opened: Any) -> None:
    spool = received(opened, b"a" * STEP)

    def fail(tx: Any) -> None:
        opened.store.blobs.keep(tx, spool.path)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        opened.run(fail)
    spool.discard()
    assert files(opened) == []


def test_a_file_from_elsewhere_is_adopted(opened: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"elsewhere")
    blob = opened.run(lambda tx: opened.store.blobs.keep(tx, str(tmp_path / "file")))
    assert contents(opened, blob) == b"elsewhere"
    assert not (tmp_path / "file").exists()


def test_a_dropped_blob_goes_after_the_commit_only(opened: Any) -> None:
    spool = received(opened, b"a" * STEP)
    blob = opened.run(lambda tx: opened.store.blobs.keep(tx, spool.path))

    def fail(tx: Any) -> None:
        opened.store.blobs.drop(tx, blob)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        opened.run(fail)
    assert contents(opened, blob) == b"a" * STEP
    opened.run(lambda tx: opened.store.blobs.drop(tx, blob))
    opened.call(asyncio.sleep(0))
    assert files(opened) == []


def test_a_start_sweeps_orphans_and_nothing_else(opened: Any) -> None:
    kept = opened.run(lambda tx, p=received(opened, b"k" * STEP).path: opened.store.blobs.keep(tx, p))
    opened.call(asyncio.sleep(0))
    shard = Path(opened.store.blobs.folder) / "ab"
    shard.mkdir(exist_ok=True)
    (shard / "0000000011ab.part").write_bytes(b"a body that never came whole")
    (shard / "0000000022ab").write_bytes(b"dropped, but not yet removed")
    assert swept(opened) == [kept]


def test_a_crash_between_commit_and_rename_loses_nothing(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FolderBlobs, "_finish", lambda *_: None)
    spool = received(opened, b"k" * STEP)
    blob = opened.run(lambda tx: opened.store.blobs.keep(tx, spool.path))
    opened.call(asyncio.sleep(0))
    assert files(opened) == [blob + folders.PART]
    monkeypatch.undo()
    assert swept(opened) == [blob + folders.PART]
    assert contents(opened, blob) == b"k" * STEP
    opened.run(lambda tx: opened.store.blobs.drop(tx, blob))
    opened.call(asyncio.sleep(0))
    assert files(opened) == []


def test_another_nodes_young_files_are_left_alone(tmp_path: Path) -> None:
    blobs = FolderBlobs(str(tmp_path), grace=100)
    (tmp_path / "ab").mkdir()
    for name, age in (("young-ab.part", 10), ("old-ab.part", 1000)):
        (tmp_path / "ab" / name).touch()
        past = os.stat(tmp_path / "ab" / name).st_mtime - age
        os.utime(tmp_path / "ab" / name, (past, past))
    assert blobs.sweep(lambda ids: set()) == 1
    assert [p.name for p in (tmp_path / "ab").iterdir()] == ["young-ab.part"]
    blobs.close()
