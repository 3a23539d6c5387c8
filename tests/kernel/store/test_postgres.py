"""What only PostgreSQL does: many at once, run again when they cross, and nodes that hear of each other."""

from __future__ import annotations

import asyncio
import queue
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from cumulet.kernel.declare import stored


@stored(key=("name",))
class Account(msgspec.Struct):
    name: str
    balance: int = 0


@stored(auto="number", scope="global")
class Ticket(msgspec.Struct):
    owner: str
    number: int = 0


@pytest.fixture
def kind() -> str:
    return "postgres"


def accounts(tx: Any) -> Any:
    return tx.table(Account, "1", "r")


def test_many_that_cross_each_other_lose_nothing(opened: Any, second: Any) -> None:
    opened.run(lambda tx: accounts(tx).put(Account("x", 0)))
    runs = []

    def raise_it(tx: Any) -> None:
        runs.append(1)
        row = accounts(tx).get("x")
        row.balance += 1
        accounts(tx).put(row)

    async def many(store: Any) -> None:
        await asyncio.gather(*(store.run(raise_it) for _ in range(40)))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda box: box.call(many(box.store)), [opened, second]))
    assert opened.run(lambda tx: accounts(tx).get("x").balance) == 80
    assert len(runs) > 80                       # they did cross, and were run again


def test_transactions_are_serialisable(opened: Any) -> None:
    """Two withdrawals that each look at both accounts: under snapshot isolation both would go through."""
    for _ in range(5):
        opened.run(lambda tx: (accounts(tx).put(Account("a", 50)), accounts(tx).put(Account("b", 50))))

        def withdraw(name: str) -> Any:
            def work(tx: Any) -> bool:
                if sum(row.balance for row in accounts(tx).scan()) < 100:
                    return False
                accounts(tx).change(name, balance=-50)
                return True

            return work

        async def both() -> list[bool]:
            return list(await asyncio.gather(opened.store.run(withdraw("a")), opened.store.run(withdraw("b"))))

        assert sorted(opened.call(both())) == [False, True]


def test_one_that_swallows_the_failure_is_run_again(opened: Any) -> None:
    opened.run(lambda tx: accounts(tx).put(Account("x", 0)))

    def careless(tx: Any) -> int:
        row = accounts(tx).get("x")
        row.balance += 1
        try:
            accounts(tx).put(row)
        except Exception:
            return -1
        return int(row.balance)

    async def many() -> list[int]:
        return list(await asyncio.gather(*(opened.store.run(careless) for _ in range(20))))

    assert sorted(opened.call(many())) == list(range(1, 21))


def test_one_that_can_never_win_ends_with_the_databases_error(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cumulet.kernel.store.postgres.ATTEMPTS", 3)
    monkeypatch.setattr("cumulet.kernel.store.postgres.LONGEST_PAUSE", 0.001)
    runs = []

    def lose(tx: Any) -> None:
        runs.append(1)
        accounts(tx).sql("SELECT set_config('x.y', ?, true)", "z")
        tx.session.read("DO $$ BEGIN RAISE EXCEPTION 'crossed' USING ERRCODE = '40001'; END $$", ())

    with pytest.raises(psycopg.errors.SerializationFailure):
        opened.run(lose)
    assert len(runs) == 3
    assert opened.run(lambda tx: accounts(tx).count()) == 0


def test_signals_reach_the_other_node_after_the_commit(opened: Any, second: Any) -> None:
    own: queue.Queue[str] = queue.Queue()
    other: queue.Queue[str] = queue.Queue()
    opened.store.listen(own.put)
    second.store.listen(other.put)

    def work(tx: Any) -> None:
        accounts(tx).put(Account("x"))
        opened.store.notify(tx, "sqs\x1fjobs \U0001f600")
        opened.store.notify(tx, "sqs\x1fjobs \U0001f600")

    def fail(tx: Any) -> None:
        opened.store.notify(tx, "never")
        raise ZeroDivisionError

    opened.run(work)
    assert other.get(timeout=5) == "sqs\x1fjobs \U0001f600"
    with pytest.raises(ZeroDivisionError):
        opened.run(fail)
    second.run(lambda tx: second.store.notify(tx, "back"))
    assert own.get(timeout=5) == "back"
    assert (own.qsize(), other.qsize()) == (0, 0)


def test_a_lost_connection_is_replaced(opened: Any, database: str) -> None:
    opened.run(lambda tx: accounts(tx).put(Account("x", 1)))
    heard: queue.Queue[str] = queue.Queue()
    opened.store.listen(heard.put)
    with psycopg.connect(database, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
                      "AND pid <> pg_backend_pid()")
    for _ in range(10):                         # each worker thread has a connection of its own
        assert opened.run(lambda tx: accounts(tx).get("x").balance) == 1
    assert opened.run(lambda tx: tx.table(Account, "new account", "r").put(Account("y")).name) == "y"


def test_nodes_number_their_rows_apart(opened: Any, second: Any) -> None:
    async def many(box: Any) -> list[int]:
        rows = await asyncio.gather(*(box.store.run(lambda tx: tx.table(Ticket, "", "").put(Ticket("o"))) for _ in range(25)))
        return [row.number for row in rows]

    with ThreadPoolExecutor(2) as pool:
        numbers = [n for part in pool.map(lambda box: box.call(many(box)), [opened, second]) for n in part]
    assert len(set(numbers)) == 50


def test_another_node_sees_a_restored_state(opened: Any, second: Any, tmp_path: Path) -> None:
    opened.store.listen(lambda _: None)
    second.store.listen(lambda _: None)
    opened.run(lambda tx: accounts(tx).put(Account("old")))
    opened.store.snapshot(str(tmp_path / "snap"))
    second.run(lambda tx: tx.table(Account, "2", "r").put(Account("lost")))
    second.store.restore(str(tmp_path / "snap"))
    opened.run(lambda tx: tx.table(Account, "3", "r").put(Account("three")))
    second.run(lambda tx: tx.table(Account, "2", "r").put(Account("two")))
    for box in (opened, second):
        assert box.run(lambda tx: [[r.name for r in tx.table(Account, a, "r").scan()] for a in "123"]) == [
            ["old"], ["two"], ["three"]]
