"""Snapshots over the control API, looked at through the AWS APIs."""

from __future__ import annotations

import io
import os
import tarfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud, new_account
from cumulet.kernel.state import accounts
from cumulet.kernel.store.schema import MIGRATIONS

from .filled import bodies, fill, seen


def test_what_was_saved_comes_back_whole(control: Any) -> None:
    fill(control.cloud, "first")
    before = seen(control.cloud, "first")
    about = control.post("snapshots", name="one")
    assert (about["name"], about["account"]) == ("one", "")
    assert about["blobs"] >= 2
    control.cloud.client("s3").delete_object(Bucket="first", Key="big")
    control.cloud.client("dynamodb").delete_table(TableName="items")
    control.cloud.client("secretsmanager").put_secret_value(SecretId="api", SecretString="other")
    control.cloud.client("sqs").create_queue(QueueName="later")
    control.post("snapshots/load", name="one")
    assert seen(control.cloud, "first") == before
    assert "QueueUrls" not in control.cloud.client("sqs").list_queues(QueueNamePrefix="later")
    assert [s["name"] for s in control.get("snapshots")["snapshots"]] == ["one"]


def test_an_account_may_hold_a_bucket_alone(control: Any) -> None:
    s3 = control.cloud.client("s3")
    s3.create_bucket(Bucket="alone")
    control.post("snapshots", name="mine", account=control.cloud.account)
    s3.delete_bucket(Bucket="alone")
    control.post("snapshots/load", name="mine", account=control.cloud.account)
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["alone"]


def test_what_changed_in_an_account_is_told_of_that_account_alone(control: Any) -> None:
    control.post("snapshots", name="mine", account=control.cloud.account)
    control.cloud.client("sqs").create_queue(QueueName="later")
    control.cloud.other().client("sqs").create_queue(QueueName="of-another")
    told = control.get("snapshots/diff", name="mine")
    assert [(one["change"], one["id"]) for one in told["resources"]] == [("added", "later")]


def test_names_are_names_and_nothing_is_written_over(control: Any) -> None:
    left = Path(control.cloud.kernel.shelf.home) / ".one-killed"
    (left / "state").mkdir(parents=True)
    os.utime(left, (0, 0))
    control.post("snapshots", name="one")
    assert not left.exists()
    assert Path(control.cloud.kernel.shelf.path("one")).stat().st_mode & 0o777 == 0o700
    for name, problem in (("one", "already"), ("../up", "cannot be the name"), (".hidden", "cannot be the name")):
        with pytest.raises(ValueError, match=problem):
            control.post("snapshots", name=name)
    control.post("snapshots", name="one", replace=True)
    for path in ("snapshots/load", "snapshots/rm"):
        with pytest.raises(ValueError, match="no snapshot two"):
            control.post(path, name="two")
    control.post("snapshots/rm", name="one")
    assert control.get("snapshots")["snapshots"] == []


def test_show_counts_and_diff_tells_property_by_property(control: Any) -> None:
    cloud = control.cloud
    fill(cloud, "told")
    control.post("snapshots", name="before")
    inside = control.get("snapshots/show", name="before")["accounts"][cloud.account]
    assert inside["us-east-1"]["sqs"]["resources"] == {"AWS::SQS::Queue": 1}
    assert inside["us-east-1"]["sqs"]["rows"]["sqs_message"] == 3
    assert inside["us-east-1"]["dynamodb"]["resources"] == {"AWS::DynamoDB::Table": 1}
    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName="orders.fifo")["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "77"})
    sqs.tag_queue(QueueUrl=url, Tags={"team": "a"})
    sqs.create_queue(QueueName="new")
    cloud.client("secretsmanager").delete_secret(SecretId="api", ForceDeleteWithoutRecovery=True)
    cloud.client("dynamodb").put_item(TableName="items", Item={"k": {"S": "b"}})
    cloud.client("dynamodb").put_item(TableName="items", Item={"k": {"S": "a"}, "v": {"N": "2"}})
    changed = control.get("snapshots/diff", name="before")
    found = {(c["change"], c["type"], c["id"]): c["properties"] for c in changed["resources"]}
    assert found["changed", "AWS::SQS::Queue", "orders.fifo"] == {
        "VisibilityTimeout": {"from": 30, "to": 77}, "Tags": {"from": None, "to": {"team": "a"}}}
    assert ("added", "AWS::SQS::Queue", "new") in found
    assert any(key[:2] == ("removed", "AWS::SecretsManager::Secret") for key in found)
    items = [row for row in changed["rows"] if row["table"] == "dynamodb_entry"]
    assert [(r["account"], r["added"], r["removed"], r["changed"]) for r in items] == [(cloud.account, 1, 0, 1)]
    control.post("time", freeze=True)        # or queues are measured between, when a minute ends
    cloud.clock.idle()
    control.post("snapshots", name="after")
    between = control.get("snapshots/diff", name="before", other="after")
    assert between["resources"] == changed["resources"]
    back = control.get("snapshots/diff", name="after", other="before")
    assert {c["change"] for c in back["resources"] if c["id"] == "new"} == {"removed"}
    assert control.get("snapshots/diff", name="after") == {"resources": [], "rows": []}


def test_a_snapshot_holds_what_was_told_of_calls_before_it(control: Any) -> None:
    cloud = control.cloud
    control.post("time", freeze=True)
    cloud.client("dynamodb").create_table(
        TableName="told", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}])
    cloud.clock.idle()
    cloud.client("dynamodb").put_item(TableName="told", Item={"k": {"S": "a"}})
    control.post("snapshots", name="one")
    inside = control.get("snapshots/show", name="one")["accounts"][cloud.account]["us-east-1"]
    assert inside["cloudwatch"]["rows"]["cloudwatch_bucket"] > 0
    cloud.client("dynamodb").put_item(TableName="told", Item={"k": {"S": "b"}})
    control.post("snapshots/load", name="one")
    time.sleep(0.5)
    assert control.get("snapshots/diff", name="one") == {"resources": [], "rows": []}


