"""The running server, as the commands reach it: by its control API."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlencode, urlsplit

from .base import Failure, NotRunning
from .config import resolve
from .launch import Running, find, folder_of

DEFAULT = "http://localhost:4566"


class Remote:
    """One server's control API."""

    def __init__(self, endpoint: str, running: Running | None = None) -> None:
        self.endpoint = endpoint.rstrip("/")
        self.running = running
        parts = urlsplit(self.endpoint)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Failure(f"{endpoint!r} is no address of a server; it looks like {DEFAULT}.")
        self._secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port

    def get(self, path: str, timeout: float = 10.0, **query: Any) -> dict[str, Any]:
        return self._ask("GET", path, None, timeout, query)

    def post(self, path: str, body: dict[str, Any] | None = None, timeout: float = 60.0) -> dict[str, Any]:
        return self._ask("POST", path, json.dumps(body or {}), timeout, {})

    def download(self, path: str, target: Path, **query: Any) -> int:
        """The answer into a new file; its size."""
        connection = self._connection(None)
        try:
            connection.request("GET", path + _query(query))
            response = connection.getresponse()
            if response.status != 200:
                raise Failure(f"{self.endpoint}{path}: {_said(response.read()) or response.status}")
            with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
                shutil.copyfileobj(response, out, 1 << 20)
                return out.tell()
        except (OSError, HTTPException) as problem:
            raise self._gone(problem) from None
        finally:
            connection.close()

    def upload(self, path: str, source: Path, **query: Any) -> dict[str, Any]:
        """A file as the body."""
        try:
            body = source.open("rb")
        except OSError as problem:
            raise Failure(f"{source} cannot be read: {problem.strerror}") from None
        with body:
            return self._ask("POST", path, body, 600.0, query)

    def lines(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """A stream of JSON lines, until the server ends."""
        connection = self._connection(None)
        try:
            connection.request("GET", path + _query(query))
            response = connection.getresponse()
            if response.status != 200:
                raise Failure(f"{self.endpoint}{path} answered {response.status}.")
            for line in response:
                if line.strip():
                    yield json.loads(line)
        except (OSError, HTTPException) as problem:
            raise self._gone(problem) from None
        finally:
            connection.close()

    def answers(self) -> bool:
        """Is it up?"""
        try:
            return self.get("/_cumulet/health", timeout=5).get("status") == "ready"
        except Failure:
            return False

    def _ask(self, method: str, path: str, body: str | BinaryIO | None, timeout: float,
             query: dict[str, Any]) -> dict[str, Any]:
        connection = self._connection(timeout)
        try:
            headers = {"Content-Type": "application/json"} if isinstance(body, str) else {}
            connection.request(method, path + _query(query), body, headers)
            response = connection.getresponse()
            content = response.read()
        except (OSError, HTTPException) as problem:
            raise self._gone(problem) from None
        finally:
            connection.close()
        try:
            answer = json.loads(content)
        except ValueError:
            raise Failure(f"What answers at {self.endpoint} is not cumulet.") from None
        if response.status != 200:
            said = answer.get("error") if isinstance(answer, dict) else None
            raise Failure(f"{self.endpoint}{path}: {said or response.status}")
        return dict(answer)

    def _connection(self, timeout: float | None) -> HTTPConnection:
        if self._secure:
            import ssl

            return HTTPSConnection(self._host, self._port, timeout=timeout, context=ssl._create_unverified_context())
        return HTTPConnection(self._host, self._port, timeout=timeout)

    def _gone(self, problem: Exception) -> NotRunning:
        return NotRunning(f"No server answers at {self.endpoint} ({_cause(problem)}).", "Start one:  cumulet start")


def remote(endpoint: str | None) -> Remote:
    """The server that is meant: by `--endpoint`, CUMULET_ENDPOINT, the run file of this folder, or the usual port."""
    if said := endpoint or os.environ.get("CUMULET_ENDPOINT"):
        return Remote(said)
    config = resolve({})
    if running := find(folder_of(config.settings)):
        return Remote(running.endpoint, running)
    if "port" in config.given and config.settings.ports[0]:
        return Remote(f"http://localhost:{config.settings.ports[0]}")
    return Remote(DEFAULT)


def _said(content: bytes) -> str:
    """What an answer says went wrong."""
    try:
        return str(json.loads(content)["error"])
    except (ValueError, KeyError, TypeError):
        return ""


def _query(query: dict[str, Any]) -> str:
    given = {k: v for k, v in query.items() if v not in (None, "", False)}
    return "?" + urlencode(given) if given else ""


def _cause(problem: Exception) -> str:
    return getattr(problem, "strerror", None) or str(problem) or type(problem).__name__
