"""The ASGI application: driven in this process, and served by hypercorn over HTTP/2."""

from __future__ import annotations

import asyncio
import hashlib
import os
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import fromstring

import httpx
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypercorn.asyncio import serve
from hypercorn.config import Config

from cumulet.kernel.cloud import Cloud
from cumulet.kernel.http.asgi import AsgiApp
from cumulet.kernel.http.message import INLINE_BODY, FileSlice, Request, Respond, Response, Upgrade
from cumulet.kernel.settings import Settings


class Server:
    """What an ASGI server is to one request: gives it parts of a body, takes its answer, and vanishes when told."""

    def __init__(self, *parts: bytes, **scope: Any) -> None:
        self.scope = {"type": "http", "method": "POST", "path": "/", "raw_path": b"/", "query_string": b"", "headers": [],
                      "scheme": "http", "client": ("192.0.2.7", 4711), **scope}
        self.parts = list(parts) or [b""]
        self.given = 0                                   # parts that were asked for
        self.gone = asyncio.Event()
        self.takes = 1_000_000                           # messages; then sending waits
        self.full = asyncio.Event()
        self.sent: list[Any] = []

    async def receive(self) -> dict[str, Any]:
        if self.given < len(self.parts):
            self.given += 1
            return {"type": "http.request", "body": self.parts[self.given - 1], "more_body": self.given < len(self.parts)}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if len(self.sent) == self.takes:
            self.full.set()
            await asyncio.Event().wait()
        self.sent.append(message)

    async def serve(self, handler: Callable[[Request, Respond], None]) -> Server:
        await asyncio.wait_for(AsgiApp(handler)(self.scope, self.receive, self.send), 10)
        return self

    @property
    def status(self) -> int:
        return self.sent[0]["status"]

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        return self.sent[0]["headers"]

    @property
    def body(self) -> bytes:
        assert not self.sent[-1].get("more_body")
        return b"".join(m["body"] for m in self.sent[1:])


def answer(response: Response) -> Callable[[Request, Respond], None]:
    return lambda request, respond: respond(response)


# --- requests ---


async def _requested(*parts: bytes, **scope: Any) -> Request:
    seen: list[Request] = []

    def handler(request: Request, respond: Respond) -> None:
        seen.append(request)
        respond(Response(200, []))

    await Server(*parts, **scope).serve(handler)
    return seen[0]


def test_target_is_kept_byte_for_byte() -> None:
    request = asyncio.run(_requested(path="/b/a//../c/é", raw_path=b"/b/a//../%63%2F%C3%A9", query_string=b"x=%20+&list&a=b?c"))
    assert request.target == "/b/a//../%63%2F%C3%A9?x=%20+&list&a=b?c"
    assert (request.path, request.query) == ("/b/a//../%63%2F%C3%A9", "x=%20+&list&a=b?c")


def test_target_without_raw_path() -> None:
    assert asyncio.run(_requested(path="/a b", raw_path=None)).target == "/a%20b"


def test_headers_scheme_and_client() -> None:
    request = asyncio.run(_requested(headers=[(b"host", b"s3.localhost"), (b"X-Amz-Meta-A", b"1"), (b"x-amz-meta-a", b"\xe9")],
                                     scheme="https", method="get"))
    assert request.headers == {"host": "s3.localhost", "x-amz-meta-a": "1,\xe9"}
    assert (request.method, request.scheme, request.client, request.host) == ("GET", "https", "192.0.2.7", "s3.localhost")
    assert asyncio.run(_requested(client=None)).client == ""


@pytest.mark.parametrize("parts", [[b"a"], [b"", b"a", b"", b"bc", b""], [b"x" * INLINE_BODY]])
def test_body_that_arrives_whole(parts: list[bytes]) -> None:
    request = asyncio.run(_requested(*parts))
    assert request.stream is None
    assert request.body == b"".join(parts)


@pytest.mark.parametrize("told", [True, False])
def test_long_body_is_streamed_with_back_pressure(told: bool) -> None:
    parts = [bytes([i]) * 100_000 for i in range(30)]
    ahead: list[int] = []

    async def main() -> None:
        server = Server(*parts, headers=[(b"content-length", b"3000000")] if told else [])
        running: list[asyncio.Task[None]] = []

        async def read(request: Request, respond: Respond) -> None:
            assert request.stream is not None
            whole, first = bytearray(), server.given
            async for data in request.stream:
                whole += data
                await asyncio.sleep(0)
                ahead.append(server.given * 100_000 - len(whole))
            assert first == (0 if told else 12)          # what had to be read to know that it is long
            respond(Response(200, [], bytes(whole)))

        await server.serve(lambda request, respond: running.append(asyncio.ensure_future(read(request, respond))))
        assert server.body == b"".join(parts)
        await running[0]

    asyncio.run(main())
    assert set(ahead) == {0}                             # nothing is asked for before it is wanted


