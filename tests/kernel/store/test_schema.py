"""Old folders open, newer ones are refused, and nobody shares one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cumulet.kernel.declare import stored
from cumulet.kernel.store.lock import FolderInUse
from cumulet.kernel.store.postgres import PostgresStore
from cumulet.kernel.store.schema import MIGRATIONS, SchemaProblem
from cumulet.kernel.store.sqlite import SqliteStore


def old() -> type:
    @stored(key=("id",), indexes={"gone": ("size",), "changed": ("size",)})
    class Evolving(msgspec.Struct):
        id: str
        size: int = 0

    return Evolving


def new() -> type:
    @stored(key=("id",), indexes={"changed": ("colour", "size"), "added": ("maybe",)})
    class Evolving(msgspec.Struct):
        id: str
        size: int = 0
        colour: str = "blue"
        tags: dict[str, int] = msgspec.field(default_factory=lambda: {"a": 1})
        maybe: str | None = None

    return Evolving


def wrong() -> type:
    @stored(key=("id",))
    class Evolving(msgspec.Struct):
        id: str
        size: str = ""

    return Evolving


def open_at(opened: Any, migrations: Any) -> Any:
    """The same state, opened by a version with these migrations."""
    async def make() -> Any:
        if opened.url:
            return PostgresStore(opened.url, str(opened.folder), opened.loop, migrations=migrations)
        return SqliteStore(str(opened.folder), opened.loop, migrations=migrations)

    opened.call(opened.store.close())
    opened.store = opened.call(make())
    return opened.store


def test_new_fields_have_their_defaults_in_old_rows(opened: Any) -> None:
    before, after = old(), new()
    opened.run(lambda tx: tx.table(before, "1", "r").put(before("x", 7)))
    opened.reopen()
    row = opened.run(lambda tx: tx.table(after, "1", "r").get("x"))
    assert (row.size, row.colour, row.tags, row.maybe) == (7, "blue", {"a": 1}, None)
    opened.run(lambda tx: tx.table(after, "1", "r").put(after("y", 1, "red", {}, "m")))
    assert [r.id for r in opened.run(lambda tx: tx.table(after, "1", "r").scan(index="changed"))] == ["x", "y"]
    assert [r.id for r in opened.run(lambda tx: tx.table(after, "1", "r").scan(index="added"))] == ["y"]
    indexes = ("SELECT indexname FROM pg_indexes WHERE tablename = 'kernel_evolving' AND indexname LIKE '%!_!_%' ESCAPE '!'"
               if opened.url else "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'kernel_evolving'")
    found = opened.run(lambda tx: tx.table(after, "1", "r").sql(indexes))
    assert {name for (name,) in found} == {"kernel_evolving__key", "kernel_evolving__changed", "kernel_evolving__added"}


def test_an_older_version_still_reads_what_it_knows(opened: Any) -> None:
    before, after = old(), new()
    opened.run(lambda tx: tx.table(after, "1", "r").put(after("x", 7, "red")))
    opened.reopen()
    assert opened.run(lambda tx: tx.table(before, "1", "r").get("x")).size == 7
    opened.reopen()
    assert opened.run(lambda tx: tx.table(after, "1", "r").get("x")).colour == "red"


def test_a_field_of_another_type_needs_a_migration(opened: Any) -> None:
    opened.store.register([old()])
    opened.reopen()
    with pytest.raises(SchemaProblem, match="was int and is str"):
        opened.store.register([wrong()])
    opened.store.register([old()])


def test_migrations_run_once_in_order_and_a_newer_state_is_refused(opened: Any) -> None:
    kind, ran = old(), []
    opened.run(lambda tx: tx.table(kind, "1", "r").put(kind("x", 1)))

    def double(execute: Any) -> None:
        ran.append("double")
        execute('UPDATE "kernel_evolving" SET "size" = "size" * ?', (2,))

    def add(execute: Any) -> None:
        ran.append("add")
        execute('UPDATE "kernel_evolving" SET "size" = "size" + ?', (3,))

    open_at(opened, [*MIGRATIONS, double])
    open_at(opened, [*MIGRATIONS, double, add])
    open_at(opened, [*MIGRATIONS, double, add])
    assert ran == ["double", "add"]
    assert opened.run(lambda tx: tx.table(kind, "1", "r").get("x")).size == 5
    with pytest.raises(SchemaProblem, match="newer version of cumulet"):
        open_at(opened, MIGRATIONS)
    open_at(opened, [*MIGRATIONS, double, add])


def test_a_migration_that_fails_changes_nothing(opened: Any) -> None:
    kind = old()
    opened.run(lambda tx: tx.table(kind, "1", "r").put(kind("x", 1)))

    def fail(execute: Any) -> None:
        execute('UPDATE "kernel_evolving" SET "size" = 99', ())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        open_at(opened, [*MIGRATIONS, fail])
    open_at(opened, MIGRATIONS)
    assert opened.run(lambda tx: tx.table(kind, "1", "r").get("x")).size == 1


HOLD = """
import asyncio, sys
from cumulet.kernel.store.sqlite import SqliteStore
loop = asyncio.new_event_loop()
store = SqliteStore(sys.argv[1], loop)
print("open", flush=True)
sys.stdin.read()
"""


def test_a_second_process_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdin is not None
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"open\n"
    loop = asyncio.new_event_loop()
    with pytest.raises(FolderInUse, match=f"process {holder.pid}"):
        SqliteStore(str(tmp_path), loop)
    holder.kill()
    holder.wait()
    holder.stdin.close()
    holder.stdout.close()
    store = SqliteStore(str(tmp_path), loop)
    loop.run_until_complete(store.close())
    loop.close()


def test_a_damaged_file_is_refused_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "state.sqlite").write_bytes(b"no database at all" * 1000)
    loop = asyncio.new_event_loop()
    with pytest.raises(SchemaProblem, match="damaged"):
        SqliteStore(str(tmp_path), loop)
    loop.close()
    assert (tmp_path / "state.sqlite").read_bytes().startswith(b"no database")


def test_an_ephemeral_store_leaves_nothing(tmp_path: Path) -> None:
    loop = asyncio.new_event_loop()
    store = SqliteStore(str(tmp_path / "unused"), loop, ephemeral=True)
    kind = old()
    store.run_now(lambda tx: tx.table(kind, "1", "r").put(kind("x", 7)))
    assert store.run_now(lambda tx: tx.table(kind, "1", "r").get("x")).size == 7
    folder = Path(store.folder)
    assert folder.exists()
    loop.run_until_complete(store.close())
    loop.close()
    assert not folder.exists()
    assert not (tmp_path / "unused").exists()


def test_what_a_killed_ephemeral_store_left_is_removed_by_the_next(tmp_path: Path) -> None:
    code = HOLD.replace("loop)", "loop, True)", 1).replace('"open"', "store.folder")
    killed = subprocess.Popen([sys.executable, "-c", code, "unused"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert killed.stdout is not None
    assert killed.stdin is not None
    folder = Path(killed.stdout.readline().decode().strip())
    killed.kill()
    killed.wait()
    killed.stdin.close()
    killed.stdout.close()
    assert folder.exists()
    loop = asyncio.new_event_loop()
    store = SqliteStore("unused", loop, ephemeral=True)
    assert not folder.exists()
    loop.run_until_complete(store.close())
    loop.close()
