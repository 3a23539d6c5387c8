"""`cumulet logs` of CloudWatch log groups."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from conftest import Cloud
from cumulet.faces.cli.commands.logs import command
from cumulet.faces.cli.groups import printed


@pytest.fixture
def written(cloud: Cloud) -> Any:
    """Writes a message into the log group of a function."""
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName="/aws/lambda/fn")
    logs.create_log_stream(logGroupName="/aws/lambda/fn", logStreamName="s")

    def write(*messages: str) -> None:
        now = int(cloud.clock.now() * 1000)
        logs.put_log_events(logGroupName="/aws/lambda/fn", logStreamName="s",
                            logEvents=[{"timestamp": now + i, "message": m} for i, m in enumerate(messages)])

    return write


def run(cloud: Cloud, *words: str) -> Any:
    return CliRunner().invoke(command, ["--endpoint", cloud.endpoint, "--account", cloud.account, *words])


def test_the_last_events_of_a_group(cloud: Cloud, written: Any) -> None:
    written("one", "two ERROR", "three\n")
    assert [line[24:] for line in run(cloud, "/aws/lambda/fn", "-n", "2").output.splitlines()] == ["two ERROR", "three"]
    assert [line[24:] for line in run(cloud, "--lambda", "fn", "--filter", "ERROR").output.splitlines()] == ["two ERROR"]
    found = run(cloud, "none")
    assert found.exit_code != 0
    assert "The specified log group does not exist." in found.stderr


def test_events_that_come(cloud: Cloud, written: Any) -> None:
    written("old", "last")
    lines = printed(cloud.endpoint, cloud.account, "us-east-1", "/aws/lambda/fn", "", 1, True)
    assert next(lines)[24:] == "last"
    written("new 1", "new 2")
    assert [next(lines)[24:], next(lines)[24:]] == ["new 1", "new 2"]
