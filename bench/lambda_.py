"""Lambda's speed: cold and warm invocations, sixteen clients at once, asynchronous events, requests that go through an HTTP
API and a function to a table, and what idle functions cost.

    python bench/lambda_.py [--runtime nodejs20.x] [--servers cumulet ministack]

bench/run.py puts the same into docs/benchmarks.md.

Servers run as processes of their own, one after the other; clients send one signed request again and again over kept
connections. Beside each rate stands the machine's load and, for asynchronous events, the processor's time that one costs.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import os
import statistics
import sys
import time
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from contenders import CONTENDERS, Running, running

PYTHON = f"python{sys.version_info[0]}.{sys.version_info[1]}"
ACCOUNT, PATIENCE = "123456789012", 20.0
PEERS_OF_FUNCTIONS = ("cumulet", "ministack")          # who runs functions without containers
CLIENTS, EVENTS = 16, 1600            # few clients would measure how soon a disk says that an event is kept
SOURCES = {"python": ("app.py", "def handler(event, context): return event", "app.handler"),
           "nodejs": ("index.js", "exports.handler = async event => event", "index.handler")}


def package(name: str, text: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr(name, text)
    return out.getvalue()


def request(endpoint: str, function: str, kind: str = "RequestResponse") -> bytes:
    """The bytes of one signed invocation."""
    return signed("lambda", endpoint.partition("://")[2], f"/2015-03-31/functions/{function}/invocations", b'{"n":1}',
                  {"X-Amz-Invocation-Type": kind})


def signed(service: str, host: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """The bytes of one POST."""
    asked = AWSRequest("POST", f"http://{host}{path}", data=body, headers=headers)
    SigV4Auth(Credentials(ACCOUNT, "test"), service, "us-east-1").add_auth(asked)
    head = "".join(f"{k}: {v}\r\n" for k, v in asked.headers.items())
    return f"POST {path} HTTP/1.1\r\nHost: {host}\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


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


def cold(bench: Bench, rounds: int) -> list[float]:
    """The first event of a function that was just made, each time another one."""
    found = []
    for n in range(rounds):
        bench.make(f"cold{n}")
        took, _ = asyncio.run(load(bench.server.port, request(bench.endpoint, f"cold{n}"), 1, 1))
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


def drained(bench: Bench, sent: bytes, count: int) -> float:
    """Asynchronous events a second, from the first one accepted to the last one done; 0 when they are not done in time."""
    sqs = bench.client("sqs")
    queue = sqs.create_queue(QueueName="done")["QueueUrl"]
    bench.client("lambda").put_function_event_invoke_config(FunctionName="f", DestinationConfig={
        "OnSuccess": {"Destination": f"arn:aws:sqs:us-east-1:{ACCOUNT}:done"}})
    began = time.perf_counter()
    asyncio.run(load(bench.server.port, sent, CLIENTS, count // CLIENTS, b"202"))
    while time.perf_counter() - began < PATIENCE:
        told = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["ApproximateNumberOfMessages"])["Attributes"]
        if int(told["ApproximateNumberOfMessages"]) >= count:
            return count / (time.perf_counter() - began)
        time.sleep(0.01)
    return 0.0


KEPT = """
import json, os
from botocore.session import get_session

client = get_session().create_client("dynamodb", endpoint_url=os.environ["TABLES"], region_name="us-east-1")

def handler(event, context):
    item = {"p": {"S": json.loads(event["body"])["p"]}}
    client.put_item(TableName="kept", Item=item)
    return {"statusCode": 201, "body": client.get_item(TableName="kept", Key=item)["Item"]["p"]["S"]}
