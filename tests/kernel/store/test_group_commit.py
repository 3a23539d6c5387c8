"""SQLite: who is told when, and what happens to the others when one fails."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import apsw
import msgspec
import pytest

from cumulet.kernel.declare import stored
from cumulet.kernel.store import sqlite, writer
from cumulet.kernel.store.sqlite import SqliteStore


@stored(key=("name",), scope="global")
class Mark(msgspec.Struct):
    name: str
    text: str = ""


def put(name: str) -> Callable[[Any], str]:
    def fn(tx: Any) -> str:
        tx.table(Mark, "", "").put(Mark(name))
        return name

    return fn


def names(tx: Any) -> list[str]:
    return [m.name for m in tx.table(Mark, "", "").scan()]


def durable(folder: Path) -> list[str]:
    """What another process would find: only what is committed."""
    side = apsw.Connection(str(folder / "state.sqlite"), flags=apsw.SQLITE_OPEN_READONLY)
    try:
        return [row[0] for row in side.execute("SELECT name FROM kernel_mark ORDER BY name")]
    finally:
        side.close()


@pytest.fixture(params=["on the loop", "in a thread"])
def run(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(writer, "SLOW_COMMIT", -1.0 if request.param == "in a thread" else 1e9)

    def start(work: Callable[[SqliteStore, Path], Coroutine[Any, Any, Any]]) -> Any:
        async def main() -> Any:
            store = SqliteStore(str(tmp_path), asyncio.get_running_loop())
            store.register([Mark])
            try:
                return await work(store, tmp_path)
            finally:
                await store.close()

        return asyncio.run(main())

    return start


def test_done_comes_after_the_commit_of_the_group(run: Any) -> None:
    async def work(store: SqliteStore, folder: Path) -> None:
        found: list[Any] = []
        for name in "abc":
            store.transact(put(name), lambda result, _: found.append((result, durable(folder))))
        assert found == []
        assert durable(folder) == []
        await store.run(put("z"))
        assert found == [(name, ["a", "b", "c", "z"]) for name in "abc"]

    run(work)


def test_reads_are_answered_together_with_the_turn_and_one_of_the_undurable_waits(run: Any) -> None:
    async def work(store: SqliteStore, folder: Path) -> None:
        found: list[Any] = []
        store.transact(names, lambda result, _: None)
        store.transact(names, lambda result, _: found.append(result))
        assert found == []
        await asyncio.sleep(0)
        assert found == [[]]
        store.transact(put("a"), lambda *_: None)
        store.transact(names, lambda result, _: found.append((result, durable(folder))))
        assert len(found) == 1
        await store.run(put("b"))
        assert found[1] == (["a"], ["a", "b"])

    run(work)


def test_one_that_fails_takes_nobody_along(run: Any) -> None:
    async def work(store: SqliteStore, folder: Path) -> None:
        told: list[Any] = []

        def fail(tx: Any) -> None:
            put("bad")(tx)
            tx.table(Mark, "", "").delete("a")
            raise ZeroDivisionError

        for fn in (fail, put("a"), fail, put("b"), fail):
            store.transact(fn, lambda result, problem: told.append(result or type(problem)))
        assert await store.run(names) == ["a", "b"]
        assert told == [ZeroDivisionError, "a", ZeroDivisionError, "b", ZeroDivisionError]
        assert durable(folder) == ["a", "b"]

    run(work)


def test_who_read_what_was_taken_along_reads_what_is_there_instead(run: Any) -> None:
    async def work(store: SqliteStore, folder: Path) -> None:
        runs: list[str] = []
        told: list[Any] = []

        def number(tx: Any) -> str:
            runs.append("number")
            return str(tx.table(Mark, "", "").put(Mark("n", str(len(runs)))).text)

        def look(tx: Any) -> str:
            return str(tx.table(Mark, "", "").get("n").text)

        def fail(tx: Any) -> None:
            runs.append("fail")
            put("bad")(tx)
            raise ZeroDivisionError

        def go() -> None:
            for fn in (number, look, fail, put("z"), fail):
                store.transact(fn, lambda result, problem: told.append(result or type(problem)))

        go()
        assert told == []
        assert await store.run(names) == ["n", "z"]
        assert told == ["3", "3", ZeroDivisionError, "z", ZeroDivisionError]
        assert runs == ["number", "fail", "number", "fail"]         # from then on there are savepoints
        runs.clear()
        go()
        await store.run(names)
        assert runs == ["number", "fail", "fail"]

    run(work)


def test_groups_with_failures_do_what_each_alone_would_have_done(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "CAREFUL", 2)                       # so that both ways are taken often

    async def work(store: SqliteStore, folder: Path) -> None:
        chance, told = random.Random(7), list[Any]()
        wanted: dict[str, int] = {}

        def adding(name: str, reads: bool, fails: bool) -> Callable[[Any], int]:
            def fn(tx: Any) -> int:
                table = tx.table(Mark, "", "")
                row = table.get(name)
                count = int(row.text) if row is not None else 0
                if not reads:
                    count += 1
                    table.put(Mark(name, str(count)))
                if fails:
                    raise ZeroDivisionError
                return count

            return fn

        for _ in range(150):
            told.clear()
            said: list[Any] = []
            for _ in range(chance.randrange(1, 9)):
                name, reads, fails = chance.choice("abc"), chance.random() < 0.3, chance.random() < 0.15
                store.transact(adding(name, reads, fails),
                               lambda result, problem: told.append(type(problem) if problem else result))
                now = wanted.get(name, 0) + (not reads)
                if fails:
                    said.append(ZeroDivisionError)
                else:
                    said.append(now)
                    wanted[name] = now
            found = await store.run(lambda tx: {m.name: int(m.text) for m in tx.table(Mark, "", "").scan()})
            assert told == said
            assert found == {name: count for name, count in wanted.items() if count}

    run(work)


def test_files_of_who_is_run_again_are_durable_once(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(store: SqliteStore, folder: Path) -> None:
        synced: list[str] = []
        monkeypatch.setattr(store.writer, "_durable", synced.extend)

        def keep(tx: Any) -> str:
            path = store.blobs.temporary()
            Path(path).write_text("x")
            return str(store.blobs.keep(tx, path))

        def fail(tx: Any) -> None:
            put("bad")(tx)
            raise ZeroDivisionError

        kept: list[str] = []
        store.transact(keep, lambda blob, _: kept.append(str(blob)))
        store.transact(fail, lambda *_: None)
        await store.run(put("a"))
        assert [Path(path).name for path in synced] == [f"{kept[0]}.part"]
        assert store.blobs.size(kept[0]) == 1

    run(work)


def test_a_commit_that_fails_fails_all(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(store: SqliteStore, folder: Path) -> None:
        told: list[Any] = []
        fine = store.writer.execute

        def execute(text: str, *rest: Any) -> Any:
            if text == "COMMIT":
                raise apsw.FullError("the disk is full")
            return fine(text, *rest)

        monkeypatch.setattr(store.writer, "execute", execute)
        callbacks: list[str] = []

        def with_callback(tx: Any) -> None:
            put("b")(tx)
            tx.after_commit(lambda: callbacks.append("b"))

        store.transact(put("a"), lambda _, problem: told.append(type(problem)))
        store.transact(with_callback, lambda _, problem: told.append(type(problem)))
        with pytest.raises(apsw.FullError):
            await store.run(names)
        assert told == [apsw.FullError] * 2
        assert callbacks == []
        monkeypatch.setattr(store.writer, "execute", fine)
        assert await store.run(put("later")) == "later"
        assert durable(folder) == ["later"]

    run(work)


def test_a_full_disk_while_writing_fails_the_group_and_the_next_goes_on(run: Any) -> None:
    async def work(store: SqliteStore, folder: Path) -> None:
        told: list[Any] = []
        pages = next(iter(store.writer.execute("PRAGMA page_count")))[0]
        store.writer.execute(f"PRAGMA max_page_count = {pages}")

        def big(tx: Any) -> None:
            tx.table(Mark, "", "").put(Mark("big", "x" * 200_000))

        store.transact(put("a"), lambda result, problem: told.append(result or type(problem)))
        store.transact(big, lambda result, problem: told.append(result or type(problem)))
        with pytest.raises(apsw.FullError):
            await store.run(big)
        store.writer.execute("PRAGMA max_page_count = 1000000")
        await store.run(put("b"))
        assert apsw.FullError in told
        assert durable(folder) == (["a", "b"] if told[0] == "a" else ["b"])

    run(work)


def test_what_comes_during_a_commit_forms_the_next_group(run: Any) -> None:
    async def work(store: SqliteStore, folder: Path) -> None:
        async def chain(name: str) -> None:
            for n in range(30):
                await store.run(put(f"{name}{n:02}"))
                assert f"{name}{n:02}" in await store.run(names)

        await asyncio.gather(*(chain(name) for name in "abcdefgh"))
        assert len(durable(folder)) == 240

    run(work)


def test_an_answer_that_goes_wrong_is_not_the_others_trouble(run: Any) -> None:
    async def work(store: SqliteStore, folder: Path) -> None:
        problems: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: problems.append(context["exception"]))

        def wrong(*_: Any) -> None:
            raise ValueError("mine")

        store.transact(put("a"), wrong)
        assert await store.run(put("b")) == "b"
        assert [str(p) for p in problems] == ["mine"]

    run(work)


def test_a_transaction_inside_a_transaction_is_an_error(run: Any) -> None:
    async def work(store: SqliteStore, folder: Path) -> None:
        with pytest.raises(RuntimeError, match="inside a transaction"):
            await store.run(lambda tx: store.transact(names, lambda *_: None))
        assert await store.run(names) == []

    run(work)


def test_the_log_does_not_grow_without_bound(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "CHECKPOINT_PAGES", 50)

    async def work(store: SqliteStore, folder: Path) -> None:
        most = 0
        for n in range(300):
            await store.run(lambda tx, n=n: [tx.table(Mark, "", "").put(Mark(f"{n}-{i}", "x" * 3000)) for i in range(10)])
            most = max(most, (folder / "state.sqlite-wal").stat().st_size)
        assert (folder / "state.sqlite").stat().st_size > 8_000_000
        assert most < 8_000_000, most
        assert len(await store.run(names)) == 3000

    run(work)


def test_what_was_read_is_let_go_with_its_transaction(run: Any) -> None:
    """A statement that was left half way would keep the log from ever being begun anew."""
    async def work(store: SqliteStore, folder: Path) -> Any:
        await asyncio.gather(*(store.run(put(name)) for name in "abc"))
        found = await store.run(lambda tx: tx.table(Mark, "", "").get("a"))
        store.writer.flush()
        side = apsw.Connection(str(folder / "state.sqlite"))
        try:
            return found.name, list(side.execute("PRAGMA wal_checkpoint(TRUNCATE)"))
        finally:
            side.close()

    assert run(work) == ("a", [(0, 0, 0)])


def test_close_finishes_what_was_begun(run: Any, tmp_path: Path) -> None:
    async def work(store: SqliteStore, folder: Path) -> list[Any]:
        told: list[Any] = []
        store.transact(put("a"), lambda result, _: told.append(result))
        await asyncio.sleep(0)                       # its commit has begun
        store.transact(put("b"), lambda result, _: told.append(result))
        await store.close()
        assert told == ["a", "b"]
        with pytest.raises(RuntimeError, match="closed"):
            store.transact(names, lambda *_: None)
        return told

    run(work)
    assert durable(tmp_path) == ["a", "b"]
