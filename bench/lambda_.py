"""Lambda's speed: cold and warm invocations, sixteen clients at once, asynchronous events, requests that go through an HTTP
API and a function to a table, what APIs add to a function's own time, and what idle functions and WebSockets cost.

    python bench/lambda_.py [--runtime nodejs20.x] [--servers cumulet ministack]

bench/run.py puts the same into docs/benchmarks.md.

Servers run as processes of their own, one after the other; clients send one signed request again and again over kept
connections. Beside rates stand the machine's load and the processor's time that one event costs.
"""

from __future__ import annotations

import argparse
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

import gateways
from contenders import CONTENDERS, Running, running
from posts import ACCOUNT, load, signed

PYTHON = f"python{sys.version_info[0]}.{sys.version_info[1]}"
NODE, IDLE = "nodejs20.x", 100
PATIENCE = 20.0
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


def cold(bench: Bench, runtime: str, rounds: int) -> list[float]:
    """The first event of a function that was just made, each time another one: milliseconds."""
    found = []
    for n in range(rounds + 1):                          # the first one finds the runtime
        name = f"cold-{runtime.rstrip('0123456789.x')}-{n}"
        bench.make(name, runtime)
        took, _ = load(bench.server.port, request(bench.endpoint, name), 1, 1)
        found.append(took[0] * 1000)
    return sorted(found[1:])


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
    load(bench.server.port, sent, CLIENTS, count // CLIENTS, b"202")
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
    arn = bench.make("kept", PYTHON, KEPT, {"TABLES": bench.endpoint})
    bench.permit("kept")
    sent = gateways.http_api(bench.client("apigatewayv2"), arn).request(bench.server.port, b'{"p":"a"}')
    load(bench.server.port, sent, 1, 1, b"201")
    load(bench.server.port, sent, 4, 3, b"201")         # each environment imports an SDK first
    took, _ = load(bench.server.port, sent, 1, each, b"201")
    yield "HTTP API, function, table: p50 ms", statistics.median(took) * 1000
    _, rate = load(bench.server.port, sent, 4, each // 2, b"201")
    yield "HTTP API, function, table: 4 clients /s", rate


def through_gateways(bench: Bench, each: int) -> Iterator[tuple[str, float]]:
    """What an API adds to a function's own time, and connections that do nothing."""
    arn, port = bench.make("asked", PYTHON, gateways.ANSWERS), bench.server.port
    bench.permit("asked")
    yield from gateways.added(port, request(bench.endpoint, "asked"), {
        "HTTP API": gateways.http_api(bench.client("apigatewayv2"), arn).request(port, b'{"n":1}'),
        "REST API": gateways.rest_api(bench.client("apigateway"), arn).request(port, b'{"n":1}')}, each)


def over_sockets(bench: Bench, each: int) -> Iterator[tuple[str, float]]:
    arn = bench.make("spoken", PYTHON, gateways.ANSWERS)
    bench.permit("spoken")
    yield from gateways.sockets(bench.server, gateways.socket_api(bench.client("apigatewayv2"), arn), gateways.IDLE)


class Bench:
    """One server, and functions of one runtime in it."""

    def __init__(self, server: Running, runtime: str) -> None:
        self.server, self.runtime = server, runtime
        self.endpoint = f"http://127.0.0.1:{server.port}"
        self._aws = self.client("lambda")

    def client(self, service: str) -> Any:
        return boto3.client(service, endpoint_url=self.endpoint, region_name="us-east-1", aws_access_key_id=ACCOUNT,
                            aws_secret_access_key="test")

    def make(self, function: str, runtime: str = "", text: str = "", variables: dict[str, str] | None = None) -> str:
        """A function of the runtime; its ARN. Without a text of its own it answers its event."""
        runtime = runtime or self.runtime
        name, echo, handler = SOURCES[runtime.rstrip("0123456789.x")]
        return str(self._aws.create_function(
            FunctionName=function, Role=f"arn:aws:iam::{ACCOUNT}:role/r", Runtime=runtime, Handler=handler, Timeout=30,
            Code={"ZipFile": package(name, text or echo)}, Environment={"Variables": variables or {}})["FunctionArn"])

    def permit(self, function: str) -> None:
        """APIs may invoke it."""
        self._aws.add_permission(FunctionName=function, StatementId="api", Action="lambda:InvokeFunction",
                                 Principal="apigateway.amazonaws.com")


def starts(bench: Bench, _: int) -> Iterator[tuple[str, float]]:
    for runtime in dict.fromkeys((bench.runtime, NODE)):
        times = cold(bench, runtime, 20)
        yield f"cold, {runtime}: p50 ms", times[len(times) // 2]
        yield f"cold, {runtime}: max ms", times[-1]


def warm(bench: Bench, each: int) -> Iterator[tuple[str, float]]:
    server = bench.server
    bench.make("f")
    sent = request(bench.endpoint, "f")
    load(server.port, sent, 1, 20)
    took, rate = load(server.port, sent, 1, each * 2)
    yield "warm p50 ms", statistics.median(took) * 1000
    yield "warm p99 ms", took[int(len(took) * 0.99)] * 1000
    yield "warm 1 client /s", rate
    load(server.port, sent, CLIENTS, 20)
    before = server.cpu()
    took, rate = load(server.port, sent, CLIENTS, each)
    yield "16 clients /s", rate
    yield "16 clients p50 ms", statistics.median(took) * 1000
    yield "server's and functions' cpu ms an event", (server.cpu() - before) * 1000 / (CLIENTS * each)


def later(bench: Bench, _: int) -> Iterator[tuple[str, float]]:
    before = bench.server.cpu()
    yield "asynchronous /s", drained(bench, request(bench.endpoint, "f", "Event"), EVENTS)
    yield "server's cpu ms an asynchronous event", (bench.server.cpu() - before) * 1000 / EVENTS


def idle(bench: Bench, _: int) -> Iterator[tuple[str, float]]:
    before, began, count = memory_mb(bench.server.process.pid), time.perf_counter(), 0
    while count < IDLE and time.perf_counter() - began < PATIENCE:
        bench.make(f"idle{count}")
        load(bench.server.port, request(bench.endpoint, f"idle{count}"), 1, 1)
        count += 1
    yield "idle functions", count
    yield "MB an idle function", (memory_mb(bench.server.process.pid) - before) / count


STEPS = (starts, warm, later, through_api, through_gateways, idle, over_sockets)


def measure(bench: Bench, each: int) -> Iterator[tuple[str, float]]:
    """All steps; what a server fails at has no figures."""
    for step in STEPS:
        try:
            yield from step(bench, each)
        except Exception as problem:
            print(f"  functions, {bench.server.name}, {step.__name__}: {type(problem).__name__}: {problem}", file=sys.stderr)


def compare(servers: Sequence[str], runtime: str = PYTHON, each: int = 100) -> dict[str, dict[str, float]]:
    """What was measured of each server."""
    found: dict[str, dict[str, float]] = {}
    gateways.many_files()
    for contender in CONTENDERS:
        if contender.name not in servers or contender.name not in PEERS_OF_FUNCTIONS:
            continue
        contender.install()
        with running(contender) as server:
            figures = found.setdefault(f"{contender.name} {contender.version()}, load {os.getloadavg()[0]:.1f}", {})
            figures.update(measure(Bench(server, runtime), each))
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
