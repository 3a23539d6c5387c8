"""`cumulet snapshot`, `fork` and `fault`, as somebody types them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner, Result

from cumulet.faces.cli.main import cli

Run = Callable[..., Result]


@pytest.fixture
def run(control: Any) -> Run:
    def typed(*words: str, code: int = 0) -> Result:
        ran = CliRunner().invoke(cli, [words[0], "--endpoint", control.cloud.endpoint, *words[1:]])
        assert ran.exit_code == code, ran.output
        return ran

    return typed


def test_snapshot_from_save_to_import(control: Any, run: Run, tmp_path: Path) -> None:
    sqs = control.cloud.client("sqs")
    sqs.create_queue(QueueName="kept")
    assert run("snapshot").output == "There is no snapshot.\n"
    assert run("snapshot", "save", "one").output.startswith("one ")
    assert "There is a snapshot one already" in run("snapshot", "save", "one", code=1).output
    url = sqs.get_queue_url(QueueName="kept")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "60"})
    sqs.create_queue(QueueName="new")
    told = run("snapshot", "diff", "one").output
    assert f"~ AWS::SQS::Queue  kept   {control.cloud.account} us-east-1\n    VisibilityTimeout: 30 → 60" in told
    assert "+ AWS::SQS::Queue  new" in told
    assert "AWS::SQS::Queue" in run("snapshot", "show", "one").output
    assert json.loads(run("snapshot", "list", "-o", "json").output)["snapshots"][0]["name"] == "one"
    file = tmp_path / "one.tar.gz"
    assert str(file) in run("snapshot", "export", "one", str(file)).output
    assert os.stat(file).st_mode & 0o777 == 0o600
    run("snapshot", "import", str(file), "two")
    assert "Say it beforehand" in run("snapshot", "load", "two", code=2).output
    assert run("snapshot", "load", "two", "-y").output == "Loaded: two.\n"
    assert run("snapshot", "diff", "one").output == "No difference.\n"
    run("snapshot", "rm", "one")
    assert "There is no snapshot one" in run("snapshot", "show", "one", code=1).output
    run("snapshot", "save", code=2)
    elsewhere = tmp_path / "shelf"
    run("snapshot", "save", "there", "--dir", str(elsewhere))
    assert (elsewhere / "there" / "state.sqlite").exists()
    assert "there" in run("snapshot", "list", "--dir", str(elsewhere)).output


def test_snapshot_of_one_account_into_another(control: Any, run: Run, tmp_path: Path) -> None:
    mine, other = control.cloud, control.cloud.other()
    mine.client("sqs").create_queue(QueueName="kept")
    other.client("sqs").create_queue(QueueName="theirs")
    assert f"account {mine.account}" in run("snapshot", "save", "mine", "--account", mine.account).output
    assert other.account not in run("snapshot", "show", "mine").output
    mine.client("sqs").create_queue(QueueName="more")
    assert "+ AWS::SQS::Queue  more" in run("snapshot", "diff", "mine").output
    assert "There is a snapshot mine already" in run("snapshot", "save", "mine", code=1).output
    run("snapshot", "save", "mine", "--account", mine.account, "--replace")
    run("snapshot", "save", "later", "--account", mine.account)
    assert run("snapshot", "diff", "mine", "later").output == "No difference.\n"
    mine.client("sqs").delete_queue(QueueUrl=mine.client("sqs").get_queue_url(QueueName="kept")["QueueUrl"])
    run("snapshot", "load", "mine", "--account", mine.account, "-y")
    assert len(mine.client("sqs").list_queues()["QueueUrls"]) == 2
    run("snapshot", "load", "mine", "--account", mine.account, "--into", other.account, "-y")
    names = [url.rpartition("/")[2] for url in other.client("sqs").list_queues()["QueueUrls"]]
    assert names == ["kept", "more"]
    file = tmp_path / "mine.tar.gz"
    run("snapshot", "export", "mine", str(file))
    assert "already" in run("snapshot", "import", str(file), "later", code=1).output
    run("snapshot", "import", str(file), "later", "--replace")


def test_fork_by_port_and_by_account(control: Any, run: Run) -> None:
    control.cloud.client("sqs").create_queue(QueueName="kept")
    assert run("fork", "list").output == "There is no fork.\n"
    made = json.loads(run("fork", "try", "-o", "json").output)
    there = boto3.client("sqs", endpoint_url=made["endpoint"], region_name="us-east-1", aws_access_key_id=control.cloud.account,
                         aws_secret_access_key="x")
    assert len(there.list_queues()["QueueUrls"]) == 1
    assert "try" in run("fork", "list").output
    run("fork", "rm", "try")
    run("fork", "rm", code=2)
    other = control.cloud.other()
    run("fork", "--account", control.cloud.account, code=2)
    assert "is a copy of" in run("fork", "--account", control.cloud.account, "--as", other.account, "-y").output
    assert len(other.client("sqs").list_queues()["QueueUrls"]) == 1


def test_fault_add_list_and_clear(control: Any, run: Run) -> None:
    assert run("fault").output == "There is no fault.\n"
    told = run("fault", "add", "dynamodb", "--op", "put_item", "--throttle", "--rate", "0.5", "--for", "5m",
               "--latency", "200ms").output
    assert "throttle 200 ms later at 50% for dynamodb PutItem" in told
    found = json.loads(run("fault", "list", "-o", "json").output)["faults"][0]
    assert (found["latency"], found["operations"], found["rate"]) == (0.2, ["PutItem"], 0.5)
    assert 290 < found["left"] <= 300
    assert "dynamodb PutItem" in run("fault", "list").output
    assert "no operation Fly" in run("fault", "add", "sqs", "--op", "Fly", "--throttle", code=1).output
    for wrong in (["add", "sqs", "--latency", "soon"], ["add", "sqs", "--throttle", "--error", "X"],
                  ["add", "sqs", "--drop", "--drop-answer"], ["clear", "one"]):
        run("fault", *wrong, code=2)
    assert run("fault", "clear", str(found["id"])).output == "1 cleared.\n"
    assert run("fault", "clear").output == "0 cleared.\n"
