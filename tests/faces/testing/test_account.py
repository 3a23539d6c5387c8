"""The `cumulet` fixture: an account of each test's own, and clients that find it."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.exceptions import ClientError

from cumulet.testing import Cumulet, Server

pytest_plugins = ["pytester"]

EARLY = boto3.client("sqs", region_name="us-east-1", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="not real")
seen: list[str] = []


@pytest.mark.parametrize("turn", [1, 2])
def test_names_are_free_in_each_test(cumulet: Cumulet, turn: int) -> None:
    cumulet.client("s3").create_bucket(Bucket="the-only-bucket")
    assert cumulet.account not in seen
    seen.append(cumulet.account)


def test_clients_made_inside_the_code_under_test_find_the_account(cumulet: Cumulet) -> None:
    queue = boto3.client("sqs").create_queue(QueueName="jobs")["QueueUrl"]
    assert f"/{cumulet.account}/jobs" in queue
    assert cumulet.client("sqs").list_queues()["QueueUrls"] == [queue]
    assert boto3.resource("sqs").get_queue_by_name(QueueName="jobs").url == queue
    assert cumulet.resource("sqs").get_queue_by_name(QueueName="jobs").url == queue


def test_clients_made_before_the_test_find_the_account(cumulet: Cumulet) -> None:
    EARLY.create_queue(QueueName="early")
    assert len(cumulet.client("sqs").list_queues()["QueueUrls"]) == 1
    assert [call.account for call in cumulet.calls("sqs", "CreateQueue")] == [cumulet.account]


def test_the_environment_is_as_before_when_the_test_ends(cumulet_server: Server, pytester: pytest.Pytester) -> None:
    before = dict(os.environ)
    pytester.makepyfile("""
        import os

        def test_inside(cumulet):
            assert os.environ["AWS_ENDPOINT_URL"] == cumulet.endpoint
            assert os.environ["AWS_ACCESS_KEY_ID"] == cumulet.account
            assert "AWS_PROFILE" not in os.environ
            os.environ["OF_THE_TEST"] = "stays"

        def test_after():
            assert "AWS_ENDPOINT_URL" not in os.environ
            assert os.environ["AWS_PROFILE"] == "mine"
            assert os.environ.pop("OF_THE_TEST") == "stays"
    """)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_PROFILE", "mine")
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        pytester.runpytest_inprocess(f"--cumulet={cumulet_server.endpoint}").assert_outcomes(passed=2)
    changed = {name for name in before.keys() | os.environ.keys() if before.get(name) != os.environ.get(name)}
    assert changed <= {"PYTEST_CURRENT_TEST", "PYTEST_VERSION"}


@pytest.mark.cumulet(region="eu-west-1")
def test_a_region_may_be_said(cumulet: Cumulet) -> None:
    assert boto3.client("sqs").meta.region_name == "eu-west-1"
    assert cumulet.client("sqs").meta.region_name == "eu-west-1"


def test_accounts_do_not_see_each_other(cumulet: Cumulet) -> None:
    cumulet.client("sqs").create_queue(QueueName="mine")
    other = cumulet.other()
    assert "QueueUrls" not in other.client("sqs").list_queues()
    assert other.calls("sqs", "CreateQueue") == []


@pytest.mark.parametrize("turn", [1, 2])
def test_what_other_accounts_have_goes_with_the_test(cumulet: Cumulet, turn: int) -> None:
    cumulet.other().client("s3").create_bucket(Bucket="of-another-account")


@pytest.mark.cumulet(iam="enforce")
def test_policies_are_enforced_where_a_test_says_so(cumulet: Cumulet) -> None:
    iam = cumulet.client("iam")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    sqs = cumulet.client("sqs", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    with pytest.raises(ClientError, match="not authorized to perform: sqs:createqueue"):
        sqs.create_queue(QueueName="jobs")
    refused = cumulet.calls("sqs", "CreateQueue", status=403)
    assert [call.principal for call in refused] == [f"arn:aws:iam::{cumulet.account}:user/ann"]
    cumulet.iam("audit")
    sqs.create_queue(QueueName="jobs")


@pytest.mark.cumulet(time="2031-05-06")
def test_a_test_may_live_at_another_time(cumulet: Cumulet) -> None:
    assert cumulet.clock.now() - datetime(2031, 5, 6, tzinfo=UTC) < timedelta(seconds=30)
    user = cumulet.client("iam").create_user(UserName="ann")["User"]
    assert user["CreateDate"].date().isoformat() == "2031-05-06"


@pytest.mark.cumulet(time="frozen")
def test_time_may_stand_still_and_be_moved(cumulet: Cumulet) -> None:
    began = cumulet.clock.now()
    assert cumulet.clock.now() == began
    assert cumulet.clock.advance("1h30m") - began == timedelta(minutes=90)
    assert cumulet.clock.advance(timedelta(days=1)) - began == timedelta(days=1, minutes=90)
    assert cumulet.clock.set("2032-01-01T12:00:00Z") == datetime(2032, 1, 1, 12, tzinfo=UTC)


def test_time_is_real_again_in_the_next_test(cumulet: Cumulet) -> None:
    assert abs(cumulet.clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_calls_tell_what_was_sent_and_answered(cumulet: Cumulet) -> None:
    s3 = cumulet.client("s3")
    s3.create_bucket(Bucket="calls-tell")
    s3.put_object(Bucket="calls-tell", Key="a", Body=b"1")
    with pytest.raises(ClientError):
        s3.get_object(Bucket="calls-tell", Key="missing")
    put, = cumulet.calls("s3", "PutObject")
    assert put.status == 200
    assert put.principal == f"arn:aws:iam::{cumulet.account}:root"
    assert {"Bucket", "Key", "Body"} <= set(put.members)
    assert [call.error for call in cumulet.calls("s3", status=404)] == ["NoSuchKey"]
    assert [call.operation for call in cumulet.calls()] == ["CreateBucket", "PutObject", "GetObject"]


def test_the_mailbox_holds_what_was_sent_to_people(cumulet: Cumulet) -> None:
    sns = cumulet.client("sns")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ann@example.com")
    mail = cumulet.mail.latest(to="ann@example.com", kind="mail")
    assert "Subscription Confirmation" in mail["subject"]
    assert topic in mail["text"]
    cumulet.mail.clear()
    assert cumulet.mail.messages() == []
    with pytest.raises(AssertionError, match=r"not within 0.05: a message"):
        cumulet.mail.latest(timeout=0.05)


def test_waiting_until_something_holds(cumulet: Cumulet) -> None:
    s3 = cumulet.client("s3")
    looks: list[int] = []

    def there() -> bool:
        looks.append(1)
        if len(looks) == 3:
            s3.create_bucket(Bucket="comes-later")
        return s3.head_bucket(Bucket="comes-later")["ResponseMetadata"]["HTTPStatusCode"] == 200

    assert cumulet.wait_for(there) is True
    assert len(looks) == 3
    with pytest.raises(AssertionError, match=r"not within 0\.1: .*never") as failed:
        cumulet.wait_for(lambda: s3.head_bucket(Bucket="never-comes"), timeout=0.1)
    assert isinstance(failed.value.__cause__, ClientError)


def test_waiting_by_the_clock(cumulet: Cumulet) -> None:
    sqs = cumulet.client("sqs")
    url = sqs.create_queue(QueueName="later")["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody="hello", DelaySeconds=600)
    began = cumulet.clock.now()
    assert cumulet.wait_for(lambda: sqs.receive_message(QueueUrl=url).get("Messages"), "1h", step="5m")
    assert timedelta(minutes=9) < cumulet.clock.now() - began < timedelta(minutes=16)
    with pytest.raises(AssertionError, match="not within 1h"):
        cumulet.wait_for(lambda: False, "1h", step="30m")
