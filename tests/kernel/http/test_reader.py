"""Bytes to requests, without sockets: however they are cut into packets, the same requests come out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cumulet.kernel.http.limits import Limits
from cumulet.kernel.http.message import INLINE_BODY, Request
from cumulet.kernel.http.reader import Refused, RequestReader
from cumulet.kernel.http.stream import Stream

CHUNK = 65_536


class Client:
    """What a reader tells of its client, written down."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.proceeds = 0
        self.fulls = 0
        self.reader = RequestReader(self, self.requests.append, Limits(), "http")

    def proceed(self) -> None:
        self.proceeds += 1
        self.reader.expects = False

    def wanted(self, stream: Stream) -> None: ...

    def full(self) -> None:
        self.fulls += 1

    def room(self, stream: Stream) -> None: ...

    def feed(self, *packets: bytes) -> Client:
        for packet in packets:
            for start in range(0, len(packet), CHUNK):
                self.reader.feed(packet[start:start + CHUNK])
        return self


def told(client: Client) -> list[tuple[Any, ...]]:
    return [(r.method, r.target, r.path, r.query, r.host, r.headers, r.body, whole(r), r.trailers) for r in client.requests]


def whole(request: Request) -> bytes | None:
    """A streamed body that has come to its end."""
    if request.stream is None:
        return None

    async def read() -> bytes:
        assert request.stream is not None
        return b"".join([chunk async for chunk in request.stream])

    return asyncio.run(read())


def refused(*packets: bytes) -> int:
    client = Client()
    try:
        client.feed(*packets)
    except Refused as problem:
        return problem.status
    return 0


# --- any cutting ------------------------------------------------------------------------------------------------------

names = st.sampled_from(["X-A", "x-amz-meta-é"[:11], "Content-Type", "X-B"])
values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=20)
targets = st.text(st.sampled_from("abc/.%2F?&=+é|\"<{ü"), max_size=12).map(lambda t: "/" + t)


@st.composite
def requests(draw: st.DrawFn) -> bytes:
    """One good request."""
    head = [f"{draw(st.sampled_from(['GET', 'PUT', 'POST', 'DELETE']))} {draw(targets)} HTTP/1.1", "Host: h"]
    head += [f"{name}: {value}" for name, value in draw(st.lists(st.tuples(names, values), max_size=3))]
    body = draw(st.binary(max_size=30))
    kind = draw(st.sampled_from(["none", "length", "chunks", "upgrade"]))
    tail = b""
    if kind == "length":
        head.append(f"Content-Length: {len(body)}")
        tail = body
    elif kind == "upgrade" and body:
        head += ["Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AA", f"Content-Length: {len(body)}"]
        tail = body
    elif kind == "chunks":
        head.append("Transfer-Encoding: chunked")
        cut = draw(st.integers(0, len(body)))
        tail = b"".join([b"%x;a=b\r\n%b\r\n" % (len(part), part) for part in (body[:cut], body[cut:]) if part]) + b"0\r\n"
        tail += b"".join([b"x-t%d: %d\r\n" % (i, i) for i in range(draw(st.integers(0, 2)))]) + b"\r\n"
    return "\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + tail


@settings(deadline=None, max_examples=300)
@given(st.lists(requests(), min_size=1, max_size=4), st.data())
def test_any_cut_into_packets_gives_the_same_requests(raws: list[bytes], data: st.DataObject) -> None:
    raw = b"".join(raws)
    # Requests whose line has bytes beyond ASCII are understood where a packet begins with them: see the reader's words.
    plain = all(r.partition(b"\r\n")[0].isascii() for r in raws[1:])
    expected = [t for r in raws for t in told(Client().feed(r))]
    assert len(expected) == len(raws)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(raw)), max_size=10))) if plain else []
    packets = [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)] if plain else raws
    assert told(Client().feed(*packets)) == expected
    if len(raws) == 1:
        assert told(Client().feed(*[raw[i:i + 1] for i in range(len(raw))])) == expected


