"""What the tests of topics share: a web server that subscribes."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest

from conftest import Cloud


class Got(NamedTuple):
    """One request that came."""

    path: str
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


class Web:
    """A server on this machine: keeps what it is sent, and answers with the statuses that it is told, then 200."""

    def __init__(self) -> None:
        self.got: list[Got] = []
        self.answers: list[int] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                web.got.append(Got(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(web.answers.pop(0) if web.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"
        self._thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self._thread.join(5)

    def take(self) -> list[Got]:
        """What came since the last time."""
        found, self.got = self.got, []
        return found

    def until(self, count: int) -> list[Got]:
        """The same, once so many came."""
        end = time.monotonic() + 10
        while len(self.got) < count:
            assert time.monotonic() < end, self.got
            time.sleep(0.02)
        return self.take()


@pytest.fixture
def web() -> Iterator[Web]:
    found = Web()
    yield found
    found.stop()


@pytest.fixture
def sns(cloud: Cloud) -> Any:
    return cloud.client("sns")


@pytest.fixture
def topic(sns: Any) -> str:
    return str(sns.create_topic(Name="news")["TopicArn"])


def visit(url: str) -> str:
    """What a person's browser shows."""
    with urllib.request.urlopen(url) as answer:
        return str(answer.read().decode())


class Mailbox:
    """What this test's account was sent, over the control API."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def list(self, **asked: Any) -> list[dict[str, Any]]:
        """The newest last."""
        query = urlencode({"account": self._cloud.account, **asked})
        return list(reversed(json.loads(visit(f"{self._cloud.endpoint}/_cumulet/mail?{query}"))["messages"]))

    def all(self, **asked: Any) -> list[dict[str, Any]]:
        """The same, whole."""
        return [json.loads(visit(f"{self._cloud.endpoint}/_cumulet/mail?id={message['id']}")) for message in self.list(**asked)]


@pytest.fixture
def mailbox(cloud: Cloud) -> Mailbox:
    return Mailbox(cloud)
