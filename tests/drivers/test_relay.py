"""Mails that are handed on to a mail server."""

from __future__ import annotations

import asyncio
import contextlib
import socketserver
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conftest import Cloud, Start
from cumulet.drivers.mail import relay
from cumulet.kernel.cloud import CloudThread
from servers import ServerProcess


class Server(socketserver.ThreadingTCPServer):
    """As much SMTP as a client needs. refusals: replies to the next recipients, instead of 250."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Session)
        self.got: list[tuple[str, str]] = []
        self.refusals: list[str] = []
        self.port = self.server_address[1]
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def end(self) -> None:
        self.shutdown()
        self.server_close()
        self._thread.join(5)


class Session(socketserver.StreamRequestHandler):
    """One client."""

    server: Server

    def handle(self) -> None:
        self.say("220 ready")
        to = ""
        while line := self.rfile.readline().decode().strip():
            word = line[:4].upper()
            if word == "RCPT":
                to = line.partition("<")[2].partition(">")[0]
                self.say(self.server.refusals.pop(0) if self.server.refusals else "250 ok")
            elif word == "DATA":
                self.say("354 go on")
                self.server.got.append((to, b"".join(iter(self.rfile.readline, b".\r\n")).decode()))
                self.say("250 ok")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def server() -> Iterator[Server]:
    found = Server()
    yield found
    found.end()


class Relayed:
    """A cloud whose mails are handed on, once the relay has begun."""

    def __init__(self, thread: CloudThread, port: int) -> None:
        self.thread, self.port = thread, port
        self.cloud = Cloud(thread, "111111111111")
        self._running: list[asyncio.Task[None]] = []

    def begin(self) -> None:
        async def start() -> None:
            task = relay.Relay(self.thread.cloud, f"127.0.0.1:{self.port}").run()
            self._running.append(asyncio.get_running_loop().create_task(task))
            await asyncio.sleep(0.1)

        self.thread.call(start())

    def end(self) -> None:
        async def stop() -> None:
            for task in self._running:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            self._running.clear()

        self.thread.call(stop())


@pytest.fixture
def relayed(start_cloud: Start, server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Relayed]:
    monkeypatch.setattr(relay, "_LOOK", 0.02)
    monkeypatch.setattr(relay, "_SECONDS", 0.2)
    found = Relayed(start_cloud(), server.port)
    yield found
    found.end()
    found.thread.stop()


def ask(cloud: Cloud, *who: str) -> None:
    """Send each a mail."""
    sns: Any = cloud.client("sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    for each in who:
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=each)


def until(server: Server, count: int) -> list[str]:
    end = time.monotonic() + 10
    while len(server.got) < count:
        assert time.monotonic() < end, server.got
        time.sleep(0.02)
    return [to for to, _ in server.got]


def test_mails_are_handed_on_in_order(relayed: Relayed, server: Server) -> None:
    relayed.begin()
    ask(relayed.cloud, "a@example.com", "b@example.com")
    relayed.cloud.client("sns").publish(PhoneNumber="+14155550100", Message="no mail")
    ask(relayed.cloud, "c@example.com")
    assert until(server, 3) == ["a@example.com", "b@example.com", "c@example.com"]
    assert "ConfirmSubscription" in server.got[0][1]
    assert "Subject: AWS Notification - Subscription Confirmation" in server.got[0][1]


def test_a_server_that_says_later_is_asked_again(relayed: Relayed, server: Server) -> None:
    server.refusals = ["451 later"]
    relayed.begin()
    ask(relayed.cloud, "a@example.com", "b@example.com")
    assert until(server, 2) == ["a@example.com", "b@example.com"]


def test_what_a_server_refuses_holds_up_nothing(relayed: Relayed, server: Server) -> None:
    server.refusals = ["550 nobody"]
    relayed.begin()
    ask(relayed.cloud, "nobody@example.com", "b@example.com")
    assert until(server, 1) == ["b@example.com"]


def test_a_relay_goes_on_where_it_ended(relayed: Relayed, server: Server) -> None:
    ask(relayed.cloud, "before@example.com")
    relayed.begin()
    ask(relayed.cloud, "a@example.com")
    until(server, 1)
    time.sleep(0.1)
    relayed.end()
    ask(relayed.cloud, "meanwhile@example.com")
    relayed.begin()
    assert until(server, 2) == ["a@example.com", "meanwhile@example.com"]


def test_the_command_line_names_the_server(server: Server, tmp_path: Path) -> None:
    process = ServerProcess(tmp_path / "state", "--smtp", f"127.0.0.1:{server.port}")
    try:
        sns = process.client("sns")
        topic = sns.create_topic(Name="news")["TopicArn"]
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="a@example.com")
        assert until(server, 1) == ["a@example.com"]
    finally:
        assert process.stop() == 0