def test_event_stream_is_a_stream_however_short() -> None:
    request = asyncio.run(_requested(b"x", headers=[(b"content-type", b"application/vnd.amazon.eventstream")]))
    assert request.stream is not None


def test_reader_of_a_body_is_told_when_the_exchange_is_over() -> None:
    async def main() -> str:
        server = Server(headers=[(b"content-length", b"3000000")])
        server.parts = []
        told = asyncio.get_running_loop().create_future()

        async def read(request: Request) -> None:
            assert request.stream is not None
            try:
                async for _ in request.stream:
                    pass
            except ConnectionResetError:
                told.set_result("reset")

        def handler(request: Request, respond: Respond) -> None:
            server.task = asyncio.ensure_future(read(request))
            asyncio.get_running_loop().call_later(0.01, respond, Response(403, []))

        await server.serve(handler)
        assert server.status == 403
        return await asyncio.wait_for(told, 5)

    assert asyncio.run(main()) == "reset"


# --- responses ---


def _served(response: Response, **scope: Any) -> Server:
    async def main() -> Server:
        return await Server(**scope).serve(answer(response))
    return asyncio.run(main())


def test_bytes() -> None:
    server = _served(Response(201, [("ETag", '"a"'), ("Connection", "close"), ("x-b", "1\r\ninjected: 2")], b"hello"))
    assert server.status == 201
    assert server.headers == [(b"etag", b'"a"'), (b"x-b", b"1 injected: 2"), (b"content-length", b"5")]
    assert server.body == b"hello"
    assert len(server.sent) == 2


def test_head_and_204_and_304_have_no_body() -> None:
    head = _served(Response(200, [("Content-Length", "77")]), method="HEAD")
    assert (head.headers, head.body) == ([(b"content-length", b"77")], b"")
    assert (b"content-length", b"4") in _served(Response(200, [], b"body"), method="HEAD").headers
    for status in (204, 304):
        assert _served(Response(status, [])).headers == []


@pytest.fixture
def file(tmp_path: Path) -> tuple[int, bytes]:
    data = os.urandom(1_000_000)
    path = tmp_path / "file"
    path.write_bytes(data)
    return os.open(path, os.O_RDONLY), data


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_pieces(file: tuple[int, bytes], method: str) -> None:
    fd, data = file
    closed: list[int] = []
    pieces = [b"<", FileSlice(fd, 10, 600_000, lambda: closed.append(1)), b"|", FileSlice(fd, 0, 0, lambda: closed.append(2))]
    server = _served(Response(200, [], pieces), method=method)
    os.close(fd)
    assert server.headers == [(b"content-length", b"600002")]
    assert server.body == (b"<" + data[10:600_010] + b"|" if method == "GET" else b"")
    assert max(len(m["body"]) for m in server.sent[1:]) <= 262_144
    assert closed == [1, 2]


def test_file_shorter_than_its_slice_is_a_failure(file: tuple[int, bytes]) -> None:
    closed: list[int] = []
    with pytest.raises(OSError, match="shorter than its slice"):
        _served(Response(200, [], [FileSlice(file[0], 999_999, 2, lambda: closed.append(1))]))
    os.close(file[0])
    assert closed == [1]


async def _numbers(ended: list[str], count: int = 3) -> AsyncIterator[bytes]:
    try:
        for i in range(count):
            yield b"%d" % i
            await asyncio.sleep(0)
    finally:
        ended.append("ended")


def test_iterator() -> None:
    ended: list[str] = []
    server = _served(Response(200, [], _numbers(ended)))
    assert (server.headers, server.body, ended) == ([], b"012", ["ended"])
    assert _served(Response(200, [("Content-Length", "3")], _numbers(ended))).headers == [(b"content-length", b"3")]


@pytest.mark.parametrize("promised", ["2", "4"])
def test_iterator_that_breaks_its_promise(promised: str) -> None:
    ended: list[str] = []
    with pytest.raises(OSError, match="does not keep"):
        _served(Response(200, [("Content-Length", promised)], _numbers(ended)))
    assert ended == ["ended"]


def test_handler_that_fails_and_one_that_upgrades() -> None:
    def fails(request: Request, respond: Respond) -> None:
        raise ValueError("on purpose")

    async def main(handler: Callable[[Request, Respond], None]) -> int:
        return (await Server().serve(handler)).status

    assert asyncio.run(main(fails)) == 500
    assert asyncio.run(main(lambda request, respond: respond(Upgrade(lambda socket: None)))) == 501


