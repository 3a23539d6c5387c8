"""How long it takes to fork a running cloud that holds 100 MB, in rows and in files, and to answer from the fork.

    python bench/fork.py [--data DIR]      state on this file system; without it, in memory as `--ephemeral` has it
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from time import perf_counter, process_time
from typing import Any

import boto3
import orjson

from cumulet.faces import control
from cumulet.faces.forks import Forks
from cumulet.kernel.cloud import CloudThread
from cumulet.kernel.settings import Settings

MB = 1_048_576
ROWS = 60                              # MB in messages and items
FILES = 40                             # MB in objects


def client(service: str, endpoint: str) -> Any:
    return boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="111111111111",
                        aws_secret_access_key="x")


def fill(endpoint: str) -> None:
    """100 MB."""
    sqs, s3 = client("sqs", endpoint), client("s3", endpoint)
    url = sqs.create_queue(QueueName="rows")["QueueUrl"]
    for _ in range(ROWS * 4):
        sqs.send_message(QueueUrl=url, MessageBody="r" * (MB // 4))
    s3.create_bucket(Bucket="files")
    for n in range(FILES):
        s3.put_object(Bucket="files", Key=str(n), Body=b"f" * MB)


def measure(thread: CloudThread, times: int) -> dict[str, Any]:
    """Milliseconds: of the copy and the start of the fork's cloud, and until its first answer."""
    forks = thread.cloud.driver(Forks)
    whole, answered, spent = [], [], []
    for _ in range(times):
        began, processor = perf_counter(), process_time()
        made = thread.call(forks.make())
        spent.append((process_time() - processor) * 1000)
        whole.append(made["seconds"] * 1000)
        client("sqs", made["endpoint"]).get_queue_url(QueueName="rows")
        answered.append((perf_counter() - began) * 1000)
        thread.call(forks.remove(made["name"]))
    return {"forks": times, "fork_ms": round(statistics.median(whole), 1), "processor_ms": round(statistics.median(spent), 1),
            "slowest_ms": round(max(whole), 1), "first_answer_ms": round(statistics.median(answered), 1)}


def main() -> None:
    """Print the figures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--data", default="")
    asked.add_argument("--times", type=int, default=9)
    said = asked.parse_args()
    with tempfile.TemporaryDirectory(dir=said.data or None) as folder:
        thread = CloudThread(Settings(ports=(0,), data=f"{folder}/state", ephemeral=not said.data), control.mount).start()
        try:
            fill(thread.cloud.endpoint)
            print(orjson.dumps({"state": "lasting" if said.data else "in memory", "mb": ROWS + FILES,
                                **measure(thread, said.times)}).decode())
        finally:
            thread.stop()


if __name__ == "__main__":
    main()
