"""`kill -9` at store level: what was acknowledged is there, and pairs are whole. `tests/crash` asks the same of a server."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from cumulet.kernel.declare import stored
from cumulet.kernel.store.sqlite import SqliteStore

WRITER = """
import asyncio, os, sys, msgspec
from cumulet.kernel.declare import stored
from cumulet.kernel.store.sqlite import SqliteStore

@stored(key=("side", "n"), scope="global")
class Pair(msgspec.Struct):
    side: str
    n: int
    blob: str

async def main():
    store = SqliteStore(sys.argv[1], asyncio.get_running_loop())
    async def chain(first):
        for n in range(first, 10**9, 8):
            path = store.blobs.temporary()
            with open(path, "wb") as f:
                f.write(b"%d" % n)
            def work(tx):
                blob = store.blobs.keep(tx, path)
                tx.table(Pair, "", "").put(Pair("a", n, blob))
                tx.table(Pair, "", "").put(Pair("b", n, blob))
            await store.run(work)
            os.write(1, b"%d\\n" % n)
    base = int(sys.argv[2])
    await asyncio.gather(*(chain(base + k) for k in range(8)))

asyncio.run(main())
"""


@stored(key=("side", "n"), scope="global")
class Pair(msgspec.Struct):
    side: str
    n: int
    blob: str


def test_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    told: set[int] = set()
    for round_ in range(5):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), str(round_ * 10**6)],
                                  stdout=subprocess.PIPE, bufsize=0)
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(random.uniform(0.05, 0.4))
        writer.kill()
        whole = (first + writer.stdout.read()).decode().split("\n")[:-1]
        writer.wait()
        writer.stdout.close()
        told |= {int(line) for line in whole}
        check(tmp_path, told)
    assert len(told) > 50


def check(folder: Path, told: set[int]) -> None:
    loop = asyncio.new_event_loop()
    store = SqliteStore(str(folder), loop)

    def work(tx: Any) -> None:
        sides = [{row.n: row.blob for row in tx.table(Pair, "", "").scan(side)} for side in "ab"]
        assert sides[0] == sides[1]
        assert told <= set(sides[0])
        for n, blob in sides[0].items():
            with open(store.blobs.open(blob), "rb") as f:
                assert f.read() == b"%d" % n

    store.run_now(work)
    store.blobs._sweeper.join(20)             # type: ignore[union-attr]
    store.run_now(work)
    loop.run_until_complete(store.close())
    loop.close()
