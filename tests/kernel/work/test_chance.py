"""Chance in several threads, as operations run on PostgreSQL: no two of them are ever given the same digits."""

from __future__ import annotations

import sys
import threading
import uuid
from types import FrameType
from typing import Any

from cumulet.kernel.work.chance import Chance


def test_uuids_are_random_ones_of_version_4() -> None:
    chance = Chance()
    drawn = [chance.uuid() for _ in range(1000)]
    assert len(set(drawn)) == len(drawn)
    for text in drawn:
        one = uuid.UUID(text)
        assert (str(one), one.version, one.variant) == (text, 4, uuid.RFC_4122)


def test_threads_that_draw_at_once_are_given_uuids_of_their_own() -> None:
    chance = Chance()
    drawn: list[str] = []

    def draw() -> None:
        drawn.extend([chance.uuid() for _ in range(5000)])

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=draw) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert len(set(drawn)) == len(drawn) == 20_000


def test_a_thread_that_is_interrupted_anywhere_shares_nothing() -> None:
    """Another thread draws between every two lines of the one: keys and nonces come from here, so none may come twice."""
    chance = Chance()
    drawn: list[str] = [chance.hex(32)]

    def other() -> None:
        drawn.append(chance.hex(32))

    def between(frame: FrameType, event: str, arg: Any) -> Any:
        if frame.f_code.co_name == "hex" and event == "line":
            thread = threading.Thread(target=other)
            thread.start()
            thread.join()
        return between

    def interrupted() -> None:
        sys.settrace(between)
        try:
            drawn.append(chance.hex(32))
        finally:
            sys.settrace(None)

    one = threading.Thread(target=interrupted)
    one.start()
    one.join()
    assert len(drawn) > 4
    assert len(set(drawn)) == len(drawn)
