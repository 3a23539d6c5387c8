"""Timers and tasks: durable, in order, at least once, with a dead end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from conftest import Start
from cumulet.kernel import Call, Service, stored, task, timer
from cumulet.kernel.access.contract import root_of
from cumulet.kernel.catalog import Loaded
from cumulet.kernel.cloud import CloudThread
from cumulet.kernel.declare import BACKGROUND


@stored(auto="id", scope="global")
class Seen(msgspec.Struct):
    """What the background functions of this test have done, in order."""

    what: str
    at: float
    id: int = 0


@timer
def ring(call: Call, what: str) -> None:
    call.table(Seen).insert(Seen(what, call.now))


@timer
def chain(call: Call, left: int) -> None:
    call.table(Seen).insert(Seen(f"chain {left}", call.now))
    if left:
        call.at(call.now + 3600, chain, left=left - 1)


@task(retries=2)
def fail(call: Call) -> None:
    call.table(Seen).insert(Seen("must not stay", call.now))
    raise ValueError("no luck")


@task()
def work(call: Call, what: str) -> None:
    call.table(Seen).insert(Seen(what, call.now))


@task(retries=3)
async def deliver(call: Call, what: str) -> None:
    tries = await call.run(lambda c: len(c.table(Seen).scan()))
    await call.run(lambda c: c.table(Seen).insert(Seen(what, c.now)))
    if tries == 0:
        raise ConnectionError("the first try fails")


@timer
def order(call: Call, what: str) -> None:
    call.task(carry, what=what)


@task(retries=3)
async def carry(call: Call, what: str) -> None:
    await call.run(lambda c: c.table(Seen).insert(Seen(what, c.now)))


@timer
def ring_late(call: Call, what: str, from_: float) -> None:
    call.table(Seen).insert(Seen(what, call.now))
    if call.now < from_:
        raise ValueError("too early")


FUNCTIONS: tuple[Callable[..., Any], ...] = (ring, chain, fail, work, deliver, order, carry, ring_late)


class Bench:
    """A cloud with one service that is only background functions."""

    def __init__(self, thread: CloudThread) -> None:
        self.thread = thread
        self.cloud = thread.cloud
        loaded = Loaded("bench", Service(api="bench", principal="bench.amazonaws.com"))
        for fn in FUNCTIONS:
            loaded.background[fn.__name__] = getattr(fn, BACKGROUND)
        self.cloud.catalog._loaded["bench"] = loaded
        thread.call(self._ready())

    async def _ready(self) -> None:
        self.cloud.store.register([Seen])

    def do(self, fn: Callable[[Call], Any]) -> Any:
        def within(tx: Any) -> Any:
            return fn(Call(self.cloud, tx, "bench", "Test", "111111111111", "us-east-1", root_of("111111111111"),
                           self.cloud.clock.now()))
        return self.thread.call(self.cloud.store.run(within))

    def advance(self, seconds: float) -> None:
        self.thread.call(self.cloud.move_clock(self.cloud.clock.now() + seconds))

    def idle(self) -> None:
        self.thread.call(self.cloud.jobs.idle())

    def seen(self) -> list[tuple[str, float]]:
        return [(s.what, s.at) for s in self.do(lambda c: c.table(Seen).scan())]


@pytest.fixture
def bench(start_cloud: Start, tmp_path: Path) -> Bench:
    return Bench(start_cloud(data=tmp_path / "state"))


def test_timers_fire_in_order_each_at_its_own_moment(bench: Bench) -> None:
    now = bench.cloud.clock.now()
    bench.do(lambda c: [c.at(now + when, ring, what=str(when)) for when in (7200, 60, 86_400, 3600)])
    bench.advance(10)
    assert bench.seen() == []
    bench.advance(86_400)
    assert [what for what, _ in bench.seen()] == ["60", "3600", "7200", "86400"]
    assert all(abs(at - now - float(what)) < 1 for what, at in bench.seen())


def test_a_year_of_a_chain_runs_at_once(bench: Bench) -> None:
    start = bench.cloud.clock.now()
    bench.do(lambda c: c.at(start + 3600, chain, left=500))
    bench.advance(365 * 86_400)
    seen = bench.seen()
    assert len(seen) == 501
    assert abs(seen[-1][1] - (start + 501 * 3600)) < 5


def test_between_timers_a_task_that_waits_finds_its_own_moment(bench: Bench) -> None:
    now = bench.cloud.clock.now()
    bench.do(lambda c: [c.at(now + when, ring, what=str(when)) for when in (100, 300, 500)])
    bench.do(lambda c: c.at(now + 200, order, what="200"))
    bench.do(lambda c: c.at(now + 400, ring_late, what="402", from_=now + 401))
    bench.advance(1000)
    assert [what for what, _ in bench.seen()] == ["100", "200", "300", "402", "500"]
    assert all(abs(at - now - float(what)) < 3 for what, at in bench.seen())


def test_one_that_fails_among_many_takes_none_with_it(bench: Bench) -> None:
    bench.do(lambda c: [c.task(work, what=str(i)) if i % 7 else c.task(fail) for i in range(50)])
    bench.advance(3600)
    assert [what for what, _ in bench.seen()] == [str(i) for i in range(50) if i % 7]
    assert len(bench.thread.call(bench.cloud.jobs.dead())) == 8


def test_two_moves_at_once_go_one_after_the_other(bench: Bench) -> None:
    now = bench.cloud.clock.now()
    bench.do(lambda c: [c.at(now + 10 * i, ring, what=str(10 * i)) for i in range(300)])

    async def both() -> None:
        await asyncio.gather(bench.cloud.move_clock(now + 2000), bench.cloud.move_clock(now + 3000))

    bench.thread.call(both())
    assert [what for what, _ in bench.seen()] == [str(10 * i) for i in range(300)]
    assert all(abs(at - now - float(what)) < 3 for what, at in bench.seen())


def test_a_named_timer_is_replaced_and_cancelled(bench: Bench) -> None:
    now = bench.cloud.clock.now()
    bench.do(lambda c: c.at(now + 10, ring, name="n", what="first"))
    bench.do(lambda c: c.at(now + 20, ring, name="n", what="second"))
    bench.do(lambda c: c.at(now + 20, ring, name="other", what="cancelled"))
    bench.do(lambda c: c.cancel(ring, "other"))
    bench.advance(60)
    assert [what for what, _ in bench.seen()] == ["second"]


def test_a_task_runs_after_the_commit_and_not_without_it(bench: Bench) -> None:
    def undone(call: Call) -> None:
        call.task(work, what="never")
        raise LookupError

    with pytest.raises(LookupError):
        bench.do(undone)
    bench.do(lambda c: c.task(work, what="once"))
    bench.idle()
    assert [what for what, _ in bench.seen()] == ["once"]


def test_a_failing_task_leaves_no_trace_and_ends_where_it_can_be_seen(bench: Bench) -> None:
    bench.do(lambda c: c.task(fail))
    bench.advance(3600)
    assert bench.seen() == []
    dead = bench.thread.call(bench.cloud.jobs.dead())
    assert [(job.what, job.attempts) for job in dead] == [("fail", 3)]
    assert "no luck" in dead[0].error


def test_a_task_that_waits_is_tried_again(bench: Bench) -> None:
    bench.do(lambda c: c.task(deliver, what="parcel"))
    bench.idle()
    bench.advance(60)
    assert [what for what, _ in bench.seen()] == ["parcel", "parcel"]
    assert bench.thread.call(bench.cloud.jobs.next_due()) is None


def test_work_survives_a_restart(start_cloud: Start, tmp_path: Path) -> None:
    first = Bench(start_cloud(data=tmp_path / "state"))
    now = first.cloud.clock.now()
    first.do(lambda c: c.at(now + 50, ring, what="later"))
    first.thread.stop()
    second = Bench(start_cloud(data=tmp_path / "state"))
    second.advance(60)
    assert [what for what, _ in second.seen()] == ["later"]


def test_the_clock_stands_where_it_stood_after_a_restart(start_cloud: Start, tmp_path: Path) -> None:
    first = Bench(start_cloud(data=tmp_path / "state"))
    first.advance(86_400 * 30)
    moved = first.cloud.clock.offset
    first.thread.stop()
    second = Bench(start_cloud(data=tmp_path / "state"))
    assert second.cloud.clock.offset == pytest.approx(moved, abs=2)


def test_a_frozen_clock_fires_nothing_until_it_is_moved(bench: Bench) -> None:
    bench.cloud.clock.freeze()
    now = bench.cloud.clock.now()
    bench.do(lambda c: c.at(now + 0.02, ring, what="soon"))
    bench.thread.call(_sleep())
    assert bench.seen() == []
    bench.advance(0.02)
    assert bench.seen() == [("soon", now + 0.02)]


async def _sleep() -> None:
    import asyncio
    await asyncio.sleep(0.1)