"""


def through_api(bench: Bench, each: int) -> Iterator[tuple[str, float]]:
    """POST to an HTTP API, whose function writes an item and reads it."""
    bench.client("dynamodb").create_table(TableName="kept", BillingMode="PAY_PER_REQUEST", KeySchema=[
        {"AttributeName": "p", "KeyType": "HASH"}], AttributeDefinitions=[{"AttributeName": "p", "AttributeType": "S"}])
    arn = bench.make("kept", KEPT, {"TABLES": bench.endpoint})
    api = _api(bench.client("apigatewayv2"), arn)
    bench.client("lambda").add_permission(FunctionName="kept", StatementId="api", Action="lambda:InvokeFunction",
                                          Principal="apigateway.amazonaws.com")
    # The API asks for no signature; a peer takes the account from it.
    sent = signed("execute-api", f"{api}.execute-api.localhost:{bench.server.port}", "/items", b'{"p":"a"}',
                  {"Content-Type": "application/json"})
    asyncio.run(load(bench.server.port, sent, 1, 1, b"201"))
    asyncio.run(load(bench.server.port, sent, 4, 3, b"201"))         # each environment imports an SDK first
    took, _ = asyncio.run(load(bench.server.port, sent, 1, each, b"201"))
    yield "HTTP API, function, table: p50 ms", statistics.median(took) * 1000
    _, rate = asyncio.run(load(bench.server.port, sent, 4, each // 2, b"201"))
    yield "HTTP API, function, table: 4 clients /s", rate


def _api(client: Any, function: str) -> str:
    """An HTTP API whose `POST /items` asks a function; its id."""
    api = str(client.create_api(Name="a", ProtocolType="HTTP")["ApiId"])
    target = client.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=function,
                                       PayloadFormatVersion="2.0")["IntegrationId"]
    client.create_route(ApiId=api, RouteKey="POST /items", Target=f"integrations/{target}")
    client.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    return api


class Bench:
    """One server, and functions of one runtime in it."""

    def __init__(self, server: Running, runtime: str) -> None:
        self.server, self.runtime = server, runtime
        self.endpoint = f"http://127.0.0.1:{server.port}"
        self._aws = self.client("lambda")

    def client(self, service: str) -> Any:
        return boto3.client(service, endpoint_url=self.endpoint, region_name="us-east-1", aws_access_key_id=ACCOUNT,
                            aws_secret_access_key="test")

    def make(self, function: str, python: str = "", variables: dict[str, str] | None = None) -> str:
        """A function of the runtime, or of Python's text; its ARN."""
        name, text, handler = ("app.py", python, "app.handler") if python else SOURCES[self.runtime.rstrip("0123456789.x")]
        return str(self._aws.create_function(
            FunctionName=function, Role=f"arn:aws:iam::{ACCOUNT}:role/r", Runtime=PYTHON if python else self.runtime,
            Handler=handler, Timeout=30, Code={"ZipFile": package(name, text)},
            Environment={"Variables": variables or {}})["FunctionArn"])


def measure(bench: Bench, each: int) -> Iterator[tuple[str, float]]:
    server = bench.server
    bench.make("f")
    sent = request(bench.endpoint, "f")
    asyncio.run(load(server.port, sent, 1, 1))
    times = cold(bench, 20)
    yield "cold p50 ms", times[len(times) // 2]
    yield "cold max ms", times[-1]
    took, rate = asyncio.run(load(server.port, sent, 1, each * 2))
    yield "warm p50 ms", statistics.median(took) * 1000
    yield "warm p99 ms", took[int(len(took) * 0.99)] * 1000
    yield "warm 1 client /s", rate
    asyncio.run(load(server.port, sent, CLIENTS, 20))
    took, rate = asyncio.run(load(server.port, sent, CLIENTS, each))
    yield "16 clients /s", rate
    yield "16 clients p50 ms", statistics.median(took) * 1000
    before = server.cpu()
    yield "asynchronous /s", drained(bench, request(bench.endpoint, "f", "Event"), EVENTS)
    yield "server's cpu ms an asynchronous event", (server.cpu() - before) * 1000 / EVENTS
    yield from through_api(bench, each)
    idle = memory_mb(server.process.pid)
    for n in range(20):
        bench.make(f"idle{n}")
        asyncio.run(load(server.port, request(bench.endpoint, f"idle{n}"), 1, 1))
    yield "MB an idle function", (memory_mb(server.process.pid) - idle) / 20


def compare(servers: Sequence[str], runtime: str = PYTHON, each: int = 100) -> dict[str, dict[str, float]]:
    """What was measured of each server; one that fails at something has no figures from there on."""
    found: dict[str, dict[str, float]] = {}
    for contender in CONTENDERS:
        if contender.name not in servers or contender.name not in PEERS_OF_FUNCTIONS:
            continue
        contender.install()
        figures = found.setdefault(f"{contender.name} {contender.version()}, load {os.getloadavg()[0]:.1f}", {})
        with running(contender) as server:
            try:
                for what, figure in measure(Bench(server, runtime), each):
                    figures[what] = figure
            except Exception as problem:
                print(f"  functions, {contender.name}: {type(problem).__name__}: {problem}", file=sys.stderr)
    return found


def told(found: dict[str, dict[str, float]]) -> str:
    """The section of docs/benchmarks.md."""
    rows = list(dict.fromkeys(what for figures in found.values() for what in figures))
    text = f"\n## Functions\n\n{PYTHON}; a warm function returns its event, that of the API writes an item and reads it.\n\n"
    text += f"|  | {' | '.join(found)} |\n| --- |{' ---: |' * len(found)}\n"
    for what in rows:
        cells = (_cell(figures.get(what)) for figures in found.values())
        text += f"| {what} | {' | '.join(cells)} |\n"
    return text


def _cell(figure: float | None) -> str:
    return "failed" if figure is None else f"{figure:,.2f}" if figure else f"not within {PATIENCE:.0f} s"


def main() -> None:
    wanted = argparse.ArgumentParser()
    wanted.add_argument("--runtime", default=PYTHON)
    wanted.add_argument("--each", type=int, default=1000)
    wanted.add_argument("--servers", nargs="+", default=["cumulet", "ministack"])
    options = wanted.parse_args()
    for name, found in compare(options.servers, options.runtime, options.each).items():
        print(name)
        for what, figure in found.items():
            print(f"  {what:44} {figure:10.2f}")


if __name__ == "__main__":
    main()
