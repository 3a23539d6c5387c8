"""What every store promises (`kernel/store/contract.py`), asked of both kinds."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cumulet.kernel.declare import stored
from cumulet.kernel.store.contract import Conflict


@stored(key=("group", "name"), indexes={"size": ("size", "name"), "owner": ("owner",)})
class Thing(msgspec.Struct, kw_only=True):
    group: str
    name: str
    size: int = 0
    owner: str | None = None
    weight: float = 0.0
    alive: bool = True
    maybe: bool | None = None
    data: bytes = b""
    tags: dict[str, Any] = {}
    parts: tuple[int, ...] | None = None


@stored(auto="number", indexes={"line": ("line",)})
class Entry(msgspec.Struct):
    line: str
    text: str = ""
    number: int = 0


@stored(key=("id",), indexes={"mail": ("mail",)}, unique=("mail",), scope="account")
class Person(msgspec.Struct):
    id: str
    mail: str | None = None


@stored(key=("name",), scope="global")
class World(msgspec.Struct):
    name: str
    value: str = ""


@stored(key=("text",))
class Word(msgspec.Struct):
    text: str
    raw: bytes = b""


def things(tx: Any, account: str = "1", region: str = "r") -> Any:
    return tx.table(Thing, account, region)


def fill(tx: Any) -> None:
    for group, name, size in (("a", "1", 5), ("a", "2", 3), ("a", "3", 5), ("b", "1", 3), ("b", "2", 9)):
        things(tx).put(Thing(group=group, name=name, size=size, owner="me" if size == 5 else None))


def names(rows: list[Thing]) -> list[str]:
    return [row.group + row.name for row in rows]


def test_a_row_comes_back_as_it_went(opened: Any) -> None:
    row = Thing(group="g", name="n", size=-(2**63), owner="o", weight=0.1, alive=False, maybe=True, data=b"\x00\xff",
                tags={"a": [1, None, {"b": 2.5}]}, parts=(1, 2))
    opened.run(lambda tx: things(tx).put(row))
    assert opened.run(lambda tx: things(tx).get("g", "n")) == row
    bare = Thing(group="g", name="m")
    opened.run(lambda tx: things(tx).put(bare))
    assert opened.run(lambda tx: things(tx).get("g", "m")) == bare
    assert opened.run(lambda tx: things(tx).get("g", "x")) is None


def test_put_replaces_and_insert_refuses(opened: Any) -> None:
    opened.run(lambda tx: things(tx).put(Thing(group="g", name="n", size=1)))
    opened.run(lambda tx: things(tx).put(Thing(group="g", name="n", size=2)))

    def insert(tx: Any) -> int:
        with pytest.raises(Conflict):
            things(tx).insert(Thing(group="g", name="n", size=3))
        things(tx).insert(Thing(group="g", name="o", size=4))       # the transaction goes on
        return int(things(tx).count())

    assert opened.run(insert) == 2
    assert opened.run(lambda tx: things(tx).get("g", "n").size) == 2


def test_ranges_of_the_key(opened: Any) -> None:
    opened.run(fill)
    ask = lambda *a, **k: opened.run(lambda tx: names(things(tx).scan(*a, **k)))  # noqa: E731
    assert ask() == ["a1", "a2", "a3", "b1", "b2"]
    assert ask("a") == ["a1", "a2", "a3"]
    assert ask("a", reverse=True, limit=2) == ["a3", "a2"]
    assert ask("a", low="2") == ["a2", "a3"]
    assert ask("a", high="2") == ["a1", "a2"]
    assert ask("a", after="1", before="3") == ["a2"]
    assert ask(after=("a", "2"), limit=2) == ["a3", "b1"]
    assert ask(low=("a", "3"), high=("b", "1")) == ["a3", "b1"]
    assert ask(before=("a", "3"), reverse=True) == ["a2", "a1"]
    assert ask("a", "2") == ["a2"]
    assert ask(limit=0) == []


def test_ranges_of_an_index(opened: Any) -> None:
    opened.run(fill)
    ask = lambda *a, **k: opened.run(lambda tx: names(things(tx).scan(*a, **k)))  # noqa: E731
    assert ask(index="size") == ["b1", "a2", "a1", "a3", "b2"]
    assert ask(5, index="size") == ["a1", "a3"]
    assert ask(index="size", low=4, reverse=True) == ["b2", "a3", "a1"]
    assert ask(index="size", after=(5, "1", "a")) == ["a3", "b2"]
    assert ask(index="owner") == ["a1", "a3"]                       # rows without an owner are not in that index
    assert opened.run(lambda tx: things(tx).find("size", 3).name) == "1"
    assert opened.run(lambda tx: things(tx).find("size", 4)) is None
    with pytest.raises(ValueError, match="more bounds"):
        ask("a", low=("1", "2"))


def test_many_keys_at_once(opened: Any) -> None:
    def work(tx: Any) -> None:
        fill(tx)
        asked = [("b", "2"), ("a", "x"), ("a", "1"), ("b", "2"), ("z", "1")]
        assert things(tx).get_many(asked) == [things(tx).get(*key) for key in asked]
        assert names([row for row in things(tx).get_many(asked) if row]) == ["b2", "a1", "b2"]
        assert things(tx).get_many([]) == []
        tx.table(World, "", "").put(World("one", "1"))
        assert tx.table(World, "", "").get_many([("two",), ("one",)]) == [None, World("one", "1")]
        assert things(tx, region="elsewhere").get_many(asked) == [None] * 5
        for number in range(250):
            things(tx).put(Thing(group="many", name=str(number), size=number))
        many = things(tx).get_many([("many", str(number)) for number in range(260)])
        assert [row.size for row in many if row] == list(range(250))
        assert many[250:] == [None] * 10

    opened.run(work)


def test_counts_and_deletions(opened: Any) -> None:
    opened.run(fill)
    assert opened.run(lambda tx: things(tx).count("a")) == 3
    assert opened.run(lambda tx: things(tx).count(index="size", low=4)) == 3
    assert opened.run(lambda tx: things(tx).delete("a", "1")) is True
    assert opened.run(lambda tx: things(tx).delete("a", "1")) is False
    assert opened.run(lambda tx: things(tx).delete_all(3, index="size")) == 2
    assert opened.run(lambda tx: things(tx).delete_all("b")) == 1
    assert opened.run(lambda tx: names(things(tx).scan())) == ["a3"]
    assert opened.run(lambda tx: things(tx).delete_all()) == 1


def test_iterate_walks_all_in_batches_while_rows_go(opened: Any) -> None:
    opened.run(lambda tx: [things(tx).put(Thing(group="g", name=f"{n:03}", size=n % 3)) for n in range(50)])

    def walk(tx: Any) -> list[str]:
        found = []
        for row in things(tx).iterate("g", batch=7):
            found.append(row.name)
            things(tx).delete("g", row.name)
        return found

    seen = opened.run(lambda tx: [(r.size, r.name) for r in things(tx).iterate(index="size", batch=4)])
    assert seen == sorted(seen)
    assert len(seen) == 50
    assert opened.run(walk) == [f"{n:03}" for n in range(50)]
    assert opened.run(lambda tx: things(tx).count()) == 0


def test_change_sets_some_fields(opened: Any) -> None:
    opened.run(fill)
    row = opened.run(lambda tx: things(tx).change("a", "1", size=77, tags={"x": 1}, owner=None))
    assert (row.size, row.tags, row.owner) == (77, {"x": 1}, None)
    assert opened.run(lambda tx: things(tx).get("a", "1")) == row
    assert opened.run(lambda tx: things(tx).change("a", "9", size=1)) is None


def test_sql_of_ones_own(opened: Any) -> None:
    opened.run(fill)
    total = ('SELECT "group", SUM("size"), COUNT(*), \'?\' FROM {table} WHERE scope = {scope} AND "size" > ? '
             'GROUP BY "group" ORDER BY 1')
    assert opened.run(lambda tx: things(tx).sql(total, 2)) == [("a", 13, 3, "?"), ("b", 12, 2, "?")]
    assert opened.run(lambda tx: things(tx, "2").sql(total, 2)) == []
    raised = opened.run(lambda tx: things(tx).rows(
        'UPDATE {table} SET "size" = "size" + ? WHERE scope = {scope} AND "alive" = ? AND "group" = ? RETURNING {columns}',
        100, True, "b"))
    assert sorted(r.size for r in raised) == [103, 109]
    assert opened.run(lambda tx: things(tx).sql('SELECT MAX("size") FROM {table} WHERE scope = {scope}')) == [(109,)]


def test_numbers_rise_and_are_never_given_again(opened: Any) -> None:
    table = lambda tx: tx.table(Entry, "1", "r")  # noqa: E731
    first = opened.run(lambda tx: [table(tx).put(Entry("x")).number for _ in range(3)])
    assert first == sorted(first)
    opened.run(lambda tx: table(tx).delete(first[-1]))
    opened.reopen()
    last = opened.run(lambda tx: table(tx).insert(Entry("x")).number)
    assert last > first[-1]
    high = last + 1000
    opened.run(lambda tx: table(tx).put(Entry("y", "chosen", high)))
    opened.run(lambda tx: table(tx).put(Entry("y", "again", high)))
    assert opened.run(lambda tx: table(tx).get(high).text) == "again"
    assert opened.run(lambda tx: table(tx).put(Entry("z")).number) > high
    with pytest.raises(Conflict):
        opened.run(lambda tx: table(tx).insert(Entry("x", "", first[0])))


def test_a_number_of_another_scope_is_not_written_over(opened: Any) -> None:
    number = opened.run(lambda tx: tx.table(Entry, "1", "r").put(Entry("x", "mine")).number)
    with pytest.raises(Conflict):
        opened.run(lambda tx: tx.table(Entry, "2", "r").put(Entry("x", "theirs", number)))
    assert opened.run(lambda tx: tx.table(Entry, "2", "r").get(number)) is None
    assert opened.run(lambda tx: tx.table(Entry, "1", "r").get(number).text) == "mine"


def test_unique_indexes(opened: Any) -> None:
    def go(tx: Any) -> list[str]:
        people = tx.table(Person, "1", "r")
        people.put(Person("a", "x@y"))
        people.put(Person("b"))
        people.put(Person("c"))                                     # None may come as often as it likes
        for attempt in (lambda: people.put(Person("d", "x@y")), lambda: people.insert(Person("d", "x@y")),
                        lambda: people.change("b", mail="x@y")):
            with pytest.raises(Conflict):
                attempt()
        people.put(Person("a", "x@z"))
        people.put(Person("d", "x@y"))
        return [p.id for p in people.scan()]

    assert opened.run(go) == ["a", "b", "c", "d"]


def test_scopes_do_not_see_each_other(opened: Any) -> None:
    for account in ("1", "2"):
        for region in ("r", "s"):
            opened.run(lambda tx, a=account, r=region: (
                things(tx, a, r).put(Thing(group="g", name="n", owner=a + r)),
                tx.table(Person, a, r).put(Person("p", a + r)), tx.table(World, a, r).put(World("w", a + r))))
    assert opened.run(lambda tx: things(tx, "1", "s").get("g", "n").owner) == "1s"
    assert opened.run(lambda tx: tx.table(Person, "1", "elsewhere").get("p").mail) == "1s"
    assert opened.run(lambda tx: tx.table(World, "", "").get("w").value) == "2s"
    assert opened.run(lambda tx: things(tx, "3", "r").scan()) == []


def test_a_failed_transaction_leaves_nothing(opened: Any) -> None:
    told = []

    def fail(tx: Any) -> None:
        fill(tx)
        tx.table(Word, "new", "scope").put(Word("w"))
        tx.after_commit(lambda: told.append(1))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        opened.run(fail)
    assert opened.run(lambda tx: things(tx).count()) == 0
    assert opened.run(lambda tx: tx.table(Word, "new", "scope").put(Word("v")).text) == "v"
    assert opened.run(lambda tx: [w.text for w in tx.table(Word, "new", "scope").scan()]) == ["v"]
    assert not told


def test_savepoints_undo_their_part(opened: Any) -> None:
    told = []

    def undone(tx: Any) -> None:
        with tx.savepoint():
            things(tx).put(Thing(group="a", name="2"))
            tx.after_commit(lambda: told.append("no"))
            tx.table(Word, "fresh", "r").put(Word("gone"))
            with tx.savepoint():
                things(tx).put(Thing(group="a", name="3"))
            raise ZeroDivisionError

    def go(tx: Any) -> None:
        things(tx).put(Thing(group="a", name="1"))
        with pytest.raises(ZeroDivisionError):
            undone(tx)
        with tx.savepoint():
            things(tx).put(Thing(group="a", name="4"))
            tx.after_commit(lambda: told.append("yes"))
        tx.table(Word, "fresh", "r").put(Word("here"))

    opened.run(go)
    assert opened.run(lambda tx: names(things(tx).scan())) == ["a1", "a4"]
    assert opened.run(lambda tx: [w.text for w in tx.table(Word, "fresh", "r").scan()]) == ["here"]
    opened.reopen()
    assert opened.run(lambda tx: [w.text for w in tx.table(Word, "fresh", "r").scan()]) == ["here"]
    assert told == ["yes"]


def test_what_follows_a_commit_and_goes_wrong_keeps_nobody_from_the_answer(opened: Any) -> None:
    found: list[str] = []

    def fn(tx: Any) -> str:
        tx.after_commit(lambda: 1 // 0)
        tx.after_commit(lambda: found.append("followed"))
        things(tx).put(Thing(group="g", name="n"))
        return "answered"

    assert opened.run(fn) == "answered"
    assert opened.call(opened.store.run(fn)) == "answered"
    assert found[-1:] == ["followed"]


def test_after_commit_runs_before_done_on_the_loop(opened: Any) -> None:
    async def go() -> list[str]:
        order: list[str] = []
        future = opened.loop.create_future()

        def work(tx: Any) -> str:
            fill(tx)
            tx.after_commit(lambda: order.append("first"))
            tx.after_commit(lambda: order.append("second"))
            return "result"

        opened.store.transact(work, lambda result, problem: (order.append(result), future.set_result(problem)))
        assert await future is None
        return order

    assert opened.call(go()) == ["first", "second", "result"]


texts = st.text(st.characters(codec="utf-8"), max_size=6) | st.text("\x00\x01\x02a\ue000\U00010000", max_size=5)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sets(texts, max_size=12), texts)
def test_strings_are_whole_unicode_in_order_of_bytes(opened: Any, words: set[str], bound: str) -> None:
    def go(tx: Any) -> None:
        table = tx.table(Word, "1", "r")
        table.delete_all()
        for word in words:
            table.put(Word(word, word.encode()))
        in_order = sorted(words, key=str.encode)
        assert [w.text for w in table.scan()] == in_order
        assert all(w.raw == w.text.encode() for w in table.scan())
        assert [w.text for w in table.scan(after=bound)] == [w for w in in_order if w.encode() > bound.encode()]
        found = table.sql('SELECT "text" FROM {table} WHERE scope = {scope} AND "text" = ?', bound)
        assert found == [(bound,)] * (bound in words)

    opened.run(go)


def test_keys_that_may_be_none_are_refused(opened: Any) -> None:
    @stored(key=("a",), indexes={"x": ("a", "b")})
    class Bad(msgspec.Struct):
        a: str
        b: str | None = None

    with pytest.raises(TypeError, match="never None"):
        opened.store.register([Bad])
