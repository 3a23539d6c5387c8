"""Writes in three regions in any order, told in any order: all regions end with what was written last."""

from __future__ import annotations

from itertools import count
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cumulet.kernel import Call, Principal
from cumulet.services.dynamodb import keys, replication, writes
from cumulet.services.dynamodb import values as av
from cumulet.services.dynamodb.resources import Entry, Facts, Layout
from cumulet.services.dynamodb.shelf import Shelf

REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
PLACES = count(2_000_000)
FACTS = Facts("id", "S", "", "")
# A write: region, key, value (0 deletes), how much later (0: at the same moment); or a region that tells its notes.
STEPS = st.lists(st.one_of(
    st.tuples(st.sampled_from(REGIONS), st.integers(0, 3), st.integers(0, 3), st.integers(0, 2)), st.sampled_from(REGIONS)),
    max_size=40)


def write(call: Call, name: str, place: int, others: tuple[str, ...], which: int, value: int) -> None:
    shelf = Shelf(call, name, place, Facts("id", "S", "", "", regions=others))
    item = {"id": {"S": f"k{which}"}, "n": {"N": str(value)}, "by": {"S": call.region}}
    key = keys.of_key(FACTS, {"id": item["id"]})
    writes.change(shelf, key, shelf.get(key), item if value else None, av.encode(item) if value else b"", 4)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_all_regions_end_with_the_last_write(cloud: Any, steps: Any) -> None:
    place = next(PLACES)
    name = f"t{place}"

    def run(tx: Any) -> None:
        root = Principal("root", cloud.account, "", cloud.account, "")
        calls = {r: Call(cloud.kernel, tx, "dynamodb", "test", cloud.account, r, root, 1000.0) for r in REGIONS}
        others = {r: tuple(o for o in REGIONS if o != r) for r in REGIONS}
        for region, call in calls.items():
            call.put(Layout(name, place, keys.pack(Facts("id", "S", "", "", regions=others[region]))))
        last: dict[int, tuple[str, int]] = {}
        now, apart = 1000.0, True
        for step in steps:
            if isinstance(step, str):
                replication.deliver_all(calls[step], name, place)
                continue
            region, which, value, later = step
            now += later
            apart = apart and later > 0
            calls[region].now = now
            had = calls[region].table(Entry).get(place, *keys.of_key(FACTS, {"id": {"S": f"k{which}"}}), b"")
            write(calls[region], name, place, others[region], which, value)
            if value or had:                                             # deleting what is not there is no write
                last[which] = (region, value)
        for region in REGIONS:
            replication.deliver_all(calls[region], name, place)
        found = [{item["id"]["S"]: (item["by"]["S"], int(item["n"]["N"]))
                  for item in (av.decode(row.body) for row in call.table(Entry).scan(place))} for call in calls.values()]
        assert found[0] == found[1] == found[2]
        if apart:                                                        # at one moment, any of them may be the last
            assert found[0] == {f"k{which}": one for which, one in last.items() if one[1]}

    cloud.thread.call(cloud.kernel.store.run(run))
