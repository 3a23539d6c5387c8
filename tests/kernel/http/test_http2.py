"""HTTP/2 by prior knowledge and over TLS: many streams, bodies at the pace of whoever takes them, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import ConnectionTerminated, DataReceived, Event, PingAckReceived, ResponseReceived, StreamEnded, StreamReset
from h2.settings import SettingCodes
from hyperframe.frame import GoAwayFrame, HeadersFrame

from cumulet.kernel.http.limits import Limits
from cumulet.kernel.http.message import FileSlice, Handler, Request, Respond, Response, Upgrade
from cumulet.kernel.http.server import ServerThread, TlsSettings

MIB = 1_048_576
QUICK = Limits(header_seconds=0.3, body_seconds=0.2, idle_seconds=0.2, write_seconds=0.2, linger_seconds=0.2, tick=0.05)
Start = Callable[..., ServerThread]


@pytest.fixture
def start() -> Iterator[Start]:
    running: list[ServerThread] = []

    def begin(handler: Handler, **options: Any) -> ServerThread:
        running.append(ServerThread(handler, **options).start())
        return running[-1]

    yield begin
    for server in running:
        server.stop()


class Answer:
    """What came on one stream."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.ended = False
        self.reset: ErrorCodes | int | None = None


class Client:
    """HTTP/2 over a socket. hungry: windows are opened for what comes."""

    def __init__(self, server: ServerThread, window: int = 65_535, context: ssl.SSLContext | None = None) -> None:
        self.socket: socket.socket = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        if context is not None:
            self.socket = context.wrap_socket(self.socket, server_hostname="localhost")
        self.frames = H2Connection(H2Configuration(client_side=True, header_encoding="latin-1"))
        self.frames.initiate_connection()
        self.frames.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: window})
        self.answers: dict[int, Answer] = {}
        self.hungry = True
        self.goodbye: ConnectionTerminated | None = None
        self.closed = self.pinged = False
        self.push()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def push(self) -> None:
        with contextlib.suppress(ConnectionError):       # the server may have gone; `pull` sees it
            self.socket.sendall(self.frames.data_to_send())

    def ask(self, method: str, path: str, *headers: tuple[str, str], ends: bool = True) -> int:
        number = self.frames.get_next_available_stream_id()
        self.answers[number] = Answer()
        self.frames.send_headers(number, [(":method", method), (":path", path), (":scheme", "http"), (":authority", "h"),
                                          *headers], end_stream=ends)
        self.push()
        return number

    def upload(self, number: int, data: bytes) -> None:
        """All of a body, as fast as windows allow; an answer or a reset that comes meanwhile is kept."""
        at = 0
        while at < len(data):
            room = min(self.frames.local_flow_control_window(number), self.frames.max_outbound_frame_size)
            if not room:
                self.pull()
                continue
            self.frames.send_data(number, data[at:at + room])
            at += room
            self.push()
        self.frames.end_stream(number)
        self.push()

    def pull(self) -> None:
        """Some of what the server sends."""
        data = self.socket.recv(MIB)
        self.closed = not data
        for event in self.frames.receive_data(data):
            self._take(event)
        self.push()

    def _take(self, event: Event) -> None:
        if isinstance(event, ConnectionTerminated):
            self.goodbye = event
            return
        self.pinged = self.pinged or isinstance(event, PingAckReceived)
        answer = self.answers.get(getattr(event, "stream_id", 0) or 0)
        if answer is None:
            return
        if isinstance(event, ResponseReceived):
            headers = dict(event.headers)
            answer.status, answer.headers = int(headers.pop(":status")), headers
        elif isinstance(event, DataReceived):
            answer.body += event.data
            if self.hungry:
                self.frames.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, StreamEnded):
            answer.ended = True
        elif isinstance(event, StreamReset):
            answer.reset = event.error_code

    def answer(self, number: int) -> Answer:
        answer = self.answers[number]
        while not (answer.ended or answer.reset is not None):
            assert not self.closed
            self.pull()
        return answer

    def until(self, true: Callable[[], object]) -> None:
        while not true():
            assert not self.closed or self.goodbye is not None
            self.pull()

    def until_closed(self) -> None:
        while not self.closed:
            self.pull()


def echo(request: Request, respond: Respond) -> None:
    respond(Response(200, [("X-Path", request.target), ("Connection", "close")],
                     f"{request.method} {request.host} {request.scheme} ".encode() + request.body))


