"""One connection through its life: slow, vanishing and greedy clients, bodies both ways, and what is given back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import struct
import threading
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from cumulet.kernel.http.limits import Limits
from cumulet.kernel.http.message import FileSlice, Handler, Request, Respond, Response
from cumulet.kernel.http.server import ServerThread

MIB = 1_048_576
QUICK = Limits(header_seconds=0.3, body_seconds=0.3, idle_seconds=0.6, write_seconds=0.5, linger_seconds=0.3, tick=0.05)
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


class Client:
    """A raw socket."""

    def __init__(self, server: ServerThread, receive_buffer: int = 0) -> None:
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", server.port))
        self.file = self.socket.makefile("rb")

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()
        self.socket.close()

    def send(self, data: bytes) -> Client:
        self.socket.sendall(data)
        return self

    def head(self) -> tuple[int, dict[str, str]]:
        line = self.file.readline()
        if not line:
            raise ConnectionResetError
        headers = {}
        while (header := self.file.readline().rstrip()):
            name, _, value = header.decode("latin-1").partition(": ")
            headers[name.lower()] = value
        return int(line.split()[1]), headers

    def answer(self) -> tuple[int, dict[str, str], bytes]:
        status, headers = self.head()
        return status, headers, self.file.read(int(headers.get("content-length", 0)))

    def rest(self) -> bytes:
        """All until the server hangs up."""
        out = []
        with contextlib.suppress(ConnectionResetError):
            while data := self.file.read1(MIB):
                out.append(data)
        return b"".join(out)

    def vanish(self) -> None:
        """By a reset, as a killed machine's peer sees it."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.file.close()
        self.socket.close()


def get(path: str = "/", *headers: str, method: str = "GET", body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: h", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1") + body


def until(true: Callable[[], object], seconds: float = 5.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.005)
    return False


def echo(request: Request, respond: Respond) -> None:
    respond(Response(200, [], f"{request.method} {request.target} ".encode("latin-1") + request.body))


def spawn(work: Any) -> None:
    tasks.add(task := asyncio.get_running_loop().create_task(work))
    task.add_done_callback(tasks.discard)


tasks: set[asyncio.Task[Any]] = set()


# --- time -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("begun", [b"GET /", b"GET / HTTP/1.1\r\nHost: h\r\nX: "])
def test_a_head_that_comes_too_slowly_is_refused_even_if_it_never_pauses(start: Start, begun: bytes) -> None:
    with Client(start(echo, limits=QUICK)) as client:
        client.send(begun)
        began = time.monotonic()
        client.socket.settimeout(0.05)
        answer = b""
        while not answer and time.monotonic() < began + 5:
            with contextlib.suppress(TimeoutError):
                answer = client.socket.recv(1000)
            if not answer:
                client.send(b"a")
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert time.monotonic() - began < 2


def test_a_body_that_does_not_come_is_refused(start: Start) -> None:
    with Client(start(echo, limits=QUICK)) as client:
        client.send(get("/", "Content-Length: 5", method="PUT", body=b"ab"))
        assert client.answer()[0] == 408
        assert client.rest() == b""


def test_a_streamed_body_that_does_not_come_ends_its_reader(start: Start) -> None:
    ended: list[str] = []

    async def read(request: Request) -> None:
        assert request.stream is not None
        try:
            async for _ in request.stream:
                pass
        except ConnectionResetError:
            ended.append("reset")

    def handle(request: Request, respond: Respond) -> None:
        request.on_lost = lambda: ended.append("lost")
        spawn(read(request))

    with Client(start(handle, limits=QUICK)) as client:
        client.send(get("/", "Content-Length: 5000000", method="PUT", body=b"ab"))
        assert client.answer()[0] == 408
        assert until(lambda: sorted(ended) == ["lost", "reset"])


