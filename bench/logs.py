"""What a million events of CloudWatch Logs cost: putting them, filtering them, and asking Logs Insights.

    python bench/logs.py [events]        seconds of the processor and of the wall, events a second, the best of three rounds

The events are JSON of about 160 bytes, in batches of 5,000 in eight streams. Seconds of the processor are those of all threads
of this process, so other work on the machine counts little; clients are in it: their share is small, since requests are made
beforehand. Those of the wall are what a user waits.
"""

from __future__ import annotations

import json
import random
import socket
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from cumulet.faces import control
from cumulet.kernel.cloud import Cloud, CloudThread
from cumulet.kernel.settings import Settings
from signed import Maker

BATCH, STREAMS, ROUNDS = 5_000, 8, 3
FILTERS = ('"trace-77"', '{ $.level = "fatal" }', "{ $.ms > 9998 }", "%trace-9.%")
QUERIES = ("stats count(*)", "stats count(*) as n, avg(ms) as a by level", "stats pct(ms, 99), max(ms) by bin(5m)",
           "filter level = 'error' and ms > 900 | stats count(*) by user.id", "filter @message like /trace-7/ | limit 20",
           "fields @timestamp, @message | sort @timestamp desc | limit 20", "fields ms, path | sort ms desc | limit 20",
           "parse @message '\"path\": \"*\"' as where | stats count(*) by where")


def messages(count: int) -> list[str]:
    """Lines of a service, as many write them; the same ones each time."""
    chance = random.Random(7)
    levels = ("info",) * 90 + ("error",) * 9 + ("fatal",)
    return [json.dumps({"level": chance.choice(levels), "ms": chance.randrange(10_000) + 0.5, "path": f"/orders/{i % 40}",
                        "user": {"id": chance.randrange(5_000), "plan": "free"}, "trace": f"trace-{chance.getrandbits(48):x}",
                        "message": "the order was looked at"}) for i in range(count)]


class Took(NamedTuple):
    """Seconds."""

    processor: float
    wall: float

    def told(self, name: str, count: int, text: str = "") -> str:
        return f"{name:7} {self.processor:6.2f} s  {self.wall:6.2f} s of the wall  {count / self.processor:12,.0f}/s  {text}"


def timed(what: Callable[[], Any]) -> Took:
    begun = time.process_time(), time.monotonic()
    what()
    return Took(time.process_time() - begun[0], time.monotonic() - begun[1])


class Bench:
    """One server in this process, and a group of so many events."""

    def __init__(self, thread: CloudThread, count: int) -> None:
        self.count = count
        self._maker = Maker(int(thread.cloud.endpoint.rpartition(":")[2]))
        self.logs = self._maker.client("logs")
        self.now = int(time.time())

    def put(self) -> Took:
        """Put all events."""
        self.logs.create_log_group(logGroupName="app")
        for i in range(STREAMS):
            self.logs.create_log_stream(logGroupName="app", logStreamName=f"s{i}")
        lines, first = messages(self.count), (self.now - 3_000) * 1000
        requests = [self._maker.request("logs", "put_log_events", logGroupName="app", logStreamName=f"s{i // BATCH % STREAMS}",
                                        logEvents=[{"timestamp": first + j, "message": lines[j]}
                                                   for j in range(i, min(i + BATCH, self.count))])
                    for i in range(0, self.count, BATCH)]
        return timed(lambda: send(self._maker.port, requests))

    def filter(self, pattern: str) -> int:
        return len(self.logs.filter_log_events(logGroupName="app", filterPattern=pattern)["events"])

    def ask(self, query: str) -> int:
        """How many rows a query has."""
        id = self.logs.start_query(logGroupName="app", startTime=self.now - 3_600, endTime=self.now + 3_600, queryString=query)
        while (told := self.logs.get_query_results(queryId=id["queryId"]))["status"] in ("Scheduled", "Running"):
            time.sleep(0.05)
        if told["status"] != "Complete":
            raise RuntimeError(f"{query}: {told['status']}")
        return len(told["results"])


def send(port: int, requests: list[bytes]) -> None:
    """Each request once, over one connection; all must be answered 200."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        answers = connection.makefile("rb")
        for request in requests:
            connection.sendall(request)
            status = answers.readline()
            size = 0
            while line := answers.readline().strip():
                name, _, value = line.partition(b":")
                size = int(value) if name.lower() == b"content-length" else size
            body = answers.read(size)
            if b" 200 " not in status:
                raise RuntimeError(f"{status!r} {body!r}")


def mounted(cloud: Cloud) -> None:
    control.mount(cloud)


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(ports=(0,), data=f"{folder}/state", ephemeral=True)
        thread = CloudThread(settings, mounted).start()
        try:
            bench = Bench(thread, count)
            print(bench.put().told("put", count))
            for name, what, texts in (("filter", bench.filter, FILTERS), ("query", bench.ask, QUERIES)):
                for text in texts:
                    took = min(timed(lambda: what(text)) for _ in range(ROUNDS))     # noqa: B023
                    print(took.told(name, count, text), flush=True)
        finally:
            thread.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
