"""Snapshots, restoring them, and forgetting."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cumulet.kernel.cloud import Setting
from cumulet.kernel.declare import stored
from cumulet.kernel.store import forks
from cumulet.kernel.store.snapshot import SnapshotProblem


@stored(auto="number", indexes={"blob": ("blob",)})
class Page(msgspec.Struct):
    text: str
    blob: str | None = None
    number: int = 0


@stored(key=("name",), scope="global")
class Site(msgspec.Struct):
    name: str
    account: str
    region: str


@stored(key=("name",), scope="account")
class Author(msgspec.Struct):
    name: str


def write(opened: Any, text: str, account: str = "1", region: str = "r", bytes_: bytes = b"") -> Page:
    path = opened.store.blobs.temporary()
    if bytes_:
        with open(path, "wb") as f:
            f.write(bytes_)

    def work(tx: Any) -> Page:
        blob = opened.store.blobs.keep(tx, path) if bytes_ else None
        page: Page = tx.table(Page, account, region).put(Page(text, blob))
        tx.table(Site, "", "").put(Site(text, account, region))
        tx.table(Author, account, region).put(Author(text))
        return page

    page: Page = opened.run(work)
    opened.call(asyncio.sleep(0))
    return page


def pages(opened: Any, account: str = "1", region: str = "r") -> list[str]:
    found: list[str] = opened.run(lambda tx: [p.text for p in tx.table(Page, account, region).scan()])
    return found


def test_a_snapshot_is_restored_with_its_blobs(opened: Any, tmp_path: Path) -> None:
    first = write(opened, "fi\x00rst", bytes_=b"one" * 50_000)
    write(opened, "other", account="2")
    opened.store.snapshot(str(tmp_path / "snap"))
    opened.run(lambda tx: opened.store.blobs.drop(tx, first.blob))
    opened.run(lambda tx: tx.table(Page, "1", "r").delete(first.number))
    write(opened, "later", account="3", bytes_=b"late")
    opened.store.restore(str(tmp_path / "snap"))
    assert (pages(opened), pages(opened, "2"), pages(opened, "3")) == (["fi\x00rst"], ["other"], [])
    fd = opened.store.blobs.open(first.blob)
    assert os.pread(fd, 1 << 20, 0) == b"one" * 50_000
    os.close(fd)
    assert write(opened, "new", account="3").number > first.number
    opened.reopen()
    opened.store.blobs._sweeper.join(10)
    assert (pages(opened), pages(opened, "3")) == (["fi\x00rst"], ["new"])
    fd = opened.store.blobs.open(first.blob)
    os.close(fd)
    assert [p.text for p in opened.run(lambda tx: tx.table(Page, "1", "r").scan(index="blob"))] == ["fi\x00rst"]


def test_a_snapshot_is_of_one_moment_while_others_write(opened: Any, tmp_path: Path) -> None:
    async def busy(stop: asyncio.Event) -> int:
        n = 0
        while not stop.is_set() or n < 6:
            await opened.store.run(lambda tx, n=n: (tx.table(Page, "1", "r").put(Page(str(n))),
                                                    tx.table(Page, "2", "r").put(Page(str(n)))))
            n += 1
        return n

    stop = asyncio.Event()
    writer = asyncio.run_coroutine_threadsafe(busy(stop), opened.loop)
    for n in range(5):
        opened.store.snapshot(str(tmp_path / str(n)))
    opened.loop.call_soon_threadsafe(stop.set)
    assert writer.result(20) > 5
    for n in range(5):
        opened.store.restore(str(tmp_path / str(n)))
        assert pages(opened, "1") == pages(opened, "2")


def test_snapshots_do_not_write_over_anything(opened: Any, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(SnapshotProblem, match="exists"):
        opened.store.snapshot(str(tmp_path / "there"))
    with pytest.raises(SnapshotProblem, match="no snapshot"):
        opened.store.restore(str(tmp_path / "there"))
    assert write(opened, "still here").text == "still here"


def test_reset_forgets_all_one_account_or_one_region(opened: Any) -> None:
    def fill() -> None:
        for account in "12":
            for region in "rs":
                write(opened, f"{account}{region}", account, region, b"bytes")
        opened.run(lambda tx: tx.table(Setting, "", "").put(Setting("clock", "5")))

    def sites() -> list[str]:
        found: list[str] = opened.run(lambda tx: [s.name for s in tx.table(Site, "", "").scan()])
        return found

    def authors(account: str) -> int:
        return int(opened.run(lambda tx: tx.table(Author, account, "").count()))

    fill()
    opened.store.reset("1", "r")
    assert (pages(opened, "1", "r"), pages(opened, "1", "s"), sites(), authors("1")) == ([], ["1s"], ["1s", "2r", "2s"], 2)
    opened.store.reset("1")
    assert (pages(opened, "1", "s"), pages(opened, "2", "s"), sites(), authors("1")) == ([], ["2s"], ["2r", "2s"], 0)
    opened.store.reset()
    assert (pages(opened, "2", "r"), sites(), authors("2")) == ([], [], 0)
    assert not [p for p in Path(opened.store.blobs.folder).rglob("*") if p.is_file()]
    assert opened.run(lambda tx: tx.table(Setting, "", "").get("clock").value) == "5"
    fill()
    opened.reopen()
    assert pages(opened, "2", "s") == ["2s"]


def test_reset_knows_tables_that_came_later_and_not_those_that_were_undone(opened: Any) -> None:
    @stored(key=("name",))
    class Late(msgspec.Struct):
        name: str

    def put(tx: Any) -> None:
        tx.table(Late, "1", "r").put(Late("a"))

    def undone(tx: Any) -> None:
        put(tx)
        opened.store.register([Late])
        raise ValueError

    write(opened, "first")
    opened.store.reset("1")
    with pytest.raises(ValueError):
        opened.run(undone)
    opened.store.reset("1")
    opened.run(put)
    opened.store.reset("2")
    assert opened.run(lambda tx: tx.table(Late, "1", "r").count()) == 1
    opened.store.reset("1")
    assert opened.run(lambda tx: tx.table(Late, "1", "r").count()) == 0


def test_a_fork_has_all_that_was_committed_and_restoring_waits_for_it(opened: Any, tmp_path: Path,
                                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    first = write(opened, "one", bytes_=b"b" * 50_000)
    for n in range(300):
        write(opened, str(n))
    expected = pages(opened)
    opened.store.fork(str(tmp_path / "fork"))
    write(opened, "after")
    opened.store.snapshot(str(tmp_path / "snap"))
    if opened.url == "":
        copying = forks.copy_file

        def slowly(*arguments: Any) -> None:
            with pytest.raises(SnapshotProblem, match="being copied"):
                opened.store.restore(str(tmp_path / "snap"))
            copying(*arguments)

        monkeypatch.setattr(forks, "copy_file", slowly)
        opened.store.fork(str(tmp_path / "meanwhile"))
        monkeypatch.undo()
    if opened.url == "":
        with pytest.raises(SnapshotProblem, match="no snapshot"):
            opened.store.restore(str(tmp_path / "fork"))
    forks.settle(str(tmp_path / "fork"))
    opened.store.restore(str(tmp_path / "fork"))
    assert pages(opened) == expected
    fd = opened.store.blobs.open(first.blob)
    assert os.pread(fd, 1 << 20, 0) == b"b" * 50_000
    os.close(fd)
