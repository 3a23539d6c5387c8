"""One test's stay in a cloud: it is given an account as it wants it, and leaves nothing behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .account import Cumulet
from .clock import Moment
from .pointing import pointed
from .servers import Server

SNAPSHOTS = ".cumulet/state/snapshots"         # where `cumulet snapshot save` keeps them


@contextmanager
def stay(server: Server, *, iam: str | None = None, time: Moment | None = None, region: str | None = None,
         load: str | None = None, faults: Sequence[dict[str, Any]] = (),
         snapshots: Path | str = SNAPSHOTS) -> Iterator[Cumulet]:
    """An account of one's own, to which clients of this process talk meanwhile.

    iam: "off", "audit" or "enforce".  time: the clock's moment, or "frozen".  region: of clients that name none.
    load: a snapshot; `NAME@ACCOUNT` where it holds several accounts.  snapshots: the folder where it lies.
    faults: what goes wrong, each as `Cumulet.fault` takes it.
    """
    mark, mine = server.mark(), server.account(region=region or "")
    try:
        if load:
            mine.load(load, snapshots)
        if iam:
            mine.iam(iam)
        if time == "frozen":
            mine.clock.freeze()
        elif time is not None:
            mine.clock.set(time)
        for fault in faults:
            mine.fault(**fault)
        with pointed(mine.endpoint, mine.account, region or ""):
            yield mine
    finally:
        _leave(mine, mark)


def _leave(mine: Cumulet, mark: object) -> None:
    if mine.clock.moved:
        mine.clock.back()
    if mine.has_faults:
        mine.clear_faults()
    if mine.has_mode:
        mine.iam(None)
    if mine.has_snapshot or mine.server.mark() != mark:
        for each in (mine, *mine.others):
            each.forget()
