"""`kill -9` under load: nothing acknowledged is lost, nothing is half-written or there twice, and the restart is quick.

CRASHES rounds (by default a few; `make soak` runs 500).
"""

from __future__ import annotations

import os
import random
import threading
import time
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

from crash.loads import LOADS, Load, prepare
from servers import ServerProcess

ROUNDS = int(os.environ.get("CRASHES", "4"))


class Writer(threading.Thread):
    """Writes until it is stopped or the server is gone; what else goes wrong is kept."""

    def __init__(self, load: Load) -> None:
        super().__init__(daemon=True)
        self.load, self.stopped, self.problem = load, False, None
        self.start()

    def run(self) -> None:
        n = 0
        while not self.stopped:
            try:
                self.load.write(n)
            except (BotoCoreError, ClientError) as problem:
                if not self.stopped:
                    self.problem = problem
                return
            n += 1


def test_kill_9_under_load_loses_nothing(tmp_path: Path) -> None:
    data = tmp_path / "state"
    server = ServerProcess(data)
    prepare(server.client)
    slowest, acknowledged = 0.0, 0
    for round_ in range(ROUNDS):
        writers = [Writer(kind(server.client, round_)) for kind in LOADS]
        time.sleep(random.uniform(0.2, 1.0))
        for writer in writers:
            writer.stopped = True
        server.kill()
        for writer in writers:
            writer.join(30)
            assert writer.problem is None, f"{type(writer.load).__name__}: {writer.problem}"
        server = ServerProcess(data)
        slowest = max(slowest, server.took)
        for writer in writers:
            writer.load.check(server.client)
            acknowledged += writer.load.acknowledged
    server.stop()
    print(f"{ROUNDS} kills, {acknowledged} acknowledged writes, none lost or doubled; slowest restart {slowest:.2f} s")
    assert acknowledged > ROUNDS * 10
