"""Both kinds of store, each test with an empty one: SQLite in a folder, PostgreSQL in a database of its own."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import apsw
import psycopg
import pytest

from cumulet.drivers.engines import postgres
from cumulet.kernel.settings import Settings
from cumulet.kernel.store import open_store

_names = itertools.count()


class Opened:
    """An open store with its event loop in a thread. `url` is "" for SQLite."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.open()

    def open(self) -> None:
        async def make() -> Any:
            return open_store(Settings(data=str(self.folder), store=self.url), self.loop)

        self.store: Any = self.call(make())

    def call(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def run(self, fn: Callable[[Any], Any]) -> Any:
        """One transaction, committed when this returns."""
        return self.store.run_now(fn)

    def committed(self, table: str) -> int:
        """How many rows of a table anybody else would find."""
        if self.url:
            with psycopg.connect(self.url) as side:
                row = side.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
                assert row is not None
                return int(row[0])
        reader = apsw.Connection(str(self.folder / "state.sqlite"), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            return int(next(iter(reader.execute(f"SELECT count(*) FROM {table}")))[0])
        finally:
            reader.close()

    def reopen(self) -> None:
        self.call(self.store.close())
        self.open()

    def close(self) -> None:
        self.call(self.store.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    engine = postgres.temporary()
    yield engine.url
    engine.stop()


@pytest.fixture
def database(postgres_url: str) -> str:
    """The URL of an empty database."""
    name = f"store{next(_names)}"
    with psycopg.connect(postgres_url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
    return postgres_url.replace("/postgres?", f"/{name}?")


@pytest.fixture(params=["sqlite", "postgres"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def opened(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opened]:
    box = Opened(tmp_path / "state", request.getfixturevalue("database") if kind == "postgres" else "")
    yield box
    box.close()


@pytest.fixture
def second(opened: Opened) -> Iterator[Opened]:
    """Another node on the same PostgreSQL."""
    box = Opened(opened.folder, opened.url)
    yield box
    box.close()
