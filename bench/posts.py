"""One signed POST, sent again and again over kept connections: how long each answer takes, and how many come a second."""

from __future__ import annotations

import asyncio
import time

import uvloop
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ACCOUNT = "123456789012"


def signed(service: str, host: str, path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """The bytes of one POST."""
    asked = AWSRequest("POST", f"http://{host}{path}", data=body, headers=headers)
    SigV4Auth(Credentials(ACCOUNT, "test"), service, "us-east-1").add_auth(asked)
    head = "".join(f"{k}: {v}\r\n" for k, v in asked.headers.items())
    return f"POST {path} HTTP/1.1\r\nHost: {host}\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def _client(port: int, sent: bytes, count: int, took: list[float], status: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(count):
        began = time.perf_counter()
        writer.write(sent)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 " + status):
            raise RuntimeError(head.decode())
        length = next((int(h[15:]) for h in head.lower().split(b"\r\n") if h.startswith(b"content-length:")), 0)
        if length:
            await reader.readexactly(length)
        took.append(time.perf_counter() - began)
    writer.close()


def load(port: int, sent: bytes, clients: int, each: int, status: bytes = b"200") -> tuple[list[float], float]:
    """How many seconds each took, the shortest first, and how many were answered a second."""
    return uvloop.run(_load(port, sent, clients, each, status))


async def _load(port: int, sent: bytes, clients: int, each: int, status: bytes) -> tuple[list[float], float]:
    took: list[float] = []
    began = time.perf_counter()
    await asyncio.gather(*(_client(port, sent, each, took, status) for _ in range(clients)))
    return sorted(took), clients * each / (time.perf_counter() - began)