def test_idle_connections_are_closed_and_waiting_ones_are_not(start: Start) -> None:
    waiting: list[Respond] = []
    server = start(lambda request, respond: waiting.append(respond) if request.path == "/wait" else echo(request, respond),
                   limits=QUICK)
    with Client(server) as idle, Client(server) as silent, Client(server) as poll:
        poll.send(get("/wait"))
        assert idle.send(get()).answer()[0] == 200
        assert idle.rest() == b""
        assert silent.rest() == b""
        time.sleep(0.8)
        server.loop.call_soon_threadsafe(waiting[0], Response(200, [], b"late"))
        assert poll.answer()[2] == b"late"


def test_who_takes_nothing_of_a_response_is_let_go_and_the_file_given_back(start: Start, tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(bytes(32 * MIB))
    sent: list[int] = []

    def handle(request: Request, respond: Respond) -> None:
        fd = os.open(path, os.O_RDONLY)

        def given_back() -> None:
            os.close(fd)
            sent.append(1)

        respond(Response(200, [], [FileSlice(fd, 0, 32 * MIB, given_back)]))

    with Client(start(handle, limits=QUICK), receive_buffer=4096) as client:
        client.send(get())
        assert until(lambda: sent)
        assert len(client.rest()) < 32 * MIB


def test_who_takes_little_by_little_is_not(start: Start) -> None:
    size = 24 * MIB
    body = bytes(size)
    with Client(start(lambda request, respond: respond(Response(200, [], body)), limits=QUICK), receive_buffer=MIB) as client:
        client.send(get("/", "Connection: close"))
        got, began = 0, time.monotonic()
        while data := client.socket.recv(MIB):
            got += len(data)
            if time.monotonic() - began < 1.5:
                time.sleep(0.1)
        assert got > size


# --- asking before sending --------------------------------------------------------------------------------------------


async def whole(request: Request, respond: Respond) -> None:
    assert request.stream is not None
    size = 0
    async for chunk in request.stream:
        size += len(chunk)
    respond(Response(200, [], f"{size} {request.trailers}".encode()))


def streaming(request: Request, respond: Respond) -> None:
    if request.stream is not None and request.path != "/deny":
        spawn(whole(request, respond))
    else:
        respond(Response(403 if request.path == "/deny" else 200, [], request.body))


def test_a_large_body_is_asked_for_when_somebody_reads_it(start: Start) -> None:
    with Client(start(streaming)) as client:
        client.send(get("/", "Expect: 100-continue", "Content-Length: 3000000", method="PUT"))
        assert client.head() == (100, {})
        client.send(bytes(3_000_000))
        assert client.answer()[2] == b"3000000 {}"
        assert client.send(get()).answer()[0] == 200


def test_a_large_body_that_is_denied_is_never_asked_for(start: Start) -> None:
    with Client(start(streaming)) as client:
        client.send(get("/deny", "Expect: 100-continue", "Content-Length: 3000000", method="PUT"))
        status, headers, _ = client.answer()
        assert (status, headers["connection"]) == (403, "close")
        assert client.rest() == b""


def test_who_does_not_wait_to_be_asked_is_served_too(start: Start) -> None:
    with Client(start(streaming)) as client:
        client.send(get("/", "Expect: 100-continue", "Content-Length: 3000000", method="PUT", body=bytes(3_000_000)))
        while (answer := client.head())[0] == 100:
            pass
        assert answer[0] == 200


def test_asking_waits_for_its_turn(start: Start) -> None:
    def handle(request: Request, respond: Respond) -> None:
        asyncio.get_running_loop().call_later(0.1, respond, Response(200, [], request.path.encode() + request.body))

    with Client(start(handle)) as client:
        client.send(get("/1") + get("/2", "Expect: 100-continue", "Content-Length: 2", method="PUT"))
        assert client.answer()[2] == b"/1"
        assert client.head()[0] == 100
        assert client.send(b"ok").answer()[2] == b"/2ok"


# --- bodies in --------------------------------------------------------------------------------------------------------


def test_trailers_of_streams_are_there_at_their_end(start: Start) -> None:
    with Client(start(streaming)) as client:
        chunk = b"%x\r\n%b\r\n" % (MIB, bytes(MIB))
        client.send(get("/", "Transfer-Encoding: chunked", method="PUT") + chunk * 3 + b"0\r\nx-sum: abc\r\n\r\n")
        assert client.answer()[2] == f"{3 * MIB} {{'x-sum': 'abc'}}".encode()


def test_a_body_is_read_no_faster_than_it_is_taken(start: Start) -> None:
    go = threading.Event()
    taken: list[int] = []

    async def slowly(request: Request, respond: Respond) -> None:
        assert request.stream is not None
        async for chunk in request.stream:
            taken.append(len(chunk))
            while not go.is_set():  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        respond(Response(200, [], str(sum(taken)).encode()))

    with Client(start(lambda request, respond: spawn(slowly(request, respond)))) as client:
        client.send(get("/", f"Content-Length: {64 * MIB}", method="PUT"))
        client.socket.settimeout(0.5)
        sent = 0
        with contextlib.suppress(TimeoutError):
            while sent < 64 * MIB:
                sent += client.socket.send(bytes(MIB))
        assert sent < 16 * MIB                          # the rest waits in the client
        client.socket.settimeout(10)
        go.set()
        client.send(bytes(64 * MIB - sent))
        assert client.answer()[2] == str(64 * MIB).encode()


def test_memory_is_flat_while_much_passes_through(start: Start) -> None:
    async def both(request: Request, respond: Respond) -> None:
        async def back() -> AsyncIterator[bytes]:
            assert request.stream is not None
            async for chunk in request.stream:
                yield chunk

        respond(Response(200, [("Content-Length", str(64 * MIB))], back()))

    server = start(lambda request, respond: spawn(both(request, respond)))
    with Client(server) as client:
        client.send(get("/", f"Content-Length: {64 * MIB}", method="PUT"))
        block = os.urandom(MIB)
        everything = block * 64
        sender = threading.Thread(target=client.socket.sendall, args=(everything,))
        tracemalloc.start()
        sender.start()
        assert client.head()[0] == 200
        got = 0
        while got < 64 * MIB:
            data = client.file.read(MIB)
            assert data == block
            got += len(data)
        sender.join()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 24 * MIB


def test_a_small_rest_that_nobody_wants_is_read_away(start: Start) -> None:
    with Client(start(lambda request, respond: respond(Response(200, [], request.path.encode())))) as client:
        body = bytes(1_200_000)
        client.send(get("/1", f"Content-Length: {len(body)}", method="PUT", body=body[:400_000]))
        assert client.answer()[1].get("connection") is None
        client.send(body[400_000:] + get("/2"))
        assert client.answer()[2] == b"/2"


def test_a_large_rest_that_nobody_wants_ends_the_connection(start: Start) -> None:
    with Client(start(lambda request, respond: respond(Response(200, [], request.path.encode())))) as client:
        client.send(get("/1", "Content-Length: 9000000", method="PUT", body=bytes(400_000)))
        assert client.answer()[1]["connection"] == "close"
        assert client.rest() == b""


def test_an_answer_amid_a_large_body_arrives_although_the_client_is_still_sending(start: Start) -> None:
    with Client(start(streaming)) as client:
        client.send(get("/deny", "Content-Length: 50000000", method="PUT"))
        client.send(bytes(5_000_000))
        status, headers, _ = client.answer()
        assert (status, headers["connection"]) == (403, "close")


@pytest.mark.parametrize("raw", [get("/", "Content-Length: 5", method="PUT", body=b"ab"), b"GET / HT",
                                 get("/", "Transfer-Encoding: chunked", method="PUT", body=b"5\r\nab")])
def test_a_request_that_breaks_off_is_not_handled(start: Start, raw: bytes) -> None:
    seen: list[Request] = []
    with Client(start(lambda request, respond: seen.append(request))) as client:
        client.send(raw).socket.shutdown(socket.SHUT_WR)
        assert client.rest().startswith(b"HTTP/1.1 400 ")
    assert seen == []


def test_who_only_stops_sending_still_gets_its_answer(start: Start) -> None:
    def handle(request: Request, respond: Respond) -> None:
        asyncio.get_running_loop().call_later(0.1, respond, Response(200, [], b"late"))

    with Client(start(handle)) as client:
        client.send(get() + get()).socket.shutdown(socket.SHUT_WR)
        assert client.answer()[2] == b"late"
        assert client.answer()[2] == b"late"
        assert client.rest() == b""


@pytest.mark.parametrize("how", [Client.vanish, lambda client: client.socket.shutdown(socket.SHUT_WR)], ids=["reset", "end"])
def test_who_waits_and_vanishes_is_lost_once_and_its_answer_given_back(start: Start, how: Callable[[Client], None]) -> None:
    seen: list[tuple[Request, Respond]] = []
    lost: list[int] = []

    def handle(request: Request, respond: Respond) -> None:
        request.on_lost = lambda: lost.append(1)
        seen.append((request, respond))

    server = start(handle)
    client = Client(server).send(get())
    assert until(lambda: seen)
    how(client)
    assert until(lambda: lost)
    given_back: list[int] = []
    late = Response(200, [], [b"x", FileSlice(0, 0, 1, lambda: given_back.append(1))])
    server.loop.call_soon_threadsafe(seen[0][1], late)
    assert until(lambda: given_back)
    assert until(lambda: server.server.connected == 0)
    assert lost == [1]


def test_an_on_lost_that_fails_harms_nobody(start: Start) -> None:
    def fail() -> None:
        raise RuntimeError("on purpose")

    def handle(request: Request, respond: Respond) -> None:
        request.on_lost = fail
        if request.path == "/x":
            respond(Response(200, [], b"x"))

    server = start(handle)
    Client(server).send(get()).vanish()
    with Client(server) as client:
        assert client.send(get("/x")).answer()[2] == b"x"


# --- pipelines --------------------------------------------------------------------------------------------------------


def test_behind_a_request_that_waits_only_so_many_are_read(start: Start) -> None:
    count, waiting = 0, threading.Event()
    first: list[Respond] = []

    def handle(request: Request, respond: Respond) -> None:
        nonlocal count
        count += 1
        if request.path == "/wait":
            first.append(respond)
            waiting.set()
        else:
            respond(Response(200, []))

    server = start(handle)
    with Client(server) as client:
        client.send(get("/wait"))
        assert waiting.wait(5)
        client.socket.settimeout(0.5)
        block = get() * 2000
        sent = 0
        with contextlib.suppress(TimeoutError):
            while sent < 64 * MIB:
                sent += client.socket.send(block)
        assert sent < 16 * MIB                          # in the buffers of the kernel
        assert count == 1
        server.loop.call_soon_threadsafe(first[0], Response(200, [], b"1"))
        assert client.answer()[2] == b"1"
        for _ in range(10_000):
            assert client.head()[0] == 200
        assert count > 10_000


def test_who_takes_no_answers_gets_no_more_of_them(start: Start) -> None:
    count = 0
    body = bytes(MIB)

    def handle(request: Request, respond: Respond) -> None:
        nonlocal count
        count += 1
        respond(Response(200, [], body))

    with Client(start(handle), receive_buffer=4096) as client:
        client.send(get() * 100)
        assert until(lambda: count > 1)
        time.sleep(0.3)
        assert count < 40
        for _ in range(100):
            assert len(client.answer()[2]) == MIB
    assert count == 100


def test_what_came_before_a_fault_is_answered_before_it_is_refused(start: Start) -> None:
    def handle(request: Request, respond: Respond) -> None:
        asyncio.get_running_loop().call_later(0.05, respond, Response(200, [], request.path.encode()))

    with Client(start(handle)) as client:
        client.send(get("/1") + get("/2") + b"NONSENSE\r\n\r\n" + get("/3"))
        assert [client.answer()[2] for _ in range(2)] == [b"/1", b"/2"]
        assert client.answer()[0] == 400
        assert client.rest() == b""


def test_thousands_in_one_packet_do_not_pile_up_on_the_stack(start: Start) -> None:
    with Client(start(echo)) as client:
        threading.Thread(target=client.send, args=(get("/x") * 20_000,)).start()
        for _ in range(20_000):
            assert client.answer()[2] == b"GET /x "


def test_an_upgrade_that_is_not_granted_is_an_ordinary_request(start: Start) -> None:
    with Client(start(echo)) as client:
        ask = ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__")
        client.send(get("/1", *ask) + get("/2", *ask, "Content-Length: 3", method="POST", body=b"abc") + get("/3"))
        assert [client.answer()[2] for _ in range(3)] == [b"GET /1 ", b"POST /2 abc", b"GET /3 "]


# --- answers ----------------------------------------------------------------------------------------------------------


def test_line_breaks_in_headers_start_no_headers(start: Start) -> None:
    bad = [("X-A", "1\r\nX-B: 2\r\n\r\nbody"), ("X-\nC", "3\0")]
    bodies: list[Any] = [b"ok", [b"o", b"k"]]
    with Client(start(lambda request, respond: respond(Response(200, list(bad), bodies[int(request.path[1:])])))) as client:
        for i in range(2):
            _, headers, body = client.send(get(f"/{i}")).answer()
            assert headers["x-a"] == "1 X-B: 2 body"
            assert "x-b" not in headers
            assert body == b"ok"


def test_headers_beyond_latin_go_out_as_utf8(start: Start) -> None:
    with Client(start(lambda request, respond: respond(Response(200, [("X-A", "日")], b"")))) as client:
        assert client.send(get()).answer()[1]["x-a"].encode("latin-1").decode() == "日"


def test_a_second_answer_is_ignored(start: Start) -> None:
    def handle(request: Request, respond: Respond) -> None:
        respond(Response(200, [], b"1"))
        respond(Response(200, [], b"2"))
        asyncio.get_running_loop().call_later(0.01, respond, Response(200, [], b"3"))

    with Client(start(handle)) as client:
        assert client.send(get()).answer()[2] == b"1"
        time.sleep(0.05)
        assert client.send(get()).answer()[2] == b"1"


async def parts(*told: str, ended: list[str]) -> AsyncIterator[bytes]:
    try:
        for part in told:
            yield part.encode()
            await asyncio.sleep(0.01)
        if told and told[-1] == "fail":
            raise RuntimeError("on purpose")
    finally:
        ended.append("ended")


@pytest.mark.parametrize(("length", "told", "good"), [
    ("4", ("ab", "cd"), True), ("5", ("ab", "cd"), False), ("3", ("ab", "cd"), False), ("", ("ab", "fail"), False)])
def test_a_stream_that_breaks_its_promise_breaks_the_connection(start: Start, length: str, told: tuple[str, ...],
                                                               good: bool) -> None:
    ended: list[str] = []
    headers = [("Content-Length", length)] if length else []
    server = start(lambda request, respond: respond(Response(200, list(headers), parts(*told, ended=ended))))
    with Client(server) as client:
        client.send(get())
        client.head()
        if good:
            assert client.file.read(4) == b"abcd"
            assert client.send(get()).head()[0] == 200
        else:
            assert not client.rest().endswith(b"0\r\n\r\n")
        assert until(lambda: ended)


def test_an_old_client_gets_streams_until_the_end(start: Start) -> None:
    ended: list[str] = []
    with Client(start(lambda request, respond: respond(Response(200, [], parts("ab", "", "cd", ended=ended))))) as client:
        client.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        assert "transfer-encoding" not in client.head()[1]
        assert client.rest() == b"abcd"


def test_an_old_client_may_keep_its_connection(start: Start) -> None:
    with Client(start(echo)) as client:
        for _ in range(2):
            assert client.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").answer()[1]["connection"] == "keep-alive"


def test_a_stream_ends_when_its_client_vanishes(start: Start) -> None:
    ended: list[str] = []

    async def forever() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"x"
                await asyncio.sleep(30)
        finally:
            ended.append("ended")

    client = Client(start(lambda request, respond: respond(Response(200, [], forever()))))
    assert client.send(get()).head()[0] == 200
    client.vanish()
    assert until(lambda: ended)


# --- files ------------------------------------------------------------------------------------------------------------


class Files:
    """Slices of one file, and how often they were given back."""

    def __init__(self, path: Path, size: int) -> None:
        self.content = os.urandom(MIB) * (size // MIB) + os.urandom(size % MIB)
        path.write_bytes(self.content)
        self.fd = os.open(path, os.O_RDONLY)
        self.given_back = 0
        self.slices = 0

    def slice(self, offset: int, length: int) -> FileSlice:
        self.slices += 1
        return FileSlice(self.fd, offset, length, self._back)

    def _back(self) -> None:
        self.given_back += 1


@pytest.fixture
def files(tmp_path: Path) -> Iterator[Files]:
    made = Files(tmp_path / "f", 20 * MIB + 7)
    yield made
    os.close(made.fd)


@pytest.mark.parametrize("cuts", [[(0, 10)], [(5, 0), (1, 1)], [(3, 200_000), (7, 62_144)], [(1, 400_000)],
                                  [(0, 20 * MIB + 7)], [(10, 3 * MIB), (0, 5), (MIB, 9 * MIB), (20 * MIB, 7)]])
def test_slices_arrive_as_they_are(start: Start, files: Files, cuts: list[tuple[int, int]]) -> None:
    def handle(request: Request, respond: Respond) -> None:
        respond(Response(200, [], [b"<", *[files.slice(*cut) for cut in cuts], b"", b">"]))

    expected = b"<" + b"".join([files.content[a:a + n] for a, n in cuts]) + b">"
    with Client(start(handle)) as client:
        for method in ("GET", "HEAD", "GET"):
            client.send(get(method=method))
            status, headers = client.head()
            assert (status, headers["content-length"]) == (200, str(len(expected)))
            assert method == "HEAD" or client.file.read(len(expected)) == expected
    assert until(lambda: files.given_back == files.slices)


@pytest.mark.parametrize("length", [100, 5 * MIB])
def test_a_file_that_is_too_short_is_never_passed_off_as_whole(start: Start, files: Files, length: int) -> None:
    def handle(request: Request, respond: Respond) -> None:
        respond(Response(200, [], [files.slice(len(files.content) - 50, length), files.slice(0, 1)]))

    with Client(start(handle)) as client:
        client.send(get("/", "Connection: close"))
        status, headers = client.head()
        assert status == 500 or len(client.rest()) < int(headers["content-length"])
    assert until(lambda: files.given_back == 2)


def test_files_are_given_back_when_the_client_vanishes(start: Start, files: Files) -> None:
    def handle(request: Request, respond: Respond) -> None:
        respond(Response(200, [], [files.slice(0, 20 * MIB), files.slice(0, 20 * MIB)]))

    client = Client(start(handle), receive_buffer=4096)
    client.send(get()).head()
    client.vanish()
    assert until(lambda: files.given_back == 2)


def test_many_download_at_once(start: Start, files: Files) -> None:
    def handle(request: Request, respond: Respond) -> None:
        respond(Response(200, [], [files.slice(0, 20 * MIB)]))

    server = start(handle)
    good: list[bool] = []

    def download() -> None:
        with Client(server) as client:
            client.send(get()).head()
            good.append(client.file.read(20 * MIB) == files.content[:20 * MIB])

    threads = [threading.Thread(target=download) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert good == [True] * 6
    assert until(lambda: files.given_back == 6)
