"""Snapshots keep every value of every kind of column, whichever kind of store they come from or go to."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cumulet.kernel.declare import stored
from cumulet.kernel.settings import Settings
from cumulet.kernel.store import open_store

LONG = 2 ** 63


@stored(key=("name", "raw"), indexes={"maybe": ("maybe",)})
class Wide(msgspec.Struct):
    name: str
    raw: bytes
    whole: int
    real: float
    yes: bool
    maybe: str | None
    packed: dict[str, Any]


@stored(auto="number", scope="global")
class Numbered(msgspec.Struct):
    account: str
    number: int = 0


text = st.text(st.characters(blacklist_categories=("Cs",)), max_size=12)
wide = st.builds(Wide, text, st.binary(max_size=8), st.integers(-LONG, LONG - 1), st.floats(allow_nan=False), st.booleans(),
                 st.none() | text, st.dictionaries(text, st.integers(-5, 5) | st.binary(max_size=3) | st.none(), max_size=3))
places = st.tuples(st.sampled_from(["111111111111", "222222222222"]), st.sampled_from(["us-east-1", "eu-west-1"]))


class Other:
    """An empty store of the other kind beside the one under test."""

    def __init__(self, folder: Path, url: str) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

        async def make() -> Any:
            return open_store(Settings(data=str(folder), store=url), self.loop)

        self.store: Any = asyncio.run_coroutine_threadsafe(make(), self.loop).result(30)

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self.store.close(), self.loop).result(30)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


@pytest.fixture
def other(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Other]:
    made = Other(tmp_path / "other", request.getfixturevalue("database") if kind == "sqlite" else "")
    yield made
    made.close()


def all_of(store: Any) -> list[Any]:
    """Every row of every place."""
    def read(tx: Any) -> list[Any]:
        found: list[Any] = [tx.table(Numbered, "", "").scan()]
        for account in ("111111111111", "222222222222"):
            found += [tx.table(Wide, account, region).scan() for region in ("us-east-1", "eu-west-1")]
        return found

    return list(store.run_now(read))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(places, wide), max_size=8), later=st.lists(st.tuples(places, wide), max_size=3))
def test_save_change_load_is_equal_here_and_elsewhere(opened: Any, other: Other, tmp_path: Path, rows: Any, later: Any) -> None:
    def put(some: Any) -> Any:
        def work(tx: Any) -> None:
            for place, row in some:
                tx.table(Wide, *place).put(row)
                tx.table(Numbered, "", "").put(Numbered(place[0]))

        return work

    opened.store.reset()
    opened.run(put(rows))
    before = all_of(opened.store)
    path = tmp_path / f"snap{len(list(tmp_path.glob('snap*')))}"
    opened.store.snapshot(str(path))
    opened.run(put(later))
    opened.run(lambda tx: tx.table(Wide, "111111111111", "us-east-1").delete_all())
    opened.store.restore(str(path))
    assert all_of(opened.store) == before
    other.store.restore(str(path))
    assert all_of(other.store) == before
    last = max((row.number for row in before[0]), default=0)
    for store in (opened.store, other.store):
        assert store.run_now(lambda tx: tx.table(Numbered, "", "").put(Numbered("333333333333")).number) > last
