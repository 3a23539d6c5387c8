"""What checks and solutions see of an attempt: its accounts, AWS clients in them, plain HTTP, WebSockets, and the clock."""

from __future__ import annotations

import http.client
import io
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlencode, urlsplit

from ..cli.credentials import environment
from ..cli.remote import Remote
from .websocket import Socket

T = TypeVar("T")


class Wrong(Exception):
    """A check that does not hold: what was found instead, and what to look at."""


class Key(NamedTuple):
    """Credentials of a user or a session."""

    id: str
    secret: str
    token: str = ""

    @staticmethod
    def of(given: dict[str, Any]) -> Key:
        """From what CreateAccessKey, AssumeRole and their like answer."""
        return Key(given["AccessKeyId"], given.get("SecretAccessKey") or given["SecretKey"], given.get("SessionToken", ""))


class Answer(NamedTuple):
    """Of a form that was sent. cookie: what the browser is to keep, "name=value"."""

    status: int
    body: bytes
    cookie: str


class Room:
    """One attempt. accounts: its own; the first is the learner's.  region: where they work."""

    def __init__(self, endpoint: str, accounts: tuple[str, ...], region: str = "us-east-1") -> None:
        self.endpoint = endpoint
        self.accounts = accounts
        self.account = accounts[0]
        self.region = region
        self.remote = Remote(endpoint)

    def client(self, service: str, key: Key | None = None, account: str = "", region: str = "") -> Any:
        """An AWS client as the root of an account of the attempt, or with somebody's credentials."""
        import botocore.session
        from botocore.config import Config

        who = key or Key(account or self.account, "test")
        return botocore.session.Session().create_client(
            service, region_name=region or self.region, endpoint_url=self.endpoint, aws_access_key_id=who.id,
            aws_secret_access_key=who.secret, aws_session_token=who.token or None,
            config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}))

    def get(self, host: str, path: str, headers: dict[str, str] | None = None, method: str = "GET",
            body: bytes | None = None) -> tuple[int, bytes]:
        """Plain HTTP without credentials, as a browser asks: (status, body). host: the name that the client would look up."""
        request = urllib.request.Request(self.endpoint + path, body, {"Host": host, **(headers or {})}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as problem:
            return problem.code, problem.read()

    def post(self, host: str, path: str, form: dict[str, str], headers: dict[str, str] | None = None) -> Answer:
        """A form as a browser sends it; what came back, without following where it leads."""
        connection = http.client.HTTPConnection(urlsplit(self.endpoint).netloc, timeout=10)
        try:
            connection.request("POST", path, urlencode(form), {
                "Host": host, "Content-Type": "application/x-www-form-urlencoded", **(headers or {})})
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(), (answer.getheader("Set-Cookie") or "").partition(";")[0])
        finally:
            connection.close()

    def connect(self, host: str, path: str) -> Socket:
        """A WebSocket without credentials, as a browser opens it. Raises Refused."""
        return Socket(self.endpoint, host, path)

    def advance(self, seconds: float) -> None:
        """Move the clock on, as `cumulet time` does."""
        self.remote.post("/_cumulet/time", {"advance": seconds}, timeout=600)

    def wait(self, what: Callable[[], T], seconds: float = 60.0) -> T:
        """Ask again until the answer is one: what happens beside, like a function that is called, takes its time."""
        end = time.monotonic() + seconds
        while not (found := what()):
            if time.monotonic() > end:
                raise Wrong(f"{what.__qualname__}: nothing came within {seconds:.0f} seconds")
            time.sleep(0.1)
        return found

    @staticmethod
    def zipped(files: dict[str, str]) -> bytes:
        """Files as a function's package."""
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
            for name, text in files.items():
                entry = zipfile.ZipInfo(name)
                entry.external_attr = 0o644 << 16
                package.writestr(entry, text)
        return out.getvalue()

    def refused(self, code: str, call: Any, **members: Any) -> str:
        """The call must fail with this code (or one of several, with `|`); what AWS said."""
        from botocore.exceptions import ClientError

        try:
            call(**members)
        except ClientError as problem:
            said = problem.response["Error"]
            if said["Code"] not in code.split("|"):
                raise Wrong(f"{call.__name__}: {said['Code']} ({said.get('Message')}) where {code} is due") from None
            return str(said.get("Message", ""))
        raise Wrong(f"{call.__name__} was allowed, and should be refused with {code}")

    def shell(self, script: Path) -> None:
        """Run a script of commands as a learner would, `aws` being the AWS CLI."""
        folder = Path(sys.executable).parent
        variables = environment(self.endpoint, self.account, self.region)
        names = {f"ACCOUNT{number or ''}": account for number, account in enumerate(self.accounts)}
        ran = subprocess.run(["bash", "-eu", "-o", "pipefail", str(script)], cwd=script.parent, capture_output=True, text=True,
                             timeout=300, stdin=subprocess.DEVNULL, env={
                                 **variables, **names, "CUMULET_ENDPOINT": self.endpoint, "AWS_PAGER": "",
                                 "PATH": f"{folder}{os.pathsep}{variables.get('PATH', '')}"})
        if ran.returncode:
            raise Wrong(f"{script.name} ended with {ran.returncode}: {(ran.stderr or ran.stdout).strip()[-600:]}")
