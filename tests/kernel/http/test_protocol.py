"""HTTP/1.1 by raw sockets: what well-behaved, old, slow and hostile clients send."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import socket
import ssl
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cumulet.kernel.http.message import FileSlice, Request, Respond, Response
from cumulet.kernel.http.server import Server, TlsSettings

HOST = b"Host: h\r\n"


class Running:
    """A server with a handler of this test, on a loop of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: list[Request] = []
        self.lost: list[str] = []
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.unix = str(folder / "s.sock")
        self.server = Server(self.handle, [("127.0.0.1", 0)], [self.unix], TlsSettings(str(folder)))
        self.run(self.server.start())
        self.port = self.server.addresses[0][1]

    def run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def handle(self, request: Request, respond: Respond) -> None:
        self.seen.append(request)
        path = request.path
        if path == "/wait":
            request.on_lost = lambda: self.lost.append(path)
        elif path == "/boom":
            raise RuntimeError("on purpose")
        elif path == "/later":
            self.loop.call_later(0.05, respond, Response(200, [], b"later"))
        elif path == "/pieces":
            respond(Response(200, [], self.pieces()))
        elif path == "/stream":
            respond(Response(200, [], self.stream()))
        elif path in ("/204", "/304"):
            respond(Response(int(path[1:]), [], b""))
        elif path == "/head":
            respond(Response(200, [("Content-Length", "1234")], b""))
        elif request.stream is not None and path != "/ignore":
            self.loop.create_task(self.drain(request, respond))
        else:
            told = request.method.encode() + b" " + path.encode("latin-1") + b" " + request.body[:99]
            respond(Response(200, [("X-A", "b")], told))

    def pieces(self) -> list[bytes | FileSlice]:
        path = self.folder / "file"
        if not path.exists():
            path.write_bytes(os.urandom(1 << 20) * 64)
        fd = os.open(path, os.O_RDONLY)
        return [b"<", FileSlice(fd, 1, (64 << 20) - 1, lambda: os.close(fd)), b">"]

    async def stream(self) -> AsyncIterator[bytes]:
        for part in (b"one,", b"two,", b"three"):
            yield part
            await asyncio.sleep(0)

    async def drain(self, request: Request, respond: Respond) -> None:
        size = 0
        try:
            async for chunk in request.stream or ():
                size += len(chunk)
        except ConnectionResetError:
            self.lost.append("stream")
            return
        respond(Response(200, [], str(size).encode()))

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def talk(self, *raw: bytes) -> bytes:
        """Send packets and read until the server hangs up."""
        with self.connect() as s:
            for part in raw:
                with contextlib.suppress(OSError):
                    s.sendall(part)
            s.settimeout(20)
            return read_all(s)

    def stop(self) -> None:
        self.run(self.server.stop(1))
        self.loop.call_soon_threadsafe(self.loop.stop)


def read_all(s: Any) -> bytes:
    out = []
    with contextlib.suppress(ConnectionResetError):
        while data := s.recv(1 << 16):
            out.append(data)
    return b"".join(out)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = Running(tmp_path_factory.mktemp("http"))
    yield running
    running.stop()


def get(path: bytes, *headers: bytes, method: bytes = b"GET", close: bool = True, body: bytes = b"") -> bytes:
    lines = [method + b" " + path + b" HTTP/1.1", b"Host: h", *headers]
    if close:
        lines.append(b"Connection: close")
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def body(answer: bytes) -> bytes:
    return answer.partition(b"\r\n\r\n")[2]


def test_the_target_is_kept_as_it_came(server: Running) -> None:
    answer = server.talk(get(b"/a//b/../%2F%c3%a9?x=1&x=2"))
    assert body(answer) == b"GET /a//b/../%2F%c3%a9 "
    assert server.seen[-1].query == "x=1&x=2"
    assert b"Date: " in answer
    assert b"Content-Length: 23\r\n" in answer


