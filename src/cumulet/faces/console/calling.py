"""Calls that the page makes, without a network in between: botocore writes the request and reads the answer, and between the
two the kernel does what it does for anybody, only that the caller is the console's session and not a signature."""

from __future__ import annotations

import asyncio
import base64
import datetime
import os
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from time import perf_counter
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ...kernel.access import body as bodies
from ...kernel.access.contract import Decision, Identity, Principal
from ...kernel.cloud import Cloud
from ...kernel.http.message import FileSlice, Request, Respond, Response
from ...kernel.pipeline import Exchange
from ...kernel.wire import data
from . import commands

MOST = 32 * 1_048_576            # bytes of an answer that the page is shown; more is downloaded
_CLIENTS = 24                    # kept: each holds its service's model
_WORKERS = 8
_LOOK = 1.0                      # seconds between two looks whether the loop still runs
T = TypeVar("T")


class Signed(Exchange):
    """An exchange whose caller is known already."""

    __slots__ = ("_identity",)

    def __init__(self, cloud: Cloud, request: Request, respond: Respond, identity: Identity) -> None:
        super().__init__(cloud, request, respond)
        self._identity = identity

    def run(self, tx: Any) -> Any:
        if self.members is None:
            route, body = self.route, self.body
            self.identity = self._identity
            if route.op.streaming and isinstance(body, bytes):
                body = bodies.held(self.cloud, tx, self.request, route, self._identity)
            self.members = route.op.parse(self.request, route.labels, body)
        return super().run(tx)


class TooLarge(Exception):
    """An answer that is not shown in the page."""


async def exchange(cloud: Cloud, request: Request, identity: Identity) -> tuple[Signed, Response]:
    """One request's way through the kernel."""
    answered: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def respond(response: Any) -> None:
        if not answered.done():
            answered.set_result(response)

    sent = Signed(cloud, request, respond, identity)
    sent.begin()
    return sent, await answered


async def whole(response: Response) -> bytes:
    """An answer's body. What it holds open is let go."""
    body = response.body
    if isinstance(body, bytes):
        return body
    parts, size = [], 0
    async for piece in pieces(body):
        size += len(piece)
        if size > MOST:
            raise TooLarge
        parts.append(piece)
    return b"".join(parts)


async def pieces(body: Any) -> AsyncIterator[bytes]:
    """A body's bytes, files read as they are asked for."""
    if isinstance(body, bytes):
        yield body
    elif hasattr(body, "__aiter__"):
        async for piece in body:
            yield piece
    else:
        for piece in body:
            if isinstance(piece, FileSlice):
                async for part in _read(piece):
                    yield part
            else:
                yield piece


async def _read(piece: FileSlice) -> AsyncIterator[bytes]:
    at, end = piece.offset, piece.offset + piece.length
    try:
        while at < end:
            part = await asyncio.to_thread(os.pread, piece.fd, min(1_048_576, end - at), at)
            if not part:
                break
            at += len(part)
            yield part
    finally:
        if piece.on_sent is not None:
            piece.on_sent()


