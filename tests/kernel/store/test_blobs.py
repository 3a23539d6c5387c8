"""Bodies on their way in, and blobs whatever moment a crash chooses."""

from __future__ import annotations

import asyncio
import hashlib
import os
import zlib
from pathlib import Path
from typing import Any

import pytest

from cumulet.kernel.store import folder as folders
from cumulet.kernel.store.blobs import INLINE, STEP, Spool, SpoolWriter
from cumulet.kernel.store.folder import FolderBlobs


def received(opened: Any, body: bytes, chunk: int = 100_000, algorithms: tuple[str, ...] = ("md5",)) -> Spool:
    async def take() -> Spool:
        writer = SpoolWriter(opened.store.blobs, algorithms)
        for at in range(0, len(body), chunk):
            await writer.write(body[at: at + chunk])
        return await writer.finish({"x": "y"})

    spool: Spool = opened.call(take())
    return spool


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


@pytest.mark.parametrize("size", [0, 1, INLINE, INLINE + 1, STEP, 3 * STEP + 7])
def test_a_body_is_received_whole_with_its_digests(opened: Any, size: int) -> None:
    body = os.urandom(size)
    spool = received(opened, body, 70_000, ("md5", "sha256", "crc32", "crc32c", "crc64nvme", "sha1"))
    assert (spool.size, spool.read(), spool.trailers) == (size, body, {"x": "y"})
    assert (spool.data is None) == (size > INLINE)
    assert spool.digests["md5"] == hashlib.md5(body).hexdigest()
    assert spool.digests["sha256"] == hashlib.sha256(body).hexdigest()
    assert spool.digests["crc32"] == f"{zlib.crc32(body):08x}"
    again = Spool(body)
    assert {name: again.digest(name) for name in spool.digests} == spool.digests
    spool.discard()
    assert files(opened) == []


def test_check_values_of_the_crcs() -> None:
    spool = Spool(b"123456789")
    assert (spool.digest("crc32"), spool.digest("crc32c"), spool.digest("crc64nvme")) == (
        "cbf43926", "e3069283", "ae8b14860a799888")


def test_an_aborted_body_leaves_nothing(opened: Any) -> None:
    async def take() -> None:
        writer = SpoolWriter(opened.store.blobs)
        await writer.write(b"x" * 2 * STEP)
        await writer.write(b"x" * 10)
        await writer.abort()

    opened.call(take())
    assert files(opened) == []


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
