"""What the tests of logs share."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from conftest import Cloud

Put = Callable[..., dict[str, Any]]
Post = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def logs(cloud: Cloud) -> Any:
    return cloud.client("logs")


@pytest.fixture
def group(logs: Any) -> str:
    logs.create_log_group(logGroupName="app")
    logs.create_log_stream(logGroupName="app", logStreamName="one")
    return "app"


@pytest.fixture
def put(logs: Any, cloud: Cloud, group: str) -> Put:
    """Put messages, a millisecond apart, into a stream; `at` is the first one's moment, in seconds from now."""

    def put(messages: Sequence[str], stream: str = "one", at: float = -60.0, **members: Any) -> dict[str, Any]:
        first = int((cloud.clock.now() + at) * 1000)
        return dict(logs.put_log_events(
            logGroupName=group, logStreamName=stream,
            logEvents=[{"timestamp": first + i, "message": message} for i, message in enumerate(messages)], **members))

    return put


@pytest.fixture
def post(cloud: Cloud, group: str) -> Post:
    """Post to an endpoint, signed as the account's root, or with a token; the status and the answer."""

    def post(path: str, body: Any, token: str | None = None, **headers: str) -> tuple[int, dict[str, Any]]:
        data = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        named = {"Content-Type": "application/json"} | {name.replace("_", "-"): value for name, value in headers.items()}
        request = AWSRequest("POST", cloud.endpoint + path, data=data, headers=named)
        if token is None:
            SigV4Auth(Credentials(cloud.account, "secret"), "logs", "us-east-1").add_auth(request)
        else:
            request.headers["Authorization"] = f"Bearer {token}"
        try:
            with urllib.request.urlopen(urllib.request.Request(request.url, data, dict(request.headers)), timeout=10) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as problem:
            return problem.code, json.loads(problem.read() or b"{}")

    return post
