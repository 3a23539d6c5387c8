"""`cumulet open`, with a browser that notes what it was told."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from conftest import Cloud
from cumulet.faces.cli.commands.open import command

ARN = "arn:aws:sqs:us-east-1:000000000000:jobs"


def test_a_page_is_opened(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address) or True)
    for words in ([], ["s3"], [ARN]):
        ran = CliRunner().invoke(command, [*words, "--endpoint", cloud.endpoint], catch_exceptions=False)
        assert ran.exit_code == 0, ran.output
    base = f"{cloud.endpoint}/_console/"
    assert opened == [base, f"{base}go?to=s3", f"{base}go?to={ARN}"]


def test_the_address_is_only_told(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webbrowser.open", lambda address: pytest.fail(f"opened {address}"))
    ran = CliRunner().invoke(command, ["labs", "--print", "-o", "json", "--endpoint", cloud.endpoint])
    assert json.loads(ran.output) == {"url": f"{cloud.endpoint}/_console/go?to=labs"}


def test_no_browser_and_no_server(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webbrowser.open", lambda address: False)
    ran = CliRunner().invoke(command, ["--endpoint", cloud.endpoint])
    assert (ran.exit_code, f"The page is at {cloud.endpoint}/_console/" in ran.output) == (1, True)
    assert CliRunner().invoke(command, ["--endpoint", "http://127.0.0.1:1"]).exit_code == 3
