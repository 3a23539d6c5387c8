"""Requests as a browser sends them: any host, any method, forms."""

from __future__ import annotations

from http.client import HTTPConnection, HTTPMessage
from typing import Any, NamedTuple
from urllib.parse import urlsplit


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: HTTPMessage
    body: bytes


def ask(endpoint: str, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
    """One request; `Access_Control_Request_Method` is a header's name."""
    connection = HTTPConnection(urlsplit(endpoint).netloc, timeout=10)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    found = Answer(answer.status, answer.headers, answer.read())
    connection.close()
    return found


def form(fields: dict[str, str], file: bytes, filename: str = "photo.jpg", kind: str = "image/jpeg") -> tuple[bytes, str]:
    """multipart/form-data as browsers write it, and its Content-Type."""
    mark = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
    parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\nContent-Type: {kind}\r\n\r\n'
    tail = f'\r\n--{mark}\r\nContent-Disposition: form-data; name="submit"\r\n\r\nUpload\r\n--{mark}--\r\n'
    return "".join(parts).encode() + head.encode() + file + tail.encode(), f"multipart/form-data; boundary={mark}"


def post(endpoint: str, path: str, fields: dict[str, str], file: bytes, **more: Any) -> Answer:
    body, kind = form(fields, file, **more)
    return ask(endpoint, "POST", path, body, Content_Type=kind)