# --- clients that vanish ---


def test_client_that_vanishes_while_it_waits(file: tuple[int, bytes]) -> None:
    calls: list[str] = []
    later: list[Respond] = []

    def handler(request: Request, respond: Respond) -> None:
        request.on_lost = lambda: calls.append("lost")
        later.append(respond)

    async def main() -> None:
        server = Server()
        asyncio.get_running_loop().call_later(0.01, server.gone.set)
        await server.serve(handler)
        assert calls == ["lost"]
        later[0](Response(200, [], [FileSlice(file[0], 0, 1, lambda: calls.append("closed"))]))
        assert server.sent == []

    asyncio.run(main())
    os.close(file[0])
    assert calls == ["lost", "closed"]


def test_client_that_waits_and_is_answered_is_not_lost() -> None:
    calls: list[str] = []

    def handler(request: Request, respond: Respond) -> None:
        request.on_lost = lambda: calls.append("lost")
        asyncio.get_running_loop().call_later(0.01, respond, Response(200, [], b"late"))

    async def main() -> bytes:
        return (await Server().serve(handler)).body

    assert asyncio.run(main()) == b"late"
    assert calls == []


@pytest.mark.parametrize("kind", ["pieces", "iterator"])
def test_client_that_vanishes_amid_a_response(file: tuple[int, bytes], kind: str) -> None:
    calls: list[str] = []

    async def main() -> None:
        server = Server()
        pieces = [FileSlice(file[0], 0, 1_000_000, lambda: calls.append("ended")), b"and more"]
        body: Any = pieces if kind == "pieces" else _numbers(calls, 1_000)
        server.takes = 3
        served = asyncio.ensure_future(server.serve(answer(Response(200, [], body))))
        await server.full.wait()
        assert calls == []
        server.gone.set()
        await served
        assert len(server.sent) == 3

    asyncio.run(main())
    os.close(file[0])
    assert calls == ["ended"]


def test_client_that_vanishes_amid_its_body() -> None:
    calls: list[str] = []

    async def main() -> None:
        server = Server(headers=[(b"content-length", b"3000000")])
        server.parts = []

        async def read(request: Request) -> None:
            assert request.stream is not None
            try:
                async for _ in request.stream:
                    pass
            except ConnectionResetError:
                calls.append("reset")

        def handler(request: Request, respond: Respond) -> None:
            request.on_lost = lambda: calls.append("lost")
            server.task = asyncio.ensure_future(read(request))
            asyncio.get_running_loop().call_later(0.01, server.gone.set)

        await server.serve(handler)

    asyncio.run(main())
    assert sorted(calls) == ["lost", "reset"]


def test_server_that_gives_up_counts_as_a_lost_client() -> None:
    calls: list[str] = []

    def handler(request: Request, respond: Respond) -> None:
        request.on_lost = lambda: calls.append("lost")

    async def main() -> None:
        served = asyncio.ensure_future(Server().serve(handler))
        await asyncio.sleep(0.01)
        served.cancel()
        with pytest.raises(asyncio.CancelledError):
            await served

    asyncio.run(main())
    assert calls == ["lost"]


# --- lifespan ---


def _lifespan(app: AsgiApp) -> list[Any]:
    events = iter(["startup", "shutdown"])
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": f"lifespan.{next(events)}"}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(app({"type": "lifespan"}, receive, send))
    return sent


