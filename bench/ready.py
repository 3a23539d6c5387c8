"""How soon a test has its cloud: from `import cumulet.testing` to the first answer, and what an account of its own costs.

    python bench/ready.py [RUNS]

Each run is a process of its own, after a first one that leaves compiled files, as users have them; the best and the median are
told, for what else the machine does makes them slower only.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from typing import NamedTuple

RUN = """
import json, time
began = time.perf_counter()
from cumulet.testing import start
server = start("thread")
import http.client
connection = http.client.HTTPConnection(*server.endpoint.removeprefix("http://").split(":"))
key = "AWS4-HMAC-SHA256 Credential=%s/20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=" + "0" * 64
def call(account):
    connection.request("POST", "/", "{}", {"X-Amz-Target": "AmazonSQS.ListQueues", "Content-Type": "application/x-amz-json-1.0",
                                           "X-Amz-Date": "20260101T000000Z", "Authorization": key % account})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    answer.read()
call("111122223333")
ready = time.perf_counter() - began
from cumulet.faces.testing.stay import stay
with stay(server):
    import boto3
    boto3.client("sqs").create_queue(QueueName="warm")
accounts, used = [], []
for turn in range(100):
    began = time.perf_counter()
    with stay(server):
        pass
    accounts.append(time.perf_counter() - began)
for turn in range(100):
    with stay(server) as mine:
        call(mine.account)
        mine.client("sqs").create_queue(QueueName="q")
        began = time.perf_counter()
    used.append(time.perf_counter() - began)
server.stop()
print(json.dumps([ready, sorted(accounts)[50], sorted(used)[50]]))
"""


class Ready(NamedTuple):
    """first: seconds from the import to the first answer.  account, used: ms of an account that does nothing, and of the end
    of one that did."""

    first: float
    account: float
    used: float


def compiling(folder: str) -> dict[str, str]:
    """An environment whose programs keep what Python compiled in this folder, whatever this one's do."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | {"PYTHONPYCACHEPREFIX": folder}


def runs_of(times: int) -> list[Ready]:
    """Each in a process of its own."""
    found = []
    with tempfile.TemporaryDirectory(prefix="cumulet-bench-") as folder:
        for _ in range(times + 1):
            ran = subprocess.run([sys.executable, "-c", RUN], capture_output=True, text=True, check=True, env=compiling(folder))
            first, account, used = json.loads(ran.stdout)
            found.append(Ready(first, account * 1000, used * 1000))
    return found[1:]


def measured(times: int) -> Ready:
    """The medians."""
    return Ready(*map(statistics.median, zip(*runs_of(times), strict=True)))


def main() -> None:
    """Measure and tell."""
    runs = runs_of(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
    names = ("first answer after import", "an account, unused", "the end of one that was used")
    for name, unit, values in zip(names, ("s", "ms", "ms"), zip(*runs, strict=True), strict=True):
        print(f"{name}: best {min(values):.2f} {unit}, median {statistics.median(values):.2f} {unit}")


if __name__ == "__main__":
    main()