def test_an_export_is_imported_elsewhere(control: Any, start_cloud: Any, tmp_path: Path) -> None:
    fill(control.cloud, "travels")
    before = seen(control.cloud, "travels")
    control.post("snapshots", name="one")
    packed = control.http.get("/_cumulet/snapshots/export", params={"name": "one"})
    assert packed.headers["content-type"] == "application/gzip"
    other = start_cloud(data=tmp_path / "elsewhere")
    there = type(control)(Cloud(other, control.cloud.account))
    taken = there.http.post("/_cumulet/snapshots/import", params={"name": "two"}, content=packed.content).json()
    assert taken["name"] == "two"
    there.post("snapshots/load", name="two")
    assert seen(there.cloud, "travels") == before
    there.http.close()
    other.stop()


def rewritten(packed: bytes, change: Any) -> bytes:
    """An export with files changed: `change` gives a file's new bytes, None to leave it out."""
    out = io.BytesIO()
    with tarfile.open(fileobj=io.BytesIO(packed)) as old, tarfile.open(fileobj=out, mode="w:gz") as new:
        for member in old:
            source = old.extractfile(member)
            assert source is not None
            data = change(member.name, source.read())
            if data is not None:
                member.size = len(data)
                new.addfile(member, io.BytesIO(data))
    return out.getvalue()


def test_what_is_no_snapshot_is_refused_and_leaves_nothing(control: Any) -> None:
    fill(control.cloud, "checked")
    control.post("snapshots", name="one")
    packed = control.http.get("/_cumulet/snapshots/export", params={"name": "one"}).content
    newer = b'"format": %d' % (2 + len(MIGRATIONS))
    stranger = io.BytesIO()
    with tarfile.open(fileobj=stranger, mode="w:gz") as tar:
        tar.addfile(tarfile.TarInfo("../../outside"), io.BytesIO(b""))
    for content, problem in (
            (b"no archive", "damaged or no snapshot"), (packed[:-2000], "damaged or no snapshot"),
            (stranger.getvalue(), "which no snapshot has"),
            (rewritten(packed, lambda name, data: None if "blobs/" in name else data), "is missing"),
            (rewritten(packed, lambda name, data: data[:9000] if name == "state.sqlite" else data), "damaged"),
            (rewritten(packed, lambda name, data: data.replace(b'"format": %d' % (1 + len(MIGRATIONS)), newer)
                       if name == "about.json" else data), "newer")):
        answer = control.http.post("/_cumulet/snapshots/import", params={"name": "bad"}, content=content)
        assert answer.status_code == 400
        assert problem in answer.json()["error"]
    assert [s["name"] for s in control.get("snapshots")["snapshots"]] == ["one"]
    folder = Path(control.cloud.kernel.shelf.home)
    assert [p.name for p in folder.iterdir()] == ["one"]


