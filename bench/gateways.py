"""What API Gateway adds to a function's own time, as an HTTP and as a REST API, and what idle WebSocket connections cost.

Used by lambda_.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import statistics
from base64 import b64encode
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from contenders import Running
from posts import load, signed

IDLE, SPEAKING, AT_ONCE = 10_000, 100, 100       # WebSockets: how many there are, say something, and are opened at once
PATIENCE = 60.0                                  # seconds for all of them
ANSWERS = "def handler(event, context): return {'statusCode': 200, 'body': event.get('body') or 'x'}"


class Api(NamedTuple):
    """An API whose `POST /items` asks a function. path: of the route, with what leads to its stage."""

    id: str
    path: str

    def request(self, port: int, body: bytes) -> bytes:
        """The API asks for no signature; a peer takes the account from it."""
        return signed("execute-api", f"{self.id}.execute-api.localhost:{port}", self.path, body,
                      {"Content-Type": "application/json"})


def http_api(client: Any, function: str) -> Api:
    api = str(client.create_api(Name="http", ProtocolType="HTTP")["ApiId"])
    target = client.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=function,
                                       PayloadFormatVersion="2.0")["IntegrationId"]
    client.create_route(ApiId=api, RouteKey="POST /items", Target=f"integrations/{target}")
    client.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    return Api(api, "/items")


def rest_api(client: Any, function: str) -> Api:
    api = str(client.create_rest_api(name="rest")["id"])
    root = client.get_resources(restApiId=api)["items"][0]["id"]
    where = {"restApiId": api, "resourceId": client.create_resource(restApiId=api, parentId=root, pathPart="items")["id"],
             "httpMethod": "POST"}
    client.put_method(**where, authorizationType="NONE")
    client.put_integration(**where, type="AWS_PROXY", integrationHttpMethod="POST",
                           uri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations")
    client.create_deployment(restApiId=api, stageName="prod")
    return Api(api, "/prod/items")


def socket_api(client: Any, function: str) -> str:
    """A WebSocket API whose messages a function answers; its id."""
    api = str(client.create_api(Name="sockets", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.a")["ApiId"])
    target = client.create_integration(
        ApiId=api, IntegrationType="AWS_PROXY", IntegrationMethod="POST",
        IntegrationUri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}/invocations")
    client.create_integration_response(ApiId=api, IntegrationId=target["IntegrationId"], IntegrationResponseKey="$default")
    route = client.create_route(ApiId=api, RouteKey="$default", Target=f"integrations/{target['IntegrationId']}",
                                RouteResponseSelectionExpression="$default")
    client.create_route_response(ApiId=api, RouteId=route["RouteId"], RouteResponseKey="$default")
    client.create_stage(ApiId=api, StageName="prod", AutoDeploy=True)
    return api


def added(port: int, direct: bytes, apis: dict[str, bytes], each: int) -> Iterator[tuple[str, float]]:
    """How much longer the answers through APIs take than those of an invocation: in turns, so that all see the same machine."""
    requests = {"direct": direct, **apis}
    took: dict[str, list[float]] = {name: [] for name in requests}
    for sent in requests.values():
        load(port, sent, 1, 10)
    for _ in range(10):
        for name, sent in requests.items():
            took[name] += load(port, sent, 1, max(each // 10, 1))[0]
    for name in apis:
        yield f"{name} adds: p50 ms", (statistics.median(took[name]) - statistics.median(took["direct"])) * 1000


def many_files() -> None:
    """As many open files as this process, and the server that it starts, may have."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def sockets(server: Running, api: str, count: int) -> Iterator[tuple[str, float]]:
    """So many connections: what one costs, and how long a message takes while all are there."""
    many_files()
    before = server.memory()
    opened, said = asyncio.run(asyncio.wait_for(_sockets(server, api, count), PATIENCE))
    yield "WebSockets opened /s", opened
    yield f"kB an idle WebSocket, of {count:,}", (said[0] - before) * 1024 / count
    yield f"a message and its answer beside {count:,}: p50 ms", statistics.median(said[1:]) * 1000


async def _sockets(server: Running, api: str, count: int) -> tuple[float, Sequence[float]]:
    """How many were opened a second; then the memory with all, and how long each message took."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    there: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    while len(there) < count:
        there += await asyncio.gather(*(_opened(server.port, api) for _ in range(min(AT_ONCE, count - len(there)))))
    rate = count / (loop.time() - began)
    said = [server.memory()]
    for reader, writer in there[::max(count // SPEAKING, 1)][:SPEAKING]:
        began = loop.time()
        writer.write(b"\x81\x85\0\0\0\0hello")           # a text, masked with zeros
        head = await reader.readexactly(2)
        if head[1] != 5 or await reader.readexactly(5) != b"hello":
            raise RuntimeError(f"another answer: {(await reader.read(4096)).decode()}")
        said.append(loop.time() - began)
    for _, writer in there:
        writer.close()
    return rate, said


async def _opened(port: int, api: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    key = b64encode(os.urandom(16)).decode()
    writer.write(f"GET /prod HTTP/1.1\r\nHost: {api}.execute-api.localhost:{port}\r\nUpgrade: websocket\r\n"
                 f"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 101"):
        raise RuntimeError(head.decode())
    return reader, writer