def spawn(work: Any) -> None:
    tasks.add(task := asyncio.get_running_loop().create_task(work))
    task.add_done_callback(tasks.discard)


tasks: set[asyncio.Task[Any]] = set()


# --- requests and answers ---------------------------------------------------------------------------------------------


def test_a_request_is_the_same_as_by_http_1(start: Start) -> None:
    seen: list[Request] = []

    def handler(request: Request, respond: Respond) -> None:
        seen.append(request)
        respond(Response(201, [("X-A", "1\r\nX-B: 2"), ("Keep-Alive", "timeout=5")], b"made"))

    with Client(start(handler)) as client:
        number = client.ask("POST", "/a//b%2F?x=1&y", ("X-Amz-Target".lower(), "T"), ("cookie", "a=1"), ("cookie", "b=2"),
                            ("x-many", "1"), ("x-many", "2"), ends=False)
        client.frames.send_data(number, b"one ", pad_length=7)
        client.frames.send_data(number, b"two")
        client.frames.send_headers(number, [("x-trailer", "t")], end_stream=True)
        client.push()
        answer = client.answer(number)
    assert (answer.status, answer.body, answer.headers["content-length"]) == (201, b"made", "4")
    assert answer.headers["x-a"] == "1 X-B: 2"
    assert "keep-alive" not in answer.headers
    assert answer.headers["date"].endswith(" GMT")
    request = seen[0]
    assert (request.method, request.target, request.path, request.query) == ("POST", "/a//b%2F?x=1&y", "/a//b%2F", "x=1&y")
    assert request.headers == {"x-amz-target": "T", "cookie": "a=1; b=2", "x-many": "1,2", "host": "h"}
    assert (request.host, request.scheme, request.client, request.body) == ("h", "http", "127.0.0.1", b"one two")
    assert request.trailers == {"x-trailer": "t"}


def test_many_streams_at_once_are_answered_as_they_are_ready(start: Start) -> None:
    waiting: list[tuple[Request, Respond]] = []

    def handler(request: Request, respond: Respond) -> None:
        waiting.append((request, respond))
        if len(waiting) == 90:
            for asked, answer in reversed(waiting):
                answer(Response(200, [], asked.target.encode() * 2000))

    with Client(start(handler), window=1000) as client:
        numbers = [client.ask("GET", f"/{i:03d}") for i in range(90)]
        assert [client.answer(n).body for n in numbers] == [f"/{i:03d}".encode() * 2000 for i in range(90)]


def test_heads_and_answers_without_a_body(start: Start) -> None:
    def handler(request: Request, respond: Respond) -> None:
        respond(Response(204 if request.path == "/204" else 200, [], b"" if request.path == "/204" else b"12345"))

    with Client(start(handler)) as client:
        head, empty = client.ask("HEAD", "/"), client.ask("GET", "/204")
        assert (client.answer(head).headers["content-length"], client.answer(head).body) == ("5", b"")
        assert client.answer(empty).status == 204
        assert "content-length" not in client.answer(empty).headers


def test_what_fails_and_what_is_of_http_1_alone(start: Start) -> None:
    def handler(request: Request, respond: Respond) -> None:
        if request.path == "/raises":
            raise ValueError("on purpose")
        if request.path == "/socket":
            respond(Upgrade(lambda _: None))
        elif request.path == "/none":
            respond(Response(0, [], []))
        else:
            echo(request, respond)

    with Client(start(handler)) as client:
        assert client.answer(client.ask("GET", "/raises")).status == 500
        assert client.answer(client.ask("GET", "/socket")).status == 501
        assert client.answer(client.ask("GET", "/none")).reset == ErrorCodes.INTERNAL_ERROR
        assert client.answer(client.ask("get", "/")).status == 400
        assert client.answer(client.ask("GET", "no-slash")).status == 400
        assert client.answer(client.ask("GET", "/é")).headers["x-path"] == "/%C3%A9"
        assert client.answer(client.ask("GET", "/")).body == b"GET h http "


# --- bodies -----------------------------------------------------------------------------------------------------------


