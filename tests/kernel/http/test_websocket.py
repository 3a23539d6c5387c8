"""WebSockets: in memory against wsproto's client, and through a real server's socket."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wsproto import ConnectionType, WSConnection
from wsproto.connection import Connection
from wsproto.events import AcceptConnection, BytesMessage, CloseConnection, Ping, Pong, TextMessage
from wsproto.events import Request as Handshake

from cumulet.kernel.http.connections import Connections
from cumulet.kernel.http.limits import Limits
from cumulet.kernel.http.message import Request, Respond, Response, Upgrade, WebSocket
from cumulet.kernel.http.server import Server, ServerThread
from cumulet.kernel.http.websocket import MESSAGE, SocketProtocol, accept

_KEY = "dGhlIHNhbXBsZSBub25jZQ=="        # RFC 6455's example
_HEADERS = {"upgrade": "websocket", "connection": "Upgrade", "sec-websocket-version": "13", "sec-websocket-key": _KEY}


def test_accept_is_the_one_of_the_standard() -> None:
    assert accept(Request("GET", "/", _HEADERS)) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert accept(Request("GET", "/", {**_HEADERS, "upgrade": "WebSocket"})) == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.mark.parametrize("wrong", [{"upgrade": "h2c"}, {"sec-websocket-version": "8"}, {"sec-websocket-key": "short"},
                                   {"sec-websocket-key": "aaaa"}, {"sec-websocket-key": "é"}, {"sec-websocket-key": ""}])
def test_what_is_no_opening_handshake(wrong: dict[str, str]) -> None:
    assert accept(Request("GET", "/", {**_HEADERS, **wrong})) == ""
    assert accept(Request("POST", "/", _HEADERS)) == ""


# --- in memory ---


class Transport(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.out = bytearray()
        self.closed = self.eof = self.aborted = False
        self.reading = True

    def write(self, data: Any) -> None:
        assert not self.eof
        self.out += data

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = self.aborted = True

    def is_closing(self) -> bool:
        return self.closed

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.eof = True

    def pause_reading(self) -> None:
        assert self.reading
        self.reading = False

    def resume_reading(self) -> None:
        assert not self.reading
        self.reading = True


class Peer:
    """A client and the server's side that it talks to. `run` holds the socket until `done` is set."""

    def __init__(self, run: Callable[[WebSocket], Any] | None = None, **limits: Any) -> None:
        self.shared = Connections(lambda request, respond: None, Limits(**limits))
        self.done = asyncio.Event()
        self.socket = SocketProtocol(self.shared, Upgrade(run or self._hold))
        self.transport = Transport()
        self.socket.connection_made(self.transport)
        self.frames = Connection(ConnectionType.CLIENT)

    async def _hold(self, socket: WebSocket) -> None:
        await self.done.wait()

    def say(self, *events: Any) -> None:
        self.socket.data_received(b"".join(self.frames.send(event) for event in events))

    def heard(self) -> list[Any]:
        self.frames.receive_data(bytes(self.transport.out))
        self.transport.out.clear()
        return list(self.frames.events())

    def tick(self, times: int = 1) -> None:
        for _ in range(times):
            self.shared.tick += 1
            self.socket.check(self.shared.tick)


def in_loop(main: Callable[[], Any]) -> None:
    asyncio.run(asyncio.wait_for(main(), 10))


def test_messages_both_ways_and_fragments() -> None:
    async def main() -> None:
        peer = Peer()
        peer.say(TextMessage("a", message_finished=False), Ping(b"p"))
        peer.say(TextMessage("", message_finished=False), TextMessage("é"))
        peer.say(BytesMessage(b"\0\xff"), TextMessage(""), BytesMessage(b""))
        assert [await peer.socket.receive() for _ in range(4)] == ["aé", b"\0\xff", "", b""]
        await peer.socket.send("text")
        await peer.socket.send(b"bytes")
        pong, text, data = peer.heard()
        assert (pong, text.data, data.data) == (Pong(b"p"), "text", b"bytes")
    in_loop(main)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.text(max_size=300), st.binary(max_size=300)), max_size=8), st.integers(1, 40))
def test_however_the_bytes_are_cut(messages: list[str | bytes], size: int) -> None:
    async def main() -> None:
        peer = Peer()
        data = b"".join(peer.frames.send(TextMessage(m) if isinstance(m, str) else BytesMessage(m)) for m in messages)
        for at in range(0, len(data), size):
            peer.socket.data_received(data[at:at + size])
        assert [await peer.socket.receive() for _ in messages] == messages
    in_loop(main)


def test_client_closes() -> None:
    async def main() -> None:
        peer = Peer()
        waiting = asyncio.ensure_future(peer.socket.receive())
        await asyncio.sleep(0)
        peer.say(CloseConnection(4000, "bye"))
        assert await waiting is None
        assert peer.heard() == [CloseConnection(4000, "bye")]
        assert peer.transport.closed
        with pytest.raises(ConnectionResetError):
            await peer.socket.send("late")
    in_loop(main)