class Caller:
    """Makes calls by service and operation, as boto3 would."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self._local = threading.local()          # what this thread's call is about, for the hook below
        self._workers: ThreadPoolExecutor | None = None
        self._clients: OrderedDict[tuple[str, str], Any] = OrderedDict()
        self._lock = threading.Lock()
        self._session: Any = None

    async def invoke(self, who: Principal, service: str, operation: str, params: dict[str, Any], region: str,
                     browser: Request) -> dict[str, Any]:
        """What came of it, how long it took, what was decided, and the CLI's line."""
        if self._workers is None:
            self._workers = ThreadPoolExecutor(_WORKERS, "console")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._workers, self._invoke, loop, who, service, operation, params, region, browser)

    def _invoke(self, loop: asyncio.AbstractEventLoop, who: Principal, service: str, operation: str, params: dict[str, Any],
                region: str, browser: Request) -> dict[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError

        if not data.newest(service):
            raise ValueError(f"AWS has no service {service}")
        client = self._client(service, region)
        if operation not in client.meta.service_model.operation_names:
            raise ValueError(f"{service} has no operation {operation}")
        model = client.meta.service_model.operation_model(operation)
        told: dict[str, Any] = {"cli": commands.line(service, operation, params, region), "status": 400, "request": "",
                                "decision": None}
        if model.has_event_stream_output or model.has_event_stream_input:
            return {**told, "ms": 0.0, "error": {"code": "NotShown", "message": "The console shows no event streams."}}
        local, began = self._local, perf_counter()
        local.loop, local.identity, local.browser, local.told = loop, Identity(who, region), browser, told
        try:
            answer = client._make_api_call(operation, _given(model.input_shape, params))
            answer.pop("ResponseMetadata", None)
            told["result"] = shown(answer)
        except ClientError as problem:
            error = problem.response.get("Error", {})
            told["error"] = {"code": error.get("Code", ""), "message": error.get("Message", "")}
        except TooLarge:
            told["error"] = {"code": "TooLarge", "message": "The answer is too large to be shown: download it."}
        except (BotoCoreError, ValueError, TypeError) as problem:
            told["error"] = {"code": type(problem).__name__, "message": str(problem)}
        finally:
            local.told = None
        told["ms"] = round((perf_counter() - began) * 1000, 2)
        return told

    def _client(self, service: str, region: str) -> Any:
        """A client whose requests never leave this process."""
        key = (service, region)
        with self._lock:
            found = self._clients.get(key)
            if found is None:
                found = self._clients[key] = self._made(service, region)
                if len(self._clients) > _CLIENTS:
                    self._clients.popitem(last=False)
            self._clients.move_to_end(key)
            return found

    def _made(self, service: str, region: str) -> Any:
        from botocore.config import Config
        from botocore.session import Session

        if self._session is None:
            self._session = Session()
            self._session.set_config_variable("profile", None)
        config = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, inject_host_prefix=False,
                        request_checksum_calculation="when_required", response_checksum_validation="when_required",
                        disable_request_compression=True, ignore_configured_endpoint_urls=True)
        client = self._session.create_client(service, region, endpoint_url=self.cloud.endpoint, config=config,
                                             aws_access_key_id="console", aws_secret_access_key="console")
        client.meta.events.register("before-send", self._send)
        return client

    def _send(self, request: Any, **_: Any) -> Any:
        """botocore's hook: the answer, instead of what a network would bring."""
        from botocore.awsrequest import AWSResponse

        local = self._local
        url = urlsplit(request.url)
        headers = {str(name).lower(): value.decode("latin-1") if isinstance(value, bytes) else str(value)
                   for name, value in request.headers.items()}
        headers["host"] = local.browser.host
        target = (url.path or "/") + (f"?{url.query}" if url.query else "")
        sent = Request(request.method, target, headers, _bytes(request.body), scheme=local.browser.scheme,
                       client=local.browser.client)
        exchanged, response, body = _awaited(local.loop, _answered(self.cloud, sent, local.identity))
        local.told |= {"status": response.status, "request": exchanged.request_id, "decision": _decided(exchanged.decision)}
        return AWSResponse(request.url, response.status, dict(response.headers), _Raw(body))


async def _answered(cloud: Cloud, request: Request, identity: Identity) -> tuple[Signed, Response, bytes]:
    exchanged, response = await exchange(cloud, request, identity)
    return exchanged, response, await whole(response)


def _awaited(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, T]) -> T:
    """The result of work on the loop; a server that stops does not wait for calls that it will never answer."""
    future = asyncio.run_coroutine_threadsafe(work, loop)
    while True:
        try:
            return future.result(_LOOK)
        except TimeoutError:
            if future.done():
                raise
            if not loop.is_running():
                raise ValueError("the server stops") from None


class _Raw(BytesIO):
    """A body as botocore expects it of urllib3."""

    def stream(self, amt: int = 65_536, **_: Any) -> Any:
        while part := self.read(amt):
            yield part


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    return bytes(body if isinstance(body, bytes | bytearray) else body.read())


def _decided(decision: Decision | None) -> dict[str, Any] | None:
    if decision is None:
        return None
    return {"allowed": decision.allowed, "mode": decision.mode, "reason": decision.reason, "message": decision.message}


def _given(shape: Any, value: Any) -> Any:
    """What JSON cannot say, by the model: blobs come as {"base64": …} or as text."""
    if shape is None or value is None:
        return value
    kind = shape.type_name
    if kind == "structure" and isinstance(value, Mapping) and not getattr(shape, "is_document_type", False):
        members = shape.members
        return {name: _given(members.get(name), one) for name, one in value.items()}
    if kind == "list" and isinstance(value, list):
        return [_given(shape.member, one) for one in value]
    if kind == "map" and isinstance(value, Mapping):
        return {name: _given(shape.value, one) for name, one in value.items()}
    if kind == "blob":
        return base64.b64decode(value["base64"]) if isinstance(value, Mapping) else str(value).encode()
    return value


def shown(value: Any) -> Any:
    """An answer as JSON: moments as ISO texts, bytes as {"base64": …}."""
    if isinstance(value, dict):
        return {str(name): shown(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set):
        return [shown(one) for one in value]
    if isinstance(value, bytes | bytearray):
        return {"base64": base64.b64encode(value).decode()}
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if hasattr(value, "read"):
        return {"base64": base64.b64encode(value.read()).decode()}
    return value if isinstance(value, str | int | float | bool | None) else str(value)