def test_one_account_is_kept_and_comes_back_alone(control: Any) -> None:
    cloud, other = control.cloud, control.cloud.other()
    fill(cloud, "mine")
    fill(other, "theirs")
    before = seen(cloud, "mine")
    about = control.post("snapshots", name="mine", account=cloud.account)
    assert about["account"] == cloud.account
    inside = control.get("snapshots/show", name="mine")["accounts"]
    assert set(inside) - {""} == {cloud.account}
    cloud.client("s3").delete_object(Bucket="mine", Key="big")
    cloud.client("dynamodb").delete_table(TableName="items")
    other.client("ssm").put_parameter(Name="/db", Value="changed", Type="SecureString", Overwrite=True)
    assert control.post("snapshots/load", name="mine")["left_out"] == {}
    assert seen(cloud, "mine") == before
    theirs = seen(other, "theirs")
    assert theirs["parameter"] == "changed"
    assert theirs["messages"] == before["messages"]


def test_an_account_is_loaded_under_another_number(control: Any) -> None:
    cloud, other = control.cloud, control.cloud.other()
    fill(cloud, "original")
    fill(other, "replaced")
    before = seen(cloud)
    control.post("snapshots", name="mine", account=cloud.account)
    told = control.post("snapshots/load", name="mine", into=other.account)
    assert told["left_out"] == {"s3_bucket": 1}
    assert seen(other) == before
    assert seen(cloud) == before
    assert other.client("iam").get_role(RoleName="app")["Role"]["Arn"] == f"arn:aws:iam::{other.account}:role/app"
    assert other.client("s3").list_buckets()["Buckets"] == []
    sqs = other.client("sqs")
    url = sqs.get_queue_url(QueueName="orders.fifo")["QueueUrl"]
    assert other.account in url
    sqs.send_message(QueueUrl=url, MessageBody="3", MessageGroupId="g", MessageDeduplicationId="3")
    for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]:
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    assert sqs.receive_message(QueueUrl=url).get("Messages", []) == []
    assert bodies(cloud) == ["0", "1", "2"]
    other.client("s3").create_bucket(Bucket="free-again")


def test_an_account_that_is_not_inside_is_told(control: Any) -> None:
    fill(control.cloud, "some")
    control.post("snapshots", name="all")
    stranger = new_account()
    with pytest.raises(ValueError, match=f"nothing of account {stranger}"):
        control.post("snapshots/load", name="all", account=stranger)
    with pytest.raises(ValueError, match="which account"):
        control.post("snapshots/load", name="all", into=stranger)
    assert seen(control.cloud, "some")["parameter"] == "s3cret"


def test_who_waits_looks_again_after_a_load(control: Any) -> None:
    cloud = control.cloud
    sqs = cloud.client("sqs")
    url = sqs.create_queue(QueueName="orders")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="kept")
    control.post("snapshots", name="full")
    sqs.purge_queue(QueueUrl=url)
    found: list[Any] = []
    began = time.monotonic()
    waiting = threading.Thread(target=lambda: found.append(sqs.receive_message(QueueUrl=url, WaitTimeSeconds=15)))
    waiting.start()
    time.sleep(0.5)
    control.post("snapshots/load", name="full")
    waiting.join(20)
    assert [m["Body"] for m in found[0]["Messages"]] == ["kept"]
    assert time.monotonic() - began < 12


def test_the_clock_of_a_snapshot_comes_back_with_it(control: Any) -> None:
    control.post("snapshots", name="present")
    control.post("time", advance=86_400 * 30)
    control.post("snapshots", name="later")
    control.post("snapshots/load", name="present")
    assert abs(control.get("time")["offset"]) < 5
    control.post("snapshots/load", name="later")
    assert abs(control.get("time")["offset"] - 86_400 * 30) < 5
    with pytest.raises(ClientError, match="NonExistentQueue"):
        control.cloud.client("sqs").get_queue_url(QueueName="none")


def test_a_load_that_fails_changes_nothing(control: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(control.cloud, "whole")
    control.post("snapshots", name="mine", account=control.cloud.account)
    control.cloud.client("sqs").create_queue(QueueName="later")
    before = seen(control.cloud, "whole")
    moved: list[str] = []
    move = accounts.Moving._move

    def half(self: Any, table: str, shape: Any) -> None:
        moved.append(table)
        if len(moved) == 20:
            raise ValueError("the disk is full")
        move(self, table, shape)

    monkeypatch.setattr(accounts.Moving, "_move", half)
    with pytest.raises(ValueError, match="disk is full"):
        control.post("snapshots/load", name="mine")
    monkeypatch.undo()
    assert seen(control.cloud, "whole") == before
    assert len(control.cloud.client("sqs").list_queues()["QueueUrls"]) == 2
    control.post("snapshots/load", name="mine")
    assert seen(control.cloud, "whole") == before
    assert len(control.cloud.client("sqs").list_queues()["QueueUrls"]) == 1