def test_a_long_upload_is_held_back_until_it_is_read(start: Start) -> None:
    data = os.urandom(3 * MIB)
    go = threading.Event()
    most = 0

    async def work(request: Request, respond: Respond) -> None:
        nonlocal most
        await asyncio.to_thread(go.wait, 5)
        assert request.stream is not None
        got = b""
        async for chunk in request.stream:
            most = max(most, getattr(request.stream, "buffered", 0))
            got += chunk
        respond(Response(200, [], b"same" if got == data else b"other"))

    with Client(start(lambda request, respond: spawn(work(request, respond)))) as client:
        number = client.ask("PUT", "/", ("content-length", str(len(data))), ends=False)
        client.until(lambda: client.frames.local_flow_control_window(number) > 65_535)
        at = 0
        while (room := min(client.frames.local_flow_control_window(number), 16_384)) > 0:
            client.frames.send_data(number, data[at:at + room])
            at += room
        client.push()
        assert at < MIB
        go.set()
        client.upload(number, data[at:])
        assert client.answer(number).body == b"same"
    assert 0 < most <= 262_144


def test_an_upload_of_untold_length_is_held_and_then_streamed(start: Start) -> None:
    async def work(request: Request, respond: Respond) -> None:
        size = len(request.body)
        if request.stream is not None:
            async for chunk in request.stream:
                size += len(chunk)
        respond(Response(200, [], f"{request.stream is not None} {size}".encode()))

    with Client(start(lambda request, respond: spawn(work(request, respond)))) as client:
        for size in (700_000, 2_500_000):
            number = client.ask("PUT", "/", ends=False)
            client.upload(number, b"x" * size)
            assert client.answer(number).body == f"{size > MIB} {size}".encode()


def test_what_is_answered_unread_is_read_away_or_stopped(start: Start) -> None:
    with Client(start(echo)) as client:
        short = client.ask("PUT", "/short", ("content-length", "1500000"), ends=False)
        assert client.answer(short).status == 200
        client.upload(short, b"x" * 1_500_000)
        assert client.answers[short].reset is None
        for alone in (True, False):                      # the rest of a body, by itself and with the next request
            several = client.ask("PUT", "/several", ("content-length", "180000"), ("content-type", "eventstream"), ends=False)
            assert client.answer(several).status == 200
            for at in range(0, 180_000, 10_000):
                client.frames.send_data(several, b"x" * 10_000, end_stream=at == 170_000)
            if alone:
                client.push()
            assert client.answer(client.ask("GET", "/next")).status == 200
        long = client.ask("PUT", "/long", ("content-length", "5000000"), ends=False)
        client.until(lambda: client.answers[long].reset is not None)
        assert (client.answers[long].status, client.answers[long].reset) == (200, ErrorCodes.NO_ERROR)
        assert client.answer(client.ask("GET", "/")).status == 200


def test_files_and_iterators_go_out_at_the_clients_pace(start: Start, tmp_path: Path) -> None:
    data = os.urandom(2 * MIB)
    (tmp_path / "f").write_bytes(data)
    given: list[int] = []
    ahead = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal ahead
        for start in range(0, len(data), 50_000):
            ahead += 1
            yield data[start:start + 50_000]

    def handler(request: Request, respond: Respond) -> None:
        if request.path == "/parts":
            respond(Response(200, [], parts()))
            return
        fd = os.open(tmp_path / "f", os.O_RDONLY)
        length = 1000 if request.path == "/short" else len(data)

        def sent() -> None:
            os.close(fd)
            given.append(fd)

        respond(Response(200, [], [b"<", FileSlice(fd, 0, length, sent), b">"]))

    with Client(start(handler), window=20_000) as client:
        client.hungry = False
        number = client.ask("GET", "/parts")
        client.until(lambda: len(client.answers[number].body) == 20_000)
        assert ahead <= 2
        client.hungry = True
        client.frames.acknowledge_received_data(20_000, number)
        client.push()
        assert client.answer(number).body == data
        assert client.answer(client.ask("GET", "/short")).body == b"<" + data[:1000] + b">"
        assert client.answer(client.ask("GET", "/file")).body == b"<" + data + b">"
    assert len(given) == 2


def test_a_body_that_is_not_as_long_as_promised_is_broken_off(start: Start) -> None:
    async def short() -> AsyncIterator[bytes]:
        yield b"12345"

    with Client(start(lambda _, respond: respond(Response(200, [("Content-Length", "9")], short())))) as client:
        assert client.answer(client.ask("GET", "/")).reset == ErrorCodes.INTERNAL_ERROR


# --- clients that go --------------------------------------------------------------------------------------------------


