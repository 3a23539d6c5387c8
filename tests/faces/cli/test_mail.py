"""`cumulet mail`, and the mailbox behind it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from conftest import Cloud
from cumulet.faces.cli.commands.mail import command
from cumulet.kernel.record import mailbox


@pytest.fixture
def sent(cloud: Cloud) -> Cloud:
    """A cloud whose account was sent two mails."""
    sns = cloud.client("sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    for who in ("ann@example.com", "ben@example.com"):
        sns.subscribe(TopicArn=topic, Protocol="email", Endpoint=who)
    return cloud


def run(cloud: Cloud, *words: str, account: bool = True) -> Any:
    whose = ["--account", cloud.account] if account else []
    return CliRunner().invoke(command, ["--endpoint", cloud.endpoint, *whose, *words])


def test_it_lists_the_newest_first(sent: Cloud) -> None:
    lines = run(sent).output.splitlines()
    assert ["ben@example.com" in lines[0], "ann@example.com" in lines[1], len(lines)] == [True, True, 2]
    assert "AWS Notification - Subscription Confirmation" in lines[0]
    found = json.loads(run(sent, "list", "-o", "json", "--to", "ann").output)["messages"]
    assert [message["to"] for message in found] == [["ann@example.com"]]
    assert run(sent, "list", "--kind", "sms").output == "There is no message.\n"
    assert len(run(sent, "list", "-n", "1").output.splitlines()) == 1


def test_it_shows_one(sent: Cloud) -> None:
    newest = run(sent, "show").output
    assert newest.startswith("From: no-reply@sns.amazonaws.com\nTo: ben@example.com\n")
    assert "ConfirmSubscription" in newest
    number = json.loads(run(sent, "-o", "json").output)["messages"][1]["id"]
    assert "To: ann@example.com" in run(sent, "show", str(number)).output
    assert "MIME-Version: 1.0" in run(sent, "show", "--raw").output
    missing = run(sent, "show", "999999999")
    assert (missing.exit_code, "there is no message 999999999" in missing.output) == (1, True)


def test_it_opens_one_in_a_browser(sent: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert run(sent, "open").exit_code == 0
    page = Path(opened[0].removeprefix("file://"))
    try:
        assert "Confirm subscription" in page.read_text()
    finally:
        page.unlink()


def test_it_is_cleared(sent: Cloud) -> None:
    assert run(sent, "clear").output == "2 messages removed.\n"
    assert run(sent, "show").exit_code == 1
    assert run(sent, "clear", "--kind", "sms").exit_code == 2


def test_it_goes_with_its_account(sent: Cloud) -> None:
    body = json.dumps({"account": sent.account}).encode()
    urlopen(f"{sent.endpoint}/_cumulet/reset", body).read()
    assert run(sent).output == "There is no message.\n"


def test_it_keeps_the_newest(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "MOST", 20)
    monkeypatch.setattr(mailbox, "_SLACK", 1)

    def fill(tx: Any) -> list[str]:
        for n in range(30):
            mailbox.put(tx, mailbox.Sent(account=cloud.account, region="", at=0.0, service="sns", kind="sms", sender="a",
                                         to=[str(n)], subject="", raw=b""))
        return [sent.to[0] for sent in mailbox.newest(tx, cloud.account, "", "", 0, 100)]

    assert cloud.kernel.store.run_now(fill) == [str(n) for n in range(29, 9, -1)]
