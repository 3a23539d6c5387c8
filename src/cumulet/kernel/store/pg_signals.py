"""Signals between nodes, by LISTEN and NOTIFY."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

import orjson
import psycopg

from .pg_session import PostgresSession

_CHANNEL = "cumulet"
_LONGEST = 7_900                       # bytes: PostgreSQL takes 8,000
_RESTORED = "\x00restored"


def announce(session: PostgresSession, node: str, channels: Iterable[str]) -> None:
    """Tell other nodes, when this transaction commits."""
    for channel in channels:
        session.read("SELECT pg_notify($1, $2)", (_CHANNEL, payload(node, channel)))


def payload(node: str, channel: str) -> str:
    text = orjson.dumps([node, channel])
    if len(text) > _LONGEST:
        raise ValueError(f"a signal's channel is {len(channel)} characters long")
    return text.decode()


def restored(node: str) -> tuple[str, str]:
    """What to notify when the whole state was replaced."""
    return _CHANNEL, payload(node, _RESTORED)


class Listener:
    """A thread with a connection of its own that hears the other nodes."""

    def __init__(self, url: str, node: str, heard: Callable[[str], None], replaced: Callable[[], None]) -> None:
        self._url = url
        self._node = node
        self._heard = heard
        self._replaced = replaced
        self._stop = threading.Event()
        self._connection = self._connect()           # at once: what is sent after `listen` returned is heard
        self._thread = threading.Thread(target=self._main, name="cumulet-listen", daemon=True)
        self._thread.start()

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        connection = psycopg.connect(self._url, autocommit=True, connect_timeout=10, application_name="cumulet-listen")
        connection.execute(f"LISTEN {_CHANNEL}")
        return connection

    def _main(self) -> None:
        pause = 0.1
        while not self._stop.is_set():
            try:
                if self._connection.closed:
                    self._connection = self._connect()
                for notice in self._connection.notifies(timeout=0.5):
                    self._tell(notice.payload)
                pause = 0.1
            except psycopg.Error:
                self._connection.close()
                self._stop.wait(pause)
                pause = min(pause * 2, 5.0)

    def _tell(self, text: str) -> None:
        node, channel = orjson.loads(text)
        if channel == _RESTORED:
            self._replaced()
        elif node != self._node:
            self._heard(channel)

    def close(self) -> None:
        """Stop hearing."""
        self._stop.set()
        self._thread.join()
        self._connection.close()
