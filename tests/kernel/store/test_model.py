"""A table against a dict: whatever is done to them, they stay alike, over transactions that fail and reopenings."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cumulet.kernel.declare import stored
from cumulet.kernel.store.contract import Conflict


@stored(key=("a", "b"), indexes={"c": ("c",)})
class Fact(msgspec.Struct):
    a: str
    b: int
    c: float | None = None
    d: list[str] = []


names = st.sampled_from(["", "a", "a\x00", "b", "\U0001f600", "\uffff"])
numbers = st.sampled_from([-(2**63), -1, 0, 1, 2**63 - 1])
rows = st.builds(Fact, names, numbers, st.none() | st.sampled_from([-1.5, 0.0, 2.0]), st.lists(names, max_size=2))
step = st.one_of(
    st.tuples(st.just("put"), rows), st.tuples(st.just("insert"), rows),
    st.tuples(st.just("delete"), names, numbers), st.tuples(st.just("delete_all"), names),
    st.tuples(st.just("change"), names, numbers, st.none() | st.just(9.0)))
Model = dict[tuple[str, int], Fact]


def apply(table: Any, model: Model, what: tuple[Any, ...]) -> None:
    verb, *args = what
    if verb in ("put", "insert"):
        row = args[0]
        try:
            getattr(table, verb)(row)
        except Conflict:
            assert verb == "insert"
            assert (row.a, row.b) in model
            return
        assert verb == "put" or (row.a, row.b) not in model
        model[row.a, row.b] = row
    elif verb == "delete":
        assert table.delete(*args) == (model.pop(tuple(args), None) is not None)
    elif verb == "delete_all":
        gone = [key for key in model if key[0] == args[0]]
        assert table.delete_all(args[0]) == len(gone)
        for key in gone:
            del model[key]
    else:
        found = table.change(args[0], args[1], c=args[2])
        before = model.get((args[0], args[1]))
        assert (found is None) == (before is None)
        if before is not None:
            model[args[0], args[1]] = msgspec.structs.replace(before, c=args[2])


def key(row: Fact) -> tuple[bytes, int]:
    return row.a.encode(), row.b


def compare(table: Any, model: Model, name: str, number: int) -> None:
    wanted = sorted(model.values(), key=key)
    assert table.scan() == wanted
    assert table.scan(name, after=number) == [r for r in wanted if r.a == name and r.b > number]
    assert table.scan(low=(name, number), reverse=True) == [r for r in reversed(wanted) if key(r) >= (name.encode(), number)]
    indexed = sorted((r for r in wanted if r.c is not None), key=lambda r: (r.c, *key(r)))
    assert table.scan(index="c") == indexed
    assert list(table.iterate(index="c", batch=2)) == indexed
    assert table.count(index="c", high=0.0) == sum(r.c <= 0 for r in indexed if r.c is not None)
    assert table.get(name, number) == model.get((name, number))
    for at in [(name, number), *model]:
        assert table.known(*at) == model.get(at)
    keys = 'SELECT "a", "b" FROM {table} WHERE scope = {scope} ORDER BY "a", "b"'
    assert table.known_sql(keys) == [(r.a, r.b) for r in wanted]
    assert table.known_sql(keys, make=list) == [[r.a, r.b] for r in wanted]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.lists(step, max_size=5), st.booleans(), names, numbers), max_size=6))
def test_a_table_is_a_dict(opened: Any, history: list[tuple[list[tuple[Any, ...]], bool, str, int]]) -> None:
    model: Model = {}
    opened.run(lambda tx: tx.table(Fact, "1", "r").delete_all())
    for steps, fails, name, number in history:
        def work(tx: Any, steps: Any = steps, fails: bool = fails, before: Model = model) -> Model:
            after = dict(before)
            for what in steps:
                apply(tx.table(Fact, "1", "r"), after, what)
            if fails:
                compare(tx.table(Fact, "1", "r"), after, "a", 0)     # what it saw of its own must not be known afterwards
                raise ZeroDivisionError
            return after

        try:
            model = opened.run(work)
        except ZeroDivisionError:
            assert fails
        opened.run(lambda tx, n=name, i=number, m=model: compare(tx.table(Fact, "1", "r"), m, n, i))
    opened.reopen()
    opened.run(lambda tx: compare(tx.table(Fact, "1", "r"), model, "a", 0))