def test_keep_alive_and_pipelines_answer_in_order(server: Running) -> None:
    answer = server.talk(get(b"/later", close=False) + get(b"/2", close=False) + get(b"/3"))
    assert [part.split(b"\r\n\r\n")[1][:6] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"later", b"GET /2", b"GET /3"]


def test_many_pipelined_requests_are_all_answered(server: Running) -> None:
    count = 100
    answer = server.talk(*[get(b"/%d" % i, close=i == count - 1) for i in range(count)])
    assert answer.count(b"HTTP/1.1 200") == count


def test_old_clients_are_hung_up_on(server: Running) -> None:
    assert status(server.talk(b"GET /x HTTP/1.0\r\n\r\n")) == 200


@pytest.mark.parametrize(("raw", "expected"), [
    (b"PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello", b"hello"),
    (b"PUT /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n"
     b"X-T: 1\r\n\r\n", b"hello"),
    (b"PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", b"")])
def test_bodies_arrive_whole(server: Running, raw: bytes, expected: bytes) -> None:
    assert body(server.talk(raw)) == b"PUT /x " + expected


def test_continue_is_said_before_the_body(server: Running) -> None:
    with server.connect() as s:
        s.sendall(b"PUT /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n")
        assert s.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        s.sendall(b"ok")
        assert body(read_all(s)) == b"PUT /x ok"


@pytest.mark.parametrize(("path", "method", "code"), [(b"/204", b"GET", 204), (b"/304", b"GET", 304), (b"/head", b"HEAD", 200),
                                                      (b"/pieces", b"HEAD", 200), (b"/stream", b"HEAD", 200)])
def test_answers_without_a_body(server: Running, path: bytes, method: bytes, code: int) -> None:
    answer = server.talk(get(path, method=method))
    assert (status(answer), body(answer)) == (code, b"")
    if path == b"/head":
        assert b"Content-Length: 1234\r\n" in answer
    if path == b"/pieces":
        assert b"Content-Length: %d\r\n" % ((64 << 20) + 1) in answer


def test_streams_are_chunked(server: Running) -> None:
    assert body(server.talk(get(b"/stream"))) == b"4\r\none,\r\n4\r\ntwo,\r\n5\r\nthree\r\n0\r\n\r\n"


def test_large_answers_are_whole_and_memory_stays_flat(server: Running) -> None:
    server.talk(get(b"/pieces"))                                 # the file is made
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size = 0
    with server.connect() as s:
        s.sendall(get(b"/pieces"))
        while data := s.recv(1 << 20):
            size += len(data)
    assert size > (64 << 20)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 24 * 1024


def test_large_bodies_stream_with_back_pressure(server: Running) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    block, count = os.urandom(1 << 20), 64
    with server.connect() as s:
        s.sendall(get(b"/sink", b"Content-Length: %d" % (len(block) * count), method=b"PUT"))
        for _ in range(count):
            s.sendall(block)
        assert body(read_all(s)) == str(len(block) * count).encode()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 24 * 1024


def test_a_body_that_nobody_reads_ends_the_connection(server: Running) -> None:
    answer = server.talk(get(b"/ignore", b"Content-Length: 3000000", method=b"PUT", close=False), b"x" * 10)
    assert status(answer) == 200
    assert b"Connection: close" in answer


def until(true: Callable[[], bool]) -> bool:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.01)
    return False


def test_vanished_clients_are_told(server: Running) -> None:
    server.lost.clear()
    with server.connect() as s:
        s.sendall(get(b"/wait"))
        assert until(lambda: server.seen[-1].path == "/wait")
    assert until(lambda: server.lost == ["/wait"])
    with server.connect() as s:
        s.sendall(get(b"/sink", b"Content-Length: 3000000", method=b"PUT") + b"x" * 1000)
        assert until(lambda: server.seen[-1].path == "/sink")
    assert until(lambda: server.lost == ["/wait", "stream"])