@settings(deadline=None, max_examples=150)
@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=5))
def test_any_bytes_are_requests_or_refused(noise: bytes, cuts: list[int]) -> None:
    for start in (b"", b"PUT /a HTTP/1.1\r\nHost: h\r\n", b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"):
        raw = start + noise
        places = sorted({min(c, len(raw)) for c in cuts})
        packets = [raw[a:b] for a, b in zip([0, *places], [*places, len(raw)], strict=True)]
        assert refused(*packets) in (0, 400, 405, 431, 501, 505)


# --- what a request is ------------------------------------------------------------------------------------------------


def request(raw: bytes) -> Request:
    (found,) = Client().feed(raw).requests
    return found


def test_headers_are_joined_and_trimmed() -> None:
    found = request(b"GET / HTTP/1.1\r\nHOST: h \t\r\nX-A: 1\r\nx-a:2\r\nX-Empty:\r\nX-N: \xa0caf\xe9\xa0\r\n\r\n")
    assert found.headers == {"host": "h", "x-a": "1,2", "x-empty": "", "x-n": "\xa0caf\xe9\xa0"}


@pytest.mark.parametrize(("line", "target", "host"), [
    (b"GET http://b.s3.localhost/k?x HTTP/1.1", "/k?x", "b.s3.localhost"), (b"GET HTTP://o:1 HTTP/1.1", "/", "o:1"),
    (b"GET http://o?x=/ HTTP/1.1", "/?x=/", "o"), (b"OPTIONS * HTTP/1.1", "*", "h"),
    (b"GET //a/../%2F%c3? HTTP/1.1", "//a/../%2F%c3?", "h"), (b"GET /\xc3\xa9?\xff HTTP/1.1", "/%C3%A9?%FF", "h"),
    (b"GET /#f HTTP/1.1", "/#f", "h")])
def test_targets(line: bytes, target: str, host: str) -> None:
    found = request(line + b"\r\nHost: h\r\n\r\n")
    assert (found.target, found.host) == (target, host)


def test_a_body_that_is_held_is_whole_and_one_byte_more_is_streamed() -> None:
    for size, held in ((INLINE_BODY, True), (INLINE_BODY + 1, False)):
        body = bytes(size)
        for head, tail in ((b"Content-Length: %d" % size, body),
                           (b"Transfer-Encoding: chunked", b"%x\r\n%b\r\n0\r\nx-t: 1\r\n\r\n" % (size, body))):
            found = request(b"PUT / HTTP/1.1\r\nHost: h\r\n" + head + b"\r\n\r\n" + tail)
            assert (found.stream is None) is held
            assert (found.body if held else whole(found)) == body
            assert found.trailers == ({"x-t": "1"} if head.startswith(b"T") else {})


def test_a_streamed_body_is_delivered_with_its_head_and_held_back() -> None:
    client = Client().feed(b"PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 3000000\r\n\r\n")
    assert len(client.requests) == 1
    client.feed(bytes(Limits().buffered))
    assert client.fulls == 0
    client.feed(b"x")
    assert client.fulls == 1


def test_event_streams_are_delivered_at_once_however_short() -> None:
    client = Client().feed(b"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
                           b"Content-Type: application/vnd.amazon.eventstream\r\n\r\n")
    assert client.requests[0].stream is not None
    client.feed(b"1\r\na\r\n0\r\n\r\n")
    assert whole(client.requests[0]) == b"a"


@pytest.mark.parametrize(("headers", "delivered", "proceeds"), [
    (b"Content-Length: 5", 0, 1), (b"Content-Length: 0", 1, 0), (b"Content-Length: 5000000", 1, 0),
    (b"Transfer-Encoding: chunked", 1, 0), (b"Transfer-Encoding: chunked\r\nX-Amz-Decoded-Content-Length: 5", 0, 1),
    (b"Transfer-Encoding: chunked\r\nX-Amz-Decoded-Content-Length: 5000000", 1, 0)])
def test_who_asks_whether_to_send_is_told_at_once_only_when_the_body_is_held(headers: bytes, delivered: int,
                                                                          proceeds: int) -> None:
    client = Client().feed(b"PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\n" + headers + b"\r\n\r\n")
    assert (len(client.requests), client.proceeds) == (delivered, proceeds)


# --- what is refused --------------------------------------------------------------------------------------------------


def put(*headers: bytes, body: bytes = b"") -> bytes:
    return b"PUT / HTTP/1.1\r\nHost: h\r\n" + b"".join([h + b"\r\n" for h in headers]) + b"\r\n" + body


SMUGGLING: dict[str, tuple[bytes, int]] = {
    "length and chunks": (put(b"Content-Length: 5", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"), 400),
    "chunks and length": (put(b"Transfer-Encoding: chunked", b"Content-Length: 5", body=b"0\r\n\r\n"), 400),
    "two lengths": (put(b"Content-Length: 1", b"Content-Length: 2", body=b"ab"), 400),
    "the same length twice": (put(b"Content-Length: 1", b"Content-Length: 1", body=b"a"), 400),
    "a list of lengths": (put(b"Content-Length: 1, 1", body=b"a"), 400),
    "a signed length": (put(b"Content-Length: +1", body=b"a"), 400),
    "a negative length": (put(b"Content-Length: -1"), 400),
    "a hexadecimal length": (put(b"Content-Length: 0x1", body=b"a"), 400),
    "an empty length": (put(b"Content-Length:"), 400),
    "a huge length": (put(b"Content-Length: 99999999999999999999"), 400),
    "a space before the colon": (put(b"Content-Length : 1", body=b"a"), 400),
    "a tab before the colon": (put(b"Transfer-Encoding\t: chunked", body=b"0\r\n\r\n"), 400),
    "a folded header": (put(b"X: a\r\n Transfer-Encoding: chunked"), 400),
    "a header that begins with a space": (b"PUT / HTTP/1.1\r\n Host: h\r\n\r\n", 400),
    "a bare line feed": (b"PUT / HTTP/1.1\nHost: h\n\n", 400),
    "a line feed in a header": (put(b"X: a\nTransfer-Encoding: chunked"), 400),
    "a carriage return in a header": (put(b"X: a\rY: b"), 400),
    "a null byte": (put(b"X: a\0b"), 400),
    "a header without a colon": (put(b"X"), 400),
    "a header without a name": (put(b": x"), 400),
    "an unknown coding": (put(b"Transfer-Encoding: gzip"), 501),
    "a coding like chunked": (put(b"Transfer-Encoding: xchunked", body=b"0\r\n\r\n"), 501),
    "identity": (put(b"Transfer-Encoding: identity"), 501),
    "gzip under chunks": (put(b"Transfer-Encoding: gzip, chunked", body=b"0\r\n\r\n"), 501),
    "chunked twice": (put(b"Transfer-Encoding: chunked, chunked", body=b"0\r\n\r\n"), 400),
    "chunked in two headers": (put(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"), 400),
    "chunked and then something": (put(b"Transfer-Encoding: chunked, identity", body=b"0\r\n\r\n"), 400),
    "chunks in HTTP/1.0": (b"PUT / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "a negative chunk": (put(b"Transfer-Encoding: chunked", body=b"-1\r\n"), 400),
    "a chunk with 0x": (put(b"Transfer-Encoding: chunked", body=b"0x1\r\na\r\n"), 400),
    "a huge chunk": (put(b"Transfer-Encoding: chunked", body=b"ffffffffffffffffff\r\n"), 400),
    "a chunk that is too long": (put(b"Transfer-Encoding: chunked", body=b"1\r\nab\r\n0\r\n\r\n"), 400),
    "a bare line feed behind a chunk's size": (put(b"Transfer-Encoding: chunked", body=b"1\na\r\n0\r\n\r\n"), 400),
    "no host": (b"GET / HTTP/1.1\r\n\r\n", 400),
    "two hosts": (put(b"Host: other"), 400),
    "a space in the target": (b"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    "a control character in the target": (b"GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    "a target without a slash": (b"GET a HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    "another scheme": (b"GET ftp://h/ HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    "a method in small letters": (b"get / HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    "no method of HTTP": (b"STEAL / HTTP/1.1\r\nHost: h\r\n\r\n", 400),
    "a tunnel": (b"CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", 405),
    "HTTP/0.9": (b"GET /\r\n\r\n", 505),
    "HTTP/2 by prior knowledge": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    "HTTP/2.0": (b"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505),
}


@pytest.mark.parametrize(("raw", "status"), SMUGGLING.values(), ids=SMUGGLING.keys())
def test_what_could_be_read_in_two_ways_is_refused(raw: bytes, status: int) -> None:
    assert refused(raw) == status


@pytest.mark.parametrize("build", [
    lambda n: b"GET /" + b"a" * n + b" HTTP/1.1\r\nHost: h\r\n\r\n", lambda n: put(b"X: " + b"a" * n),
    lambda n: put(*[b"X-%06d: 1" % i for i in range(n // 13)])], ids=["target", "header", "headers"])
def test_heads_are_bounded(build: Callable[[int], bytes]) -> None:
    assert refused(build(60_000)) == 0
    assert refused(build(70_000)) == 431
    assert refused(build(1_000_000)) == 431


@pytest.mark.parametrize("start", [
    b"GET /", b"GET / HTTP/1.1\r\nHost: h\r\nX: ", b"GET / HTTP/1.1\r\nHost: h\r\nX",
    b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;",
    b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: ",
    b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"X: 1\r\n" * 5000])
def test_what_never_ends_is_ended(start: bytes) -> None:
    client = Client().feed(start)
    fed: list[int] = []

    def forever() -> None:
        while len(fed) < 1000:
            client.reader.feed(b"a" * 1000)
            fed.append(1000)

    with pytest.raises(Refused) as problem:
        forever()
    assert problem.value.status == 431
    assert sum(fed) < 200_000