def test_client_closes_without_a_code() -> None:
    async def main() -> None:
        peer = Peer()
        peer.socket.data_received(b"\x88\x80\0\0\0\0")
        assert [type(event) for event in peer.heard()] == [CloseConnection]
        assert peer.transport.closed
    in_loop(main)


@pytest.mark.parametrize("answers", [True, False])
def test_server_closes_when_its_application_returns(answers: bool) -> None:
    async def main() -> None:
        peer = Peer()
        peer.done.set()
        await asyncio.sleep(0.01)
        assert peer.heard() == [CloseConnection(1000, "")]
        assert not peer.transport.closed                 # the client has its say
        if answers:
            peer.say(CloseConnection(1000))
        else:
            peer.tick(5)
            assert not peer.transport.closed
            peer.tick(1)
        assert (peer.transport.closed, peer.transport.aborted) == (True, not answers)
    in_loop(main)


def test_long_idle_client_has_time_to_answer_our_close() -> None:
    async def main() -> None:
        peer = Peer(idle_seconds=120.0)
        peer.tick(50)
        await peer.socket.close(4001, "enough")
        peer.tick(5)
        assert peer.heard() == [CloseConnection(4001, "enough")]
        assert not peer.transport.closed
    in_loop(main)


def test_application_that_fails() -> None:
    async def fails(socket: WebSocket) -> None:
        raise ValueError("on purpose")

    async def main() -> None:
        peer = Peer(fails)
        await asyncio.sleep(0.01)
        assert [event.code for event in peer.heard()] == [1011]
    in_loop(main)


@pytest.mark.parametrize(("data", "code"), [
    (b"\x81\x82\0\0\0\0\xc3\x28", 1007),                 # not UTF-8
    (b"\x81\x81\0\0\0\0\xc3", 1007),                     # ends within a character
    (b"\x81\x01a", 1002),                                # not masked
    (b"\xc1\x81\0\0\0\0a", 1002),                        # an extension that nobody agreed on
    (b"\x83\x81\0\0\0\0a", 1002),                        # an opcode that is not
    (b"\x80\x81\0\0\0\0a", 1002),                        # continues nothing
    (b"\x09\x80\0\0\0\0", 1002),                         # a ping in fragments
    (b"\x88\x81\0\0\0\0a", 1002),                        # half a code
])
def test_client_that_does_wrong_is_told_so(data: bytes, code: int) -> None:
    async def main() -> None:
        peer = Peer()
        peer.socket.data_received(data)
        assert [event.code for event in peer.heard()] == [code]
        assert peer.transport.eof
        assert await peer.socket.receive() is None
        peer.socket.data_received(b"more" * 100)         # is read away
        assert peer.heard() == []
        peer.tick(6)
        assert peer.transport.aborted
    in_loop(main)


