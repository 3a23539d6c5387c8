"""The bytes of requests, as boto3 would send them: signed once, sent many times."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config


class Enough(Exception):
    """Raised instead of sending."""


class Maker:
    """Makes requests for one server."""

    def __init__(self, port: int, durable: bool = True, account: str = "123456789012") -> None:
        self.durable = durable
        self.port = port
        self.endpoint = f"http://127.0.0.1:{port}"
        self._account = account
        self._clients: dict[str, Any] = {}
        self._made: AWSPreparedRequest | None = None

    def client(self, service: str, capture: bool = False) -> Any:
        """A boto3 client; one that captures sends nothing."""
        key = service + ("!" if capture else "")
        if key not in self._clients:
            config = Config(retries={"total_max_attempts": 1}, read_timeout=120, s3={"addressing_style": "path"},
                            request_checksum_calculation="when_required", parameter_validation=False)
            made = boto3.client(service, endpoint_url=self.endpoint, region_name="us-east-1", aws_access_key_id=self._account,
                                aws_secret_access_key="test", config=config)
            if capture:
                made.meta.events.register("before-send.*", self._capture)
            self._clients[key] = made
        return self._clients[key]

    def _capture(self, request: AWSPreparedRequest, **_: Any) -> None:
        self._made = request
        raise Enough

    def request(self, service: str, operation: str, **members: Any) -> bytes:
        """The bytes of one call."""
        try:
            getattr(self.client(service, capture=True), operation)(**members)
        except Enough:
            assert self._made is not None
            return raw(self._made)
        raise RuntimeError(f"{service}.{operation} was sent")


def raw(request: AWSPreparedRequest) -> bytes:
    """A prepared request as HTTP/1.1."""
    path = "/" + request.url.split("/", 3)[3] if request.url.count("/") > 2 else "/"
    body = request.body or b""
    body = body.encode() if isinstance(body, str) else body if isinstance(body, bytes) else body.read()
    headers = {k: v.decode() if isinstance(v, bytes) else str(v) for k, v in request.headers.items()}
    headers = {k: v for k, v in headers.items() if k.lower() not in ("expect", "host", "content-length")}
    headers |= {"Host": request.url.split("/", 3)[2], "Content-Length": str(len(body))}
    head = f"{request.method} {path} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in headers.items()) + "\r\n"
    return head.encode() + body


def with_body(request: bytes, body: bytes) -> bytes:
    """The same request with another body; its signature no longer fits, which servers that take any secret do not mind."""
    head = request.partition(b"\r\n\r\n")[0]
    lines = [line for line in head.split(b"\r\n") if not line.lower().startswith(b"content-length")]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body)]) + b"\r\n\r\n" + body