def test_a_reset_and_a_vanished_client_are_told_of(start: Start) -> None:
    lost: list[str] = []
    ended = threading.Semaphore(0)
    broken: list[str] = []

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x" * 1000
        finally:
            ended.release()

    async def read(request: Request) -> None:
        assert request.stream is not None
        try:
            async for _ in request.stream:
                pass
        except ConnectionResetError:
            broken.append(request.path)
            ended.release()

    def handler(request: Request, respond: Respond) -> None:
        def gone() -> None:
            lost.append(request.path)
            ended.release()

        if request.path.startswith("/endless"):
            respond(Response(200, [], endless()))
        elif request.path.startswith("/wait"):
            request.on_lost = gone
        elif request.path.startswith("/read"):
            spawn(read(request))
        else:
            echo(request, respond)

    with Client(start(handler)) as client:
        for name in ("1", "2"):
            numbers = [client.ask("GET", "/endless" + name), client.ask("GET", "/wait" + name),
                       client.ask("PUT", "/read" + name, ("content-length", "9000000"), ends=False)]
            client.until(lambda number=numbers[0]: client.answers[number].body)
            if name == "1":
                for number in numbers:
                    client.frames.reset_stream(number, ErrorCodes.CANCEL)
                client.push()
                for _ in numbers:
                    assert ended.acquire(timeout=5)
                assert client.answer(client.ask("GET", "/")).status == 200
    for _ in numbers:
        assert ended.acquire(timeout=5)
    assert lost == ["/wait1", "/wait2"]
    assert broken == ["/read1", "/read2"]


def test_a_request_that_is_reset_at_once_is_not_begun(start: Start) -> None:
    seen: list[str] = []

    def handler(request: Request, respond: Respond) -> None:
        seen.append(request.path)
        echo(request, respond)

    with Client(start(handler)) as client:
        number = client.frames.get_next_available_stream_id()
        client.frames.send_headers(number, [(":method", "GET"), (":path", "/a"), (":scheme", "http"), (":authority", "h")],
                                   end_stream=True)
        client.frames.reset_stream(number)
        assert client.answer(client.ask("GET", "/b")).status == 200
    assert seen == ["/b"]


def test_a_client_that_says_goodbye_gets_what_it_asked_for(start: Start) -> None:
    asked: list[Respond] = []
    with Client(server := start(lambda _, respond: asked.append(respond))) as client:
        number = client.ask("GET", "/")
        client.socket.sendall(GoAwayFrame(last_stream_id=0).serialize())
        client.frames.ping(b"12345678")
        client.push()
        client.until(lambda: client.pinged)
        server.loop.call_soon_threadsafe(lambda: asked[0](Response(200, [], b"x" * 100_000)))
        assert client.answer(number).body == b"x" * 100_000
        client.until_closed()


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("raw", [
    b"\x00\x00\x04\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00",                 # WINDOW_UPDATE by nothing
    b"\x00\x00\x05\x00\x01\x00\x00\x00\x05hello",                            # DATA on a stream that is not open
    b"\xff\xff\xff\x00\x00\x00\x00\x00\x01",                                 # a frame of 16 MiB
    HeadersFrame(1, b"\xff\xff\xff\xff\xff\xff", flags=["END_HEADERS"]).serialize(),      # no header compression
    b"GET / HTTP/1.1\r\nHost: h\r\n\r\n" * 5,
], ids=["window", "data", "large", "compression", "other"])
def test_malformed_frames_end_the_connection_with_a_word(start: Start, raw: bytes) -> None:
    with Client(start(echo)) as client:
        client.socket.sendall(raw)
        client.until_closed()
        assert client.goodbye is not None
        assert client.goodbye.error_code != ErrorCodes.NO_ERROR


def test_too_large_a_head_and_connections_own_headers(start: Start) -> None:
    with Client(server := start(echo)) as client:
        client.ask("GET", "/", *[(f"x-{i}", "a" * 500) for i in range(200)])
        client.until_closed()
        assert client.goodbye is not None
        assert client.goodbye.error_code == ErrorCodes.ENHANCE_YOUR_CALM
    with Client(server) as client:
        client.frames.config.validate_outbound_headers = client.frames.config.normalize_outbound_headers = False
        client.ask("GET", "/", ("transfer-encoding", "chunked"))
        client.until_closed()
        assert client.goodbye is not None


def test_what_begins_like_the_preface_is_http_1(start: Start) -> None:
    with socket.create_connection(("127.0.0.1", start(echo).port), timeout=10) as s:
        for part in (b"P", b"O", b"ST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"):
            s.sendall(part)
        with s.makefile("rb") as f:
            assert f.read().endswith(b"POST h http ok")