@pytest.mark.parametrize("text", [True, False])
@pytest.mark.parametrize("cut", [1, 7])
def test_largest_message(text: bool, cut: int) -> None:
    def parts(size: int) -> list[Any]:
        kind: Any = TextMessage if text else BytesMessage
        whole: Any = "é" * (size // 2) + "a" * (size % 2) if text else b"x" * size
        step = len(whole) // cut + 1
        return [kind(whole[at:at + step], message_finished=at + step >= len(whole)) for at in range(0, len(whole), step)]

    async def main() -> None:
        peer = Peer()
        peer.say(*parts(MESSAGE))
        message = await peer.socket.receive()
        assert message is not None
        assert len(message.encode() if isinstance(message, str) else message) == MESSAGE
        peer.say(*parts(MESSAGE + 1))
        assert [event.code for event in peer.heard()] == [1009]
        assert await peer.socket.receive() is None
        peer.say(CloseConnection(1009))
        assert peer.transport.closed
    in_loop(main)


@pytest.mark.parametrize(("size", "count"), [(1, 64), (400_000, 3)])
def test_client_is_not_read_while_messages_wait(size: int, count: int) -> None:
    async def main() -> None:
        peer = Peer()
        peer.say(*[BytesMessage(b"x" * size)] * (count - 1))
        assert peer.transport.reading
        peer.say(BytesMessage(b"x" * size))
        assert not peer.transport.reading
        for _ in range(count):
            await peer.socket.receive()
        assert peer.transport.reading
    in_loop(main)


def test_empty_fragments_take_no_room() -> None:
    async def main() -> None:
        peer = Peer()
        peer.socket.data_received(b"\x01\x80\0\0\0\0" + b"\x00\x80\0\0\0\0" * 10_000)
        assert peer.socket._parts == []
    in_loop(main)


def test_all_senders_wait_for_a_slow_client_and_go_on() -> None:
    async def main() -> None:
        peer = Peer()
        peer.socket.pause_writing()
        sending = [asyncio.ensure_future(peer.socket.send(f"{i}")) for i in range(3)]
        await asyncio.sleep(0.01)
        assert not any(task.done() for task in sending)
        peer.socket.resume_writing()
        await asyncio.gather(*sending)
        assert [event.data for event in peer.heard()] == ["0", "1", "2"]
    in_loop(main)


def test_client_that_pings_and_does_not_read_gets_one_pong() -> None:
    async def main() -> None:
        peer = Peer()
        peer.socket.pause_writing()
        peer.say(*[Ping(b"%d" % i) for i in range(1_000)])
        assert peer.heard() == []
        peer.socket.resume_writing()
        assert peer.heard() == [Pong(b"999")]
    in_loop(main)


def test_connection_that_breaks_wakes_all() -> None:
    async def main() -> None:
        peer = Peer()
        peer.socket.pause_writing()
        sending = asyncio.ensure_future(peer.socket.send("x"))
        receiving = asyncio.ensure_future(peer.socket.receive())
        await asyncio.sleep(0)
        peer.socket.connection_lost(None)
        assert await receiving is None
        with pytest.raises(ConnectionResetError):
            await sending
        assert len(peer.shared) == 0
    in_loop(main)


def test_silent_client_is_asked_and_let_go() -> None:
    async def main() -> None:
        peer = Peer(idle_seconds=10.0)
        peer.tick(6)
        assert peer.heard() == [Ping(b"")]
        peer.say(Pong(b""))
        peer.tick(10)
        assert (peer.heard(), peer.transport.aborted) == ([Ping(b"")], False)
        peer.tick(1)
        assert peer.transport.aborted
    in_loop(main)


# --- through a server ---


class Client:
    """A blocking client."""

    def __init__(self, port: int, behind: bytes = b"", subprotocols: list[str] | None = None) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=10)
        self.ws = WSConnection(ConnectionType.CLIENT)
        self.sock.sendall(self.ws.send(Handshake("localhost", "/room", subprotocols=subprotocols or [])) + behind)
        self.events: list[Any] = []

    def next(self) -> Any:
        while not self.events:
            data = self.sock.recv(65_536)
            self.ws.receive_data(data or None)
            self.events = list(self.ws.events())
        return self.events.pop(0)

    def say(self, event: Any) -> None:
        self.sock.sendall(self.ws.send(event))


def _echo(request: Request, respond: Respond) -> None:
    async def run(ws: WebSocket) -> None:
        while (message := await ws.receive()) is not None:
            await ws.send(message)
            if message == "leave":
                return

    if request.path == "/room":
        respond(Upgrade(run, [("Sec-WebSocket-Protocol", "echo")] if "sec-websocket-protocol" in request.headers else []))
    else:
        respond(Response(404, []))


def test_a_conversation_over_a_socket() -> None:
    early = Connection(ConnectionType.CLIENT).send(TextMessage("sent before we were accepted"))
    with ServerThread(_echo) as server:
        client = Client(server.port, early, ["echo"])
        accepted = client.next()
        assert isinstance(accepted, AcceptConnection)
        assert accepted.subprotocol == "echo"
        assert client.next().data == "sent before we were accepted"
        client.say(BytesMessage(b"x" * MESSAGE))
        whole = b""
        while len(whole) < MESSAGE:
            whole += client.next().data
        assert whole == b"x" * MESSAGE
        client.say(TextMessage("leave"))
        assert client.next().data == "leave"
        assert client.next() == CloseConnection(1000, "")
        client.say(CloseConnection(1000))
        assert client.sock.recv(1) == b""
        client.sock.close()


def test_message_too_large_over_a_socket() -> None:
    with ServerThread(_echo) as server:
        client = Client(server.port)
        client.next()
        client.say(BytesMessage(b"x" * (MESSAGE + 300_000)))     # all of it is read, so that the reason arrives
        assert client.next().code == 1009
        client.sock.close()


def test_handshake_that_is_wrong_over_a_socket() -> None:
    with ServerThread(_echo) as server, socket.create_connection(("127.0.0.1", server.port), timeout=10) as sock:
        sock.sendall(b"GET /room HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert sock.recv(4096).startswith(b"HTTP/1.1 426 ")


def test_server_that_stops_says_so() -> None:
    async def main() -> None:
        server = Server(_echo, [("127.0.0.1", 0)])
        await server.start()
        reader, writer = await asyncio.open_connection(*server.addresses[0])
        ws = WSConnection(ConnectionType.CLIENT)
        writer.write(ws.send(Handshake("localhost", "/room")))
        ws.receive_data(await reader.readuntil(b"\r\n\r\n"))
        assert isinstance(next(ws.events()), AcceptConnection)
        stopping = asyncio.ensure_future(server.stop(5.0))
        ws.receive_data(await reader.read(4096))
        assert next(ws.events()) == CloseConnection(1001, "")
        writer.write(ws.send(CloseConnection(1001)))
        assert await reader.read() == b""
        await stopping
        assert server.connected == 0
        writer.close()
    in_loop(main)
