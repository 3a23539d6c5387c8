"""A table read as of a change in small slices while it goes on changing: always the items of that change."""

from __future__ import annotations

from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cumulet.kernel import Call, Principal
from cumulet.services.dynamodb import journal, keys, writes
from cumulet.services.dynamodb import values as av
from cumulet.services.dynamodb.resources import Facts, Layout
from cumulet.services.dynamodb.shelf import opened

PLACES = count(1_000_000)
WRITES = st.lists(st.tuples(st.integers(0, 11), st.integers(0, 3)), max_size=12)      # which key, which value (0: none)


def write(call: Call, name: str, changes: list[tuple[int, int]], model: dict[str, str]) -> None:
    shelf = opened(call, name)
    for which, value in changes:
        item = {"id": {"S": f"k{which}"}, "n": {"N": str(value)}}
        key = keys.of_key(shelf.facts, {"id": item["id"]})
        old = shelf.get(key)
        if value:
            writes.change(shelf, key, old, item, av.encode(item), 4)
            model[f"k{which}"] = str(value)
        else:
            writes.change(shelf, key, old, None, b"", 0)
            model.pop(f"k{which}", None)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=WRITES, early=WRITES, slices=st.lists(WRITES, max_size=8), step=st.integers(1, 5))
def test_a_held_table_does_not_move(cloud: Any, before: Any, early: Any, slices: Any, step: int) -> None:
    place = next(PLACES)

    def run(tx: Any) -> None:
        root = Principal("root", cloud.account, "", cloud.account, "")
        call = Call(cloud.kernel, tx, "dynamodb", "test", cloud.account, "us-east-1", root, 1000.0)
        name = f"t{place}"
        call.put(Layout(name, place, keys.pack(Facts("id", "S", "", ""))))
        model: dict[str, str] = {}
        write(call, name, before, model)
        layout = call.table(Layout).get(name)
        assert layout is not None
        journal.pin(call, layout, "earlier")                              # there are old images from before as well
        write(call, name, early, model)
        change = journal.pin(call, layout, "reader")
        wanted, found, after = dict(model), {}, None
        pending = list(slices)
        while True:
            rows, after = journal.as_of(call, place, change, after, step)
            assert len(rows) <= step
            for row in rows:
                item = av.decode(row.body)
                assert item["id"]["S"] not in found
                found[item["id"]["S"]] = item["n"]["N"]
            if after is None:
                break
            if pending:
                write(call, name, pending.pop(), model)
        assert found == wanted

    cloud.thread.call(cloud.kernel.store.run(run))