def test_a_preface_in_pieces(start: Start) -> None:
    with Client(start(echo)) as client, socket.create_connection(client.socket.getpeername(), timeout=10) as slow:
        slow.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client.socket.close()
        client.socket = slow
        client.frames = H2Connection(H2Configuration(client_side=True, header_encoding="latin-1"))
        client.frames.initiate_connection()
        for byte in client.frames.data_to_send():
            slow.sendall(bytes((byte,)))
        assert client.answer(client.ask("GET", "/")).status == 200


def test_the_slow_are_ended(start: Start) -> None:
    lost = threading.Event()

    def handler(request: Request, respond: Respond) -> None:
        request.on_lost = lost.set
        if request.path == "/long":
            respond(Response(200, [], b"x" * 100_000))

    with Client(start(handler, limits=QUICK), window=10) as client:
        client.hungry = False
        long, body, late = client.ask("GET", "/long"), client.ask("PUT", "/", ends=False), client.ask("GET", "/")
        assert client.answer(long).reset == ErrorCodes.CANCEL
        assert client.answer(body).status == 408
        streamed = client.ask("PUT", "/", ("content-length", "1500000"), ends=False)
        client.until(lambda: client.answers[streamed].reset is not None)
        assert (client.answers[streamed].status, client.answers[streamed].reset) == (408, ErrorCodes.NO_ERROR)
        assert not client.answers[late].ended
        client.frames.reset_stream(late)
        client.push()
        client.until_closed()                            # when it has idled
        assert client.goodbye is not None
        assert client.goodbye.error_code == ErrorCodes.NO_ERROR
    assert lost.wait(5)


# --- the server's end, and TLS ----------------------------------------------------------------------------------------


def test_a_server_that_stops_finishes_what_is_in_progress(start: Start) -> None:
    asked: list[Respond] = []
    arrived = threading.Event()

    def handler(_: Request, respond: Respond) -> None:
        asked.append(respond)
        arrived.set()

    server = start(handler)
    server.grace = 5.0
    with Client(server) as busy, Client(server) as idle:
        number = busy.ask("GET", "/")
        idle.pull()
        assert arrived.wait(5)
        stopping = threading.Thread(target=server.stop)
        stopping.start()
        idle.until_closed()
        assert idle.goodbye is not None
        raw = busy.socket.recv(MIB)                      # h2's client would not take the answer behind the goodbye
        while GoAwayFrame(last_stream_id=number).serialize() not in raw:
            raw += busy.socket.recv(MIB)
        server.loop.call_soon_threadsafe(lambda: asked[0](Response(200, [], b"finished")))
        while more := busy.socket.recv(MIB):
            raw += more
        assert raw.endswith(b"finished")
        stopping.join()


def test_who_offers_both_over_tls_gets_http_1(start: Start, tmp_path: Path) -> None:
    server = start(echo, tls=TlsSettings(str(tmp_path)))
    with Client(server) as client:
        assert client.answer(client.ask("GET", "/")).body == b"GET h http "
    asyncio.run_coroutine_threadsafe(server.server._authority.context(), server.loop).result(10)
    context = ssl.create_default_context(cafile=str(tmp_path / "tls" / "ca.pem"))
    context.set_alpn_protocols(["h2"])
    with Client(server, context=context) as client:
        assert client.socket.selected_alpn_protocol() == "h2"
        number = client.ask("PUT", "/", ends=False)
        client.upload(number, b"x" * 500_000)
        assert client.answer(number).body == b"PUT h https " + b"x" * 500_000
    context.set_alpn_protocols(["h2", "http/1.1"])
    with socket.create_connection(("127.0.0.1", server.port)) as s, context.wrap_socket(s, server_hostname="localhost") as t:
        assert t.selected_alpn_protocol() == "http/1.1"


def test_curl_with_prior_knowledge(start: Start, tmp_path: Path) -> None:
    (tmp_path / "up").write_bytes(b"y" * 300_000)
    ran = subprocess.run(["curl", "-sS", "--http2-prior-knowledge", "-w", "%{http_version} %{http_code}", "-T", tmp_path / "up",
                          "-o", tmp_path / "down", f"http://127.0.0.1:{start(echo).port}/a"], capture_output=True, timeout=20)
    assert (ran.stdout, ran.stderr) == (b"2 200", b"")
    assert (tmp_path / "down").read_bytes().endswith(b" http " + b"y" * 300_000)
