"""Functions for tests: deployed from text, invoked over the wire."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from conftest import Cloud

ROLE = "arn:aws:iam::000000000000:role/runner"


def zipped(files: dict[str, str]) -> bytes:
    """A package; a file that begins with #! may be run."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        for name, text in files.items():
            entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            entry.external_attr = (0o755 if text.startswith("#!") else 0o644) << 16
            z.writestr(entry, text)
    return out.getvalue()


class Deployed:
    """A function that was made."""

    def __init__(self, client: Any, name: str, arn: str) -> None:
        self.client, self.name, self.arn = client, name, arn

    def raw(self, payload: Any = None, **more: Any) -> dict[str, Any]:
        """The answer of an invocation, its payload parsed, its log decoded."""
        members = {"FunctionName": self.name, "LogType": "Tail", **more}
        if payload is not None:
            members["Payload"] = payload if isinstance(payload, bytes) else json.dumps(payload)
        answer = self.client.invoke(**{k: v for k, v in members.items() if v is not None})
        text = answer["Payload"].read()
        answer["Payload"] = json.loads(text) if text else None
        if "LogResult" in answer:
            answer["Log"] = base64.b64decode(answer["LogResult"]).decode()
        return answer

    def __call__(self, payload: Any = None, **more: Any) -> Any:
        """What it answers; it must not fail."""
        answer = self.raw(payload, **more)
        assert "FunctionError" not in answer, answer
        return answer["Payload"]


Deploy = Callable[..., Deployed]


@pytest.fixture
def deploy(cloud: Cloud) -> Deploy:
    """Makes a function of Python's text (`app.py`), or of files."""
    client = cloud.client("lambda")

    def make(body: str = "def handler(event, context): return event", name: str = "function", *,
             files: dict[str, str] | None = None, **more: Any) -> Deployed:
        made = client.create_function(**{
            "FunctionName": name, "Role": ROLE, "Runtime": "python3.11", "Handler": "app.handler", "Timeout": 10,
            "Code": {"ZipFile": zipped(files or {"app.py": body})}, **more})
        return Deployed(client, name, made["FunctionArn"])

    return make
