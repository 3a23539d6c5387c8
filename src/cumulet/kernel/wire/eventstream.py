"""Event streams (`application/vnd.amazon.eventstream`), both ways: framing with its checksums, and events of a model."""

from __future__ import annotations

import struct
import zlib
from collections.abc import AsyncIterator, Callable
from typing import Any

from ..errors import AwsError
from .times import parse

CONTENT_TYPE = "application/vnd.amazon.eventstream"
MAX_MESSAGE = 24 * 1024 * 1024
MAX_HEADERS = 128 * 1024
_PRELUDE = struct.Struct(">III")
_FIXED = {2: ">b", 3: ">h", 4: ">i", 5: ">q", 8: ">q"}
Headers = dict[str, Any]


class BadMessage(ValueError):
    """Not a message of an event stream."""


def encode(headers: Headers, payload: bytes) -> bytes:
    """One message. Header values: str, bytes, bool, int, and ("timestamp", seconds)."""
    head = b"".join(_encode_header(name, value) for name, value in headers.items())
    total = 16 + len(head) + len(payload)
    prelude = struct.pack(">II", total, len(head))
    checked = prelude + struct.pack(">I", zlib.crc32(prelude))
    message = checked + head + payload
    return message + struct.pack(">I", zlib.crc32(message))


def _encode_header(name: str, value: Any) -> bytes:
    raw = name.encode()
    start = bytes((len(raw),)) + raw
    if value is True or value is False:
        return start + (b"\x00" if value else b"\x01")
    if isinstance(value, int):
        return start + (struct.pack(">bi", 4, value) if -(2**31) <= value < 2**31 else struct.pack(">bq", 5, value))
    if isinstance(value, tuple):
        return start + struct.pack(">bq", 8, round(value[1] * 1000))
    data = value.encode() if isinstance(value, str) else bytes(value)
    return start + struct.pack(">bH", 7 if isinstance(value, str) else 6, len(data)) + data


class Decoder:
    """Takes in bytes as they come, gives messages as they become whole."""

    def __init__(self) -> None:
        self._held = bytearray()

    @property
    def pending(self) -> int:
        """Bytes of a message that is not whole yet."""
        return len(self._held)

    def feed(self, data: bytes) -> list[tuple[Headers, bytes]]:
        self._held += data
        found = []
        while len(self._held) >= 12:
            total, head, crc = _PRELUDE.unpack_from(self._held)
            if zlib.crc32(self._held[:8]) != crc:
                raise BadMessage("the prelude's checksum is wrong")
            if total > MAX_MESSAGE or head > MAX_HEADERS or total < 16 + head:
                raise BadMessage("a length is out of bounds")
            if len(self._held) < total:
                break
            message = bytes(self._held[:total])
            del self._held[:total]
            if zlib.crc32(message[:-4]) != int.from_bytes(message[-4:]):
                raise BadMessage("the message's checksum is wrong")
            found.append((_decode_headers(message[12:12 + head]), message[12 + head:-4]))
        return found


def _decode_headers(data: bytes) -> Headers:
    found: Headers = {}
    at = 0
    try:
        while at < len(data):
            size = data[at]
            name = data[at + 1:at + 1 + size].decode()
            at += 1 + size
            kind = data[at]
            at += 1
            if kind in (0, 1):
                found[name] = kind == 0
            elif kind in _FIXED:
                (found[name],) = struct.unpack_from(_FIXED[kind], data, at)
                if kind == 8:
                    found[name] /= 1000
                at += struct.calcsize(_FIXED[kind])
            elif kind == 9:
                found[name] = data[at:at + 16]
                at += 16
            elif kind in (6, 7):
                (length,) = struct.unpack_from(">H", data, at)
                value = data[at + 2:at + 2 + length]
                if len(value) < length:
                    raise BadMessage("a header is truncated")
                found[name] = value.decode() if kind == 7 else value
                at += 2 + length
            else:
                raise BadMessage("an unknown type of header")
    except (IndexError, struct.error, UnicodeDecodeError):
        raise BadMessage("a header is not whole") from None
    return found


