"""Forks: the same state at another port, or an account under another number; from then on each its own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import boto3
import pytest

from conftest import new_account

from .filled import bodies, fill, seen


class There:
    """A fork, as its tests see a cloud."""

    def __init__(self, endpoint: str, account: str) -> None:
        self.endpoint, self.account = endpoint, account

    def client(self, service: str) -> Any:
        return boto3.client(service, endpoint_url=self.endpoint, region_name="us-east-1", aws_access_key_id=self.account,
                            aws_secret_access_key="x")


def test_a_fork_is_the_same_and_goes_its_own_way(control: Any) -> None:
    cloud = control.cloud
    fill(cloud, "shared")
    before = seen(cloud, "shared")
    made = control.post("forks", name="try")
    assert made["endpoint"] != cloud.endpoint
    there = There(made["endpoint"], cloud.account)
    assert seen(there, "shared") == before                # type: ignore[arg-type]
    there.client("s3").delete_object(Bucket="shared", Key="big")
    there.client("ssm").put_parameter(Name="/db", Value="changed", Type="SecureString", Overwrite=True)
    cloud.client("dynamodb").delete_table(TableName="items")
    assert there.client("dynamodb").get_item(TableName="items", Key={"k": {"S": "a"}})["Item"] == before["item"]
    assert cloud.client("s3").get_object(Bucket="shared", Key="big")["Body"].read() == before["objects"]["big"]
    assert cloud.client("ssm").get_parameter(Name="/db", WithDecryption=True)["Parameter"]["Value"] == "s3cret"
    assert [f["name"] for f in control.get("forks")["forks"]] == ["try"]
    with pytest.raises(ValueError, match="already"):
        control.post("forks", name="try")
    control.post("forks/rm", name="try")
    assert control.get("forks")["forks"] == []
    with pytest.raises(Exception, match="Could not connect"):
        there.client("sqs").list_queues()
    taken = int(cloud.endpoint.rpartition(":")[2])
    with pytest.raises(ValueError, match=f"cannot listen at port {taken}"):
        control.post("forks", name="try", port=taken)
    assert control.get("forks")["forks"] == []
    with pytest.raises(ValueError, match="no fork try"):
        control.post("forks/rm", name="try")


def test_a_fork_is_forked_saved_and_ends_with_its_cloud(control: Any, tmp_path: Path) -> None:
    cloud = control.cloud
    fill(cloud, "roots")
    control.post("time", advance=86_400)
    first = control.post("forks")
    assert first["name"] == "fork-1"
    there = type(control)(There(first["endpoint"], cloud.account))
    assert abs(there.get("time")["offset"] - 86_400) < 5
    there.post("snapshots", name="from-fork")
    second = there.post("forks")
    assert bodies(There(second["endpoint"], cloud.account)) == ["0", "1", "2"]          # type: ignore[arg-type]
    assert [s["name"] for s in control.get("snapshots")["snapshots"]] == ["from-fork"]
    folders = Path(cloud.kernel.store.folder) / "forks"
    if os.environ.get("STORE") != "postgres":
        assert len(list(folders.iterdir())) >= 1
    there.http.close()
    cloud.thread.stop()
    assert not folders.exists()


def test_writers_go_on_while_a_fork_is_made(control: Any) -> None:
    sqs = control.cloud.client("sqs")
    url = sqs.create_queue(QueueName="busy")["QueueUrl"]
    for n in range(20):
        sqs.send_message(QueueUrl=url, MessageBody="x" * 60_000)
        if n % 5 == 4:
            made = control.post("forks", name=f"f{n}")
            there = There(made["endpoint"], control.cloud.account).client("sqs")
            told = there.get_queue_attributes(QueueUrl=there.get_queue_url(QueueName="busy")["QueueUrl"],
                                              AttributeNames=["ApproximateNumberOfMessages"])
            assert told["Attributes"]["ApproximateNumberOfMessages"] == str(n + 1)


def test_an_account_is_copied_under_another_number(control: Any) -> None:
    cloud, other = control.cloud, control.cloud.other()
    fill(cloud, "once")
    before = seen(cloud)
    told = control.post("forks/account", account=cloud.account, into=other.account)
    assert told == {"account": other.account, "left_out": {"s3_bucket": 1}}
    assert seen(other) == seen(cloud) == before
    other.client("dynamodb").put_item(TableName="items", Item={"k": {"S": "a"}, "v": {"N": "9"}})
    assert cloud.client("dynamodb").get_item(TableName="items", Key={"k": {"S": "a"}})["Item"] == before["item"]
    third = control.cloud.other()
    control.post("forks/account", account=other.account, into=third.account)
    assert seen(third)["secret"] == "hush"
    assert seen(third)["parameter"] == "s3cret"
    for into in (cloud.account, "12"):
        with pytest.raises(ValueError, match="two accounts"):
            control.post("forks/account", account=cloud.account, into=into)
    stranger = new_account()
    with pytest.raises(ValueError, match=f"nothing of account {stranger}"):
        control.post("forks/account", account=stranger, into=other.account)
    assert seen(other)["secret"] == "hush"