def test_lifespan() -> None:
    calls: list[str] = []

    async def start() -> None:
        calls.append("start")

    async def stop() -> None:
        calls.append("stop")

    sent = _lifespan(AsgiApp(answer(Response(200, [])), start, stop))
    assert [m["type"] for m in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert calls == ["start", "stop"]


def test_lifespan_that_fails() -> None:
    async def start() -> None:
        raise OSError("the folder is taken")

    sent = _lifespan(AsgiApp(answer(Response(200, [])), start))
    assert sent == [{"type": "lifespan.startup.failed", "message": "OSError: the folder is taken"}]


# --- a real server ---


class Client:
    """Signs requests, and sends them by HTTP/2."""

    def __init__(self, http: httpx.AsyncClient, base: str) -> None:
        self._http = http
        self._base = base
        self._keys = Credentials("222222222222", "test")

    def signed(self, service: str, method: str, path: str, body: bytes = b"", **headers: str) -> httpx.Request:
        request = AWSRequest(method, self._base + path, {k.replace("_", "-"): v for k, v in headers.items()}, body)
        sign = S3SigV4Auth if service == "s3" else SigV4Auth
        sign(self._keys, service, "us-east-1").add_auth(request)
        exact = {"target": path.encode()}                # httpx would take ".." away
        return httpx.Request(method, self._base, headers=dict(request.headers.items()), content=body, extensions=exact)

    async def iam(self, **asked: str) -> str:
        """Call IAM; the answer's XML."""
        body = urlencode({"Version": "2010-05-08", **asked}).encode()
        response = await self.call("iam", "POST", "/", body, Content_Type="application/x-www-form-urlencoded")
        assert response.status_code == 200, response.text
        return response.text

    async def become_user(self) -> None:
        """Sign with a key whose secret the cloud knows: from here on it verifies our signatures."""
        await self.iam(Action="CreateUser", UserName="ann")
        policy = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
        await self.iam(Action="PutUserPolicy", UserName="ann", PolicyName="all", PolicyDocument=policy)
        made = fromstring(await self.iam(Action="CreateAccessKey", UserName="ann"))
        key, secret = (made.findtext(f".//{{*}}{name}") for name in ("AccessKeyId", "SecretAccessKey"))
        assert key is not None
        self._keys = Credentials(key, secret)

    async def call(self, *args: Any, **headers: str) -> httpx.Response:
        response = await self._http.send(self.signed(*args, **headers))
        assert response.http_version == "HTTP/2"
        return response


async def _with_hypercorn(app: AsgiApp, talk: Callable[[httpx.AsyncClient, str], Any]) -> None:
    """Serve an application by hypercorn, and talk to it in clear HTTP/2."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = Config()
    config.bind = [f"fd://{listening.detach()}"]
    config.errorlog = config.accesslog = None
    ready, done = asyncio.Event(), asyncio.Event()
    started = app._startup

    async def startup() -> None:
        if started is not None:
            await started()
        ready.set()

    app._startup = startup
    with socket.socket(fileno=os.dup(int(config.bind[0][5:]))) as copy:
        base = f"http://127.0.0.1:{copy.getsockname()[1]}"
    serving = asyncio.ensure_future(serve(app, config, shutdown_trigger=done.wait))
    try:
        await asyncio.wait_for(ready.wait(), 30)
        async with httpx.AsyncClient(http1=False, http2=True, timeout=20) as http:
            await talk(http, base)
    finally:
        done.set()
        await asyncio.wait_for(serving, 20)


def test_a_cloud_served_by_hypercorn_over_http2(tmp_path: Path) -> None:
    cloud = Cloud(Settings(ports=(), ephemeral=True, data=str(tmp_path), iam="enforce"))

    async def talk(http: httpx.AsyncClient, base: str) -> None:
        client = Client(http, base)
        await client.become_user()
        listed = await client.call("dynamodb", "POST", "/", b"{}", Content_Type="application/x-amz-json-1.0",
                                   X_Amz_Target="DynamoDB_20120810.ListTables")
        assert (listed.status_code, listed.json()) == (200, {"TableNames": []})
        assert (await client.call("s3", "PUT", "/over-http2")).status_code == 200
        short, long = os.urandom(1_000), os.urandom(3_000_000)
        for key, data in (("a//b/../%2F%20", short), ("long", long)):
            put = await client.call("s3", "PUT", f"/over-http2/{key}", data)
            assert put.headers["etag"] == f'"{hashlib.md5(data).hexdigest()}"'
            got = await client.call("s3", "GET", f"/over-http2/{key}")
            assert (got.status_code, got.content) == (200, data)
            assert got.headers["content-length"] == str(len(data))
        assert (await client.call("s3", "HEAD", "/over-http2/long")).headers["content-length"] == "3000000"
        forged = client.signed("s3", "GET", "/over-http2/long")
        forged.headers["authorization"] = forged.headers["authorization"][:-1] + "x"
        refused = await http.send(forged)
        assert (refused.status_code, b"SignatureDoesNotMatch" in refused.content) == (403, True)
        many = await asyncio.gather(*[client.call("s3", "GET", "/over-http2/long") for _ in range(8)])
        assert all(got.content == long for got in many)

    asyncio.run(_with_hypercorn(AsgiApp(cloud.handle, cloud.start, cloud.stop), talk))


def test_a_stream_that_the_client_resets_is_a_lost_client() -> None:
    lost, asked = asyncio.Event(), asyncio.Event()

    def handler(request: Request, respond: Respond) -> None:
        request.on_lost = lost.set
        asked.set()

    async def talk(http: httpx.AsyncClient, base: str) -> None:
        waiting = asyncio.ensure_future(http.get(base))
        await asyncio.wait_for(asked.wait(), 10)
        waiting.cancel()
        await asyncio.wait((waiting,))
        await http.aclose()
        await asyncio.wait_for(lost.wait(), 10)

    asyncio.run(_with_hypercorn(AsgiApp(handler), talk))