class Events:
    """The events of one stream member: from messages to `{"Name": {…}}` and back.

    read: a structure's payload → its members; write: its members → payload. Both by the service's protocol.
    """

    def __init__(self, shapes: dict[str, Any], stream: dict[str, Any], content_type: str,
                 read: Callable[[dict[str, Any]], Callable[[bytes], Any]],
                 write: Callable[[dict[str, Any]], Callable[[Any], bytes]]) -> None:
        self._shapes = shapes
        self._events = {name: {**shapes[ref["shape"]], **ref} for name, ref in stream["members"].items()}
        # Errors are raised by the names of their shapes; the stream may have them as members of other names.
        self._exceptions = {stream["members"][name]["shape"]: name for name, shape in self._events.items()
                            if shape.get("exception")}
        self._content_type = content_type
        self._read, self._write = read, write

    # --- in ---

    def decode(self, headers: Headers, payload: bytes) -> dict[str, Any] | None:
        """One message as an event; None for a name that the model does not know."""
        name = str(headers.get(":event-type", ""))
        shape = self._events.get(name)
        if headers.get(":message-type", "event") != "event" or shape is None:
            return None
        members: dict[str, Any] = {}
        body = ""
        for member, ref in shape.get("members", {}).items():
            if ref.get("eventheader"):
                if member in headers:
                    members[member] = headers[member]
            elif ref.get("eventpayload"):
                body = member
        if body:
            target = self._shapes[shape["members"][body]["shape"]]
            members[body] = payload if target["type"] == "blob" else payload.decode("utf-8", "replace") \
                if target["type"] == "string" else self._read(shape["members"][body])(payload)
        elif payload:
            members.update(self._read({"shape": shape["shape"]})(payload))
        return {name: members}

    async def incoming(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[dict[str, Any]]:
        """Events of a request's body. Signed messages carry the event in their payload; an empty one is the end."""
        decoder, inner = Decoder(), Decoder()
        async for chunk in chunks:
            try:
                for headers, payload in decoder.feed(chunk):
                    signed = ":chunk-signature" in headers
                    for inner_headers, inner_payload in inner.feed(payload) if signed else [(headers, payload)]:
                        event = self.decode(inner_headers, inner_payload)
                        if event is not None:
                            yield event
            except BadMessage as problem:
                raise AwsError("SerializationException", f"The event stream is malformed: {problem}", 400) from None

    # --- out ---

    def encode(self, event: dict[str, Any]) -> bytes:
        """An event as a message."""
        (name, members), = event.items()
        shape = self._events[name]
        headers: Headers = {":message-type": "event", ":event-type": name}
        if shape.get("exception"):
            headers = {":message-type": "exception", ":exception-type": name}
        payload, rest, payload_of = b"", {}, ""
        for member, value in (members or {}).items():
            ref = shape["members"].get(member)
            if ref is None or value is None:
                continue
            kind = self._shapes[ref["shape"]]["type"]
            if ref.get("eventheader"):
                headers[member] = ("timestamp", parse(value)) if kind == "timestamp" else value
            elif ref.get("eventpayload"):
                payload_of = kind
                payload = value if kind == "blob" else value.encode() if kind == "string" else self._write(ref)(value)
            else:
                rest[member] = value
        if payload_of in ("blob", "string"):
            headers[":content-type"] = "application/octet-stream" if payload_of == "blob" else "text/plain"
        elif payload_of or any(not ref.get("eventheader") for ref in shape.get("members", {}).values()):
            headers[":content-type"] = self._content_type
            payload = payload if payload_of else self._write({"shape": shape["shape"]})(rest)
        return encode(headers, payload)

    async def outgoing(self, first: bytes, events: AsyncIterator[dict[str, Any]]) -> AsyncIterator[bytes]:
        """The body of an answer; an AwsError on the way becomes the stream's last message."""
        if first:
            yield first
        try:
            async for event in events:
                yield self.encode(event)
        except AwsError as problem:
            name = self._exceptions.get(problem.code)
            if name is not None:
                said = next((m for m in self._events[name]["members"] if m.lower() == "message"), "message")
                yield self.encode({name: {said: problem.message, **problem.members}})
            else:
                yield encode({":message-type": "error", ":error-code": problem.code, ":error-message": problem.message}, b"")
