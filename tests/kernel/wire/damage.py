"""Requests to damage, and the ways to damage them. All chance comes from the given `random.Random`."""

from __future__ import annotations

import gzip
import random
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from botocore_side import event_member, model_of, protocols_of, request_of
from generate import Generator

from cumulet.kernel.wire import eventstream

# One service or more of each protocol, and those whose requests have something of their own.
COMMON = ("cloudwatch", "dynamodb", "ec2", "iam", "kms", "lambda", "lexv2-runtime", "route53", "s3", "sns", "sqs", "sts")
TOKENS = [
    b"null", b"{}", b"[]", b'""', b"true", b"1e999", b"-1e-999", b"-0", b"NaN", b"Infinity", b"0x10", b"1_000", b"\xd9\xa3",
    b"99999999999999999999", b"-9223372036854775809", b"2147483648", b"1" * 400, b"0" * 5000, b"A" * 70_000,
    b"\xff\xfe", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\\ud800", b"\\u0000", b"\x00", b"\xef\xbb\xbf", b"\r\n",
    b"\n",
    b"%", b"%ff", b"%00", b"%2F..%2F", b"..", b"//", b"?", b"&", b"=", b"+", b";", b",", b":", b"#", b"[::1", b"@",
    b"&a.member.1.b=1", b"&a.1=1&a.1.b=2", b"&Action=x", b"&Action.1=x", b"&Version=",
    b"<!DOCTYPE a>", b"<!ENTITY x 'y'>", b"<?x y?>", b"<![CDATA[", b"]]>", b"&#0;", b"&#x110000;", b"&amp;", b"&x;", b"<a>",
    b"</a>",
    b" xmlns:a='b'", b"<a:b/>", b"<!--", b"-->", b"\xbf", b"\x9f", b"\xff", b"\xf6", b"\xf8\xff", b"\xc0",
    b"\xc1\xfb\x7f\xf8" + bytes(6),
    b"\x1b" + b"\xff" * 8, b"\x3b" + b"\xff" * 8, b"\x5b" + b"\xff" * 8, b"\x9b" + b"\xff" * 8,
    b"\xbb\x7f" + b"\xff" * 7, b"\xc2\x49" + b"\xff" * 9,
    b"x-amz-target", b"Transfer-Encoding: chunked\r\n", b"Content-Length: 5\r\n", b"Expect: 100-continue\r\n", b"HTTP/1.0",
    b"HTTP/3.1",
    b"Upgrade: websocket\r\nConnection: Upgrade\r\n", b"\r\n\r\n", b"\r\n 0\r\n", b"0\r\n\r\n", b"fffffffffffffff0\r\n",
    b"5;a=b\r\nhello\r\n",
]
HEADERS = [
    ("content-encoding", "gzip"), ("content-encoding", "aws-chunked"),
    ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
    ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"), ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
    ("x-amz-decoded-content-length", "5"), ("x-amz-decoded-content-length", "99999999999999999999"),
    ("x-amz-decoded-content-length", "²"),
    ("x-amz-trailer", "x-amz-checksum-crc32"), ("content-type", "application/cbor"),
    ("content-type", "application/x-amz-json-1.1"),
    ("content-type", "application/x-www-form-urlencoded"), ("content-type", "application/vnd.amazon.eventstream"),
    ("content-type", "multipart/form-data; boundary=x"), ("smithy-protocol", "rpc-v2-cbor"), ("smithy-protocol", "x"),
    ("host", "bucket.s3.localhost:4566"), ("host", "[::1"), ("host", ""), ("host", "a" * 300),
    ("host", "s3.s3.s3.amazonaws.com"),
    ("host", "sqs.eu-west-1.amazonaws.com"), ("range", "bytes=-"), ("x-amz-copy-source", "%%%"),
    ("x-amz-target", "AmazonSQS."),
    ("x-amz-target", "DynamoDB_20120810.GetItem"), ("x-amz-target", "."), ("authorization", "AWS a:b"),
    ("authorization", "AWS4-HMAC-SHA256"),
    ("authorization",
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date,"
                      " Signature=00"),
    ("authorization",
    "AWS4-ECDSA-P256-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/s3/aws4_request, SignedHeaders=host, Signature=3045"),
    ("authorization", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e/f, SignedHeaders=, Signature="),
    ("x-amz-date", "20260101T000000Z"),
    ("x-amz-date", "20269999T999999Z"), ("x-amz-date", "x"), ("date", "Thu, 99 Foo 2026"), ("x-amz-security-token", "é"),
    ("origin", "\x01"),
    ("if-modified-since", "Thu, 01 Jan 99999 00:00:00 GMT"), ("x-amz-meta-é", "ÿ"), ("x-amz-meta-", "x"),
    ("x-amz-request-route", "x"),
]
QUERIES = ["X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260101%2Fus-east-1%2Fs3%2F"
           "aws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=0",
           "X-Amz-Expires=-1",
           "X-Amz-Expires=²",
           "AWSAccessKeyId=a&Signature=b&Expires=99999999999999999999", "Action=GetCallerIdentity&Version=2011-06-15",
           "uploads", "versionId=",
           "list-type=2&max-keys=x", "%ff=%ff", "&&==", "partNumber=1&uploadId=", "delete"]
METHODS = ("GET", "PUT", "POST", "HEAD", "DELETE", "OPTIONS")
_NUMBER = re.compile(rb"\d+")
_EXTREMES = [b"0", b"-1", b"2147483647", b"2147483648", b"-2147483649", b"9223372036854775807", b"9223372036854775808",
             b"18446744073709551616", b"1e400", b"1.5", b"00", b"9" * 400, b"253402300800", b"-62135596801", b"9" * 5000]
_NESTS = [(b"[", b"]"), (b'{"a":', b"}"), (b"<a>", b"</a>"), (b"\x81", b""), (b"\xa1\x61a", b""), (b"\x9f", b"\xff"), (b"%5B",
b""), (b"a.", b""),
          (b"\xc1", b""), (b"(", b")"), (b"../", b""), (b"Tags.member.1.", b"")]


class Seed(NamedTuple):
    """A request that botocore would send."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


def corpus(services: Iterable[str], each: int) -> list[Seed]:
    """Some operations of these services, in each protocol that they speak."""
    found = []
    for service in services:
        model = model_of(service)
        names = sorted(model.operation_names)
        chosen = random.Random(service).sample(names, min(each, len(names)))
        chosen += [n for n in names if event_member(model.operation_model(n).input_shape) and n not in chosen]
        for name in chosen:
            for protocol in protocols_of(model):
                spoken = model_of(service, protocol) if protocol == "query" and service == "sqs" else model
                operation = spoken.operation_model(name)
                shape = operation.input_shape
                members = Generator(f"{service}.{name}", False).structure(shape, 1) if shape is not None else {}
                events = event_member(shape)
                members.pop(events, None)
                sent = request_of(spoken, operation, members, protocol)
                body = stream_of(shape.members[events]) if events else sent.body
                found.append(Seed(sent.method, sent.target, tuple(sent.headers.items()), body))
    return found


def stream_of(shape: object) -> bytes:
    """Events in name only, one of them signed: what is in them is damaged anyway."""
    messages = [eventstream.encode({":message-type": "event",
    ":event-type": name, ":content-type": "application/json"}, b"{}")
                for name in shape.members]                                               # type: ignore[attr-defined]
    return b"".join(messages) + eventstream.encode({":chunk-signature": b"x" * 32, ":date": ("timestamp", 1.0)}, messages[0])


class Damager:
    """Makes inputs out of a corpus: the bytes of connections."""

    def __init__(self, seeds: list[Seed]) -> None:
        self.seeds = seeds
        self._ways: list[Callable[[random.Random, bytes], bytes]] = [
            flip, flip, insert, remove, duplicate, token, token, token, number, number, nest, cut, self.splice, self.splice]

    def input(self, chance: random.Random) -> bytes:
        """The bytes of one connection: mostly one request, damaged in one to four places."""
        seed = chance.choice(self.seeds)
        kind = chance.random()
        if kind < 0.55:
            seed = seed._replace(body=self.damaged(chance, seed.body))
        elif kind < 0.75:
            seed = self.headed(chance, seed)
        elif kind < 0.85:
            target = self.damaged(chance, seed.target.encode("latin-1", "replace"))
            seed = seed._replace(target=target.decode("latin-1"))
        raw = assembled(chance, seed)
        if kind >= 0.85:
            if chance.random() < 0.2:
                raw += assembled(chance, chance.choice(self.seeds))
            raw = self.damaged(chance, raw)
        return raw

    def damaged(self, chance: random.Random, data: bytes) -> bytes:
        for _ in range(chance.choice((1, 1, 2, 3, 4))):
            data = chance.choice(self._ways)(chance, data)
        return data[:300_000]

    def splice(self, chance: random.Random, data: bytes) -> bytes:
        other = chance.choice(self.seeds).body
        return data[:place(chance, data)] + other[place(chance, other):]

    def headed(self, chance: random.Random, seed: Seed) -> Seed:
        """Headers of another request, odd ones, none; a query string of another; a body of another."""
        headers = dict(seed.headers)
        for _ in range(chance.choice((1, 1, 2, 3))):
            way = chance.randrange(7)
            if way == 0 and headers:
                del headers[chance.choice(sorted(headers))]
            elif way == 1:
                headers |= dict([chance.choice(chance.choice(self.seeds).headers)])
            elif way == 2 and headers:
                name = chance.choice(sorted(headers))
                headers[name] = self.damaged(chance, headers[name].encode("latin-1", "replace"))[:2000].decode("latin-1")
            elif way == 3:
                target = seed.target + ("&" if "?" in seed.target else "?") + chance.choice(QUERIES)
                seed = seed._replace(target=target)
            elif way == 4:
                seed = seed._replace(body=chance.choice(self.seeds).body, method=chance.choice(("GET", "PUT", "POST", "HEAD",
                "DELETE", "OPTIONS")))
            elif way == 5:
                headers["content-encoding"] = "gzip"
                body = gzip.compress(seed.body, 1, mtime=0)
                seed = seed._replace(body=body if chance.random() < 0.5 else self.damaged(chance, body))
            else:
                headers |= dict([chance.choice(HEADERS)])
        return seed._replace(headers=tuple(headers.items()))


def assembled(chance: random.Random, seed: Seed) -> bytes:
    """A request as HTTP/1.1. Line breaks end what they would smuggle in; the raw way of damage has them all."""
    lines = [f"{seed.method} {seed.target} HTTP/1.1", *(f"{k}: {v}" for k, v in seed.headers
                                                         if k not in ("content-length", "transfer-encoding", "expect"))]
    body = seed.body
    if chance.random() < 0.05:
        lines.append("transfer-encoding: chunked")
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    else:
        lines.append(f"content-length: {len(body)}")
    text = "\n".join(line.replace("\r", " ").replace("\n", " ").replace("\0", " ") for line in lines)
    return text.encode("latin-1", "replace").replace(b"\n", b"\r\n") + b"\r\n\r\n" + body


# --- ways of damage ---


def place(chance: random.Random, data: bytes) -> int:
    return chance.randrange(len(data) + 1)


def flip(chance: random.Random, data: bytes) -> bytes:
    if not data:
        return data
    at = chance.randrange(len(data))
    return data[:at] + bytes((data[at] ^ (1 << chance.randrange(8)),)) + data[at + 1:]


def insert(chance: random.Random, data: bytes) -> bytes:
    at = place(chance, data)
    return data[:at] + chance.randbytes(chance.choice((1, 1, 2, 8))) + data[at:]


def remove(chance: random.Random, data: bytes) -> bytes:
    at = place(chance, data)
    return data[:at] + data[at + chance.choice((1, 1, 2, 10)):]


def duplicate(chance: random.Random, data: bytes) -> bytes:
    start = place(chance, data)
    part = data[start:start + chance.choice((1, 5, 20, 100))]
    at = place(chance, data)
    return data[:at] + part * chance.choice((1, 1, 2, 50)) + data[at:]


def token(chance: random.Random, data: bytes) -> bytes:
    at = place(chance, data)
    return data[:at] + chance.choice(TOKENS) + data[at + chance.choice((0, 0, 1, 4)):]


def number(chance: random.Random, data: bytes) -> bytes:
    found = list(_NUMBER.finditer(data[:20_000]))
    if not found:
        return token(chance, data)
    hit = chance.choice(found)
    return data[:hit.start()] + chance.choice(_EXTREMES) + data[hit.end():]


def nest(chance: random.Random, data: bytes) -> bytes:
    start, end = chance.choice(_NESTS)
    times = chance.choice((2, 20, 200, 2000))
    a, b = sorted((place(chance, data), place(chance, data)))
    return data[:a] + start * times + data[a:b] + end * times + data[b:]


def cut(chance: random.Random, data: bytes) -> bytes:
    return data[:place(chance, data)]