def test_a_failing_handler_is_a_500_and_the_connection_lives(server: Running) -> None:
    answer = server.talk(get(b"/boom", close=False) + get(b"/after"))
    assert [status(b"HTTP/1.1 " + a) for a in answer.split(b"HTTP/1.1 ")[1:]] == [500, 200]


@pytest.mark.parametrize(("raw", "code"), [
    (b"\x00\x01\x02\r\n\r\n", 400),
    (b"GET /\r\n\r\n", 505),
    (get(b"/", b"Content-Length: 1", b"Content-Length: 2", body=b"ab"), 400),
    (get(b"/", b"Content-Length: 1", b"Content-Length: 1", body=b"a"), 400),
    (get(b"/", b"Content-Length: 3", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"), 400),
    (get(b"/", b"Transfer-Encoding: chunked", b"Content-Length: 3", body=b"0\r\n\r\n"), 400),
    (get(b"/", b"Content-Length: -1"), 400),
    (get(b"/", b"Content-Length: 1e3"), 400),
    (get(b"/", b"Content-Length: +1", body=b"a"), 400),
    (get(b"/", b"Transfer-Encoding: chunked", body=b"zz\r\n"), 400),
    (get(b"/", b"Bad Name: x"), 400),
    (get(b"/", b"X: a\x00b"), 400),
    (get(b"/", b"Host: other"), 400),
    (get(b"/", b"X-A: " + b"a" * 70_000), 431),
    (get(b"/" + b"a" * 70_000), 431)])
def test_bytes_that_are_no_request(server: Running, raw: bytes, code: int) -> None:
    answer = server.talk(raw)
    assert status(answer) == code, answer[:200]
    assert b"Connection: close" in answer


def test_tls_on_the_same_port_for_any_name(server: Running) -> None:
    context = ssl.create_default_context(cafile=str(server.folder / "tls" / "ca.pem")) if (
        server.folder / "tls" / "ca.pem").exists() else None
    if context is None:                     # the authority is made at the first TLS connection
        loose = ssl.create_default_context()
        loose.check_hostname, loose.verify_mode = False, ssl.CERT_NONE
        with server.connect() as raw, loose.wrap_socket(raw, server_hostname="x") as s:
            s.sendall(get(b"/first"))
            read_all(s)
        context = ssl.create_default_context(cafile=str(server.folder / "tls" / "ca.pem"))
    for name in ("localhost", "bucket.s3.localhost", "sqs.us-east-1.localhost.localstack.cloud", "127.0.0.1"):
        with server.connect() as raw, context.wrap_socket(raw, server_hostname=name) as s:
            s.sendall(get(b"/tls"))
            assert body(read_all(s)) == b"GET /tls "
    assert server.seen[-1].scheme == "https"
    with server.connect() as raw, context.wrap_socket(raw, server_hostname="localhost") as s:
        s.sendall(get(b"/pieces"))
        assert len(read_all(s)) > (64 << 20)


def test_damaged_tls_is_hung_up_on(server: Running) -> None:
    assert not server.talk(b"\x16\x03\x01" + b"\xff" * 50).startswith(b"HTTP")


def test_unix_sockets(server: Running) -> None:
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(server.unix)
        s.sendall(get(b"/unix"))
        assert body(read_all(s)) == b"GET /unix "


def test_two_thousand_idle_polls_cost_little(server: Running) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 16_384), hard))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    waiting = []
    try:
        for _ in range(2000):
            s = server.connect()
            s.sendall(get(b"/wait"))
            waiting.append(s)
        assert until(lambda: sum(r.path == "/wait" for r in server.seen) >= 2000)
        assert body(server.talk(get(b"/x"))) == b"GET /x "
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40 * 1024
    finally:
        for s in waiting:
            s.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_stop_finishes_what_runs(tmp_path: Path) -> None:
    running = Running(tmp_path)
    with running.connect() as s:
        s.sendall(get(b"/later", close=False))
        assert until(lambda: bool(running.seen))
        running.stop()
        assert body(read_all(s)) == b"later"
    with pytest.raises(OSError):
        running.connect()
