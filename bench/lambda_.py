"""Lambda's speed: cold and warm invocations, sixteen clients at once, asynchronous events, and what idle functions cost.

    python bench/lambda_.py [--runtime nodejs20.x]

The server runs as a process of its own; clients send one signed request again and again over kept connections.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import statistics
import sys
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from servers import ServerProcess

ACCOUNT = "123456789012"
SOURCES = {"python": ("app.py", "def handler(event, context): return event", "app.handler"),
           "nodejs": ("index.js", "exports.handler = async event => event", "index.handler")}


def package(name: str, text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr(name, text)
    return out.getvalue()


def request(endpoint: str, function: str, kind: str = "RequestResponse") -> bytes:
    """The bytes of one signed invocation."""
    asked = AWSRequest("POST", f"{endpoint}/2015-03-31/functions/{function}/invocations", data=b'{"n":1}',
                       headers={"X-Amz-Invocation-Type": kind})
    SigV4Auth(Credentials(ACCOUNT, "test"), "lambda", "us-east-1").add_auth(asked)
    head = "".join(f"{k}: {v}\r\n" for k, v in asked.headers.items())
    host = endpoint.partition("://")[2]
    line = f"POST /2015-03-31/functions/{function}/invocations HTTP/1.1\r\nHost: {host}\r\n"
    return f"{line}{head}Content-Length: 7\r\n\r\n".encode() + b'{"n":1}'


async def client(port: int, sent: bytes, count: int, took: list[float], status: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(count):
        began = time.perf_counter()
        writer.write(sent)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 " + status):
            raise RuntimeError(head.decode())
        length = next((int(h[15:]) for h in head.lower().split(b"\r\n") if h.startswith(b"content-length:")), 0)
        if length:
            await reader.readexactly(length)
        took.append(time.perf_counter() - began)
    writer.close()


async def load(port: int, sent: bytes, clients: int, each: int, status: bytes = b"200") -> tuple[list[float], float]:
    took: list[float] = []
    began = time.perf_counter()
    await asyncio.gather(*(client(port, sent, each, took, status) for _ in range(clients)))
    return sorted(took), clients * each / (time.perf_counter() - began)


def cold(server: ServerProcess, aws: Any, sent: bytes, rounds: int) -> list[float]:
    """Each round makes the environments of before useless."""
    found = []
    for n in range(rounds):
        aws.update_function_configuration(FunctionName="f", Description=str(n))
        time.sleep(0.05)
        took, _ = asyncio.run(load(server.port, sent, 1, 1))
        found.append(took[0] * 1000)
    return sorted(found)


def memory_mb(pid: int) -> float:
    """Of all processes that a server started: shared pages count in part."""
    total, left = 0, [pid]
    while left:
        parent = left.pop()
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            for child in map(int, children.read_text().split()):
                left.append(child)
                rollup = Path(f"/proc/{child}/smaps_rollup").read_text()
                total += next(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1024


def drained(aws: Any, sent: bytes, server: ServerProcess, count: int) -> float:
    """Asynchronous events a second, from the first one accepted to the last one done."""
    queue = server.client("sqs", ACCOUNT).create_queue(QueueName="done")["QueueUrl"]
    sqs = server.client("sqs", ACCOUNT)
    aws.put_function_event_invoke_config(FunctionName="f", DestinationConfig={
        "OnSuccess": {"Destination": f"arn:aws:sqs:us-east-1:{ACCOUNT}:done"}})
    began = time.perf_counter()
    asyncio.run(load(server.port, sent, 4, count // 4, b"202"))
    while True:
        told = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
        if int(told["ApproximateNumberOfMessages"]) >= count:
            return count / (time.perf_counter() - began)
        time.sleep(0.01)


def main() -> None:
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--runtime", default=f"python{sys.version_info[0]}.{sys.version_info[1]}")
    wanted.add_argument("--each", type=int, default=1000)
    options = wanted.parse_args()
    name, text, handler = SOURCES[options.runtime.rstrip("0123456789.x")]
    with tempfile.TemporaryDirectory() as folder:
        server = ServerProcess(Path(folder) / "state", "--quiet")
        try:
            aws = server.client("lambda", ACCOUNT)
            role = f"arn:aws:iam::{ACCOUNT}:role/r"

            def make(function: str) -> None:
                aws.create_function(FunctionName=function, Role=role, Runtime=options.runtime, Handler=handler,
                                    Code={"ZipFile": package(name, text)})

            make("f")
            sent = request(server.endpoint, "f")
            asyncio.run(load(server.port, sent, 1, 1))
            figures: dict[str, float] = {}
            times = cold(server, aws, sent, 20)
            figures["cold p50 ms"], figures["cold max ms"] = times[len(times) // 2], times[-1]
            took, rate = asyncio.run(load(server.port, sent, 1, options.each * 2))
            figures["warm p50 ms"], figures["warm p99 ms"] = statistics.median(took) * 1000, took[int(len(took) * 0.99)] * 1000
            figures["warm 1 client /s"] = rate
            asyncio.run(load(server.port, sent, 16, 20))
            took, rate = asyncio.run(load(server.port, sent, 16, options.each))
            figures["16 clients /s"], figures["16 clients p50 ms"] = rate, statistics.median(took) * 1000
            figures["asynchronous /s"] = drained(aws, request(server.endpoint, "f", "Event"), server, 1000)
            before = memory_mb(server.process.pid)
            for n in range(20):
                make(f"idle{n}")
                asyncio.run(load(server.port, request(server.endpoint, f"idle{n}"), 1, 1))
            figures["MB an idle function"] = (memory_mb(server.process.pid) - before) / 20
            print(json.dumps({k: round(v, 2) for k, v in figures.items()}, indent=1))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
