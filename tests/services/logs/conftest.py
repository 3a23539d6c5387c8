"""What the tests of logs share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from conftest import Cloud

Put = Callable[..., dict[str, Any]]


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
