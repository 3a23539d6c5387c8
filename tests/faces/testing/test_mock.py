"""`mock_aws` as people who know moto use it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import unittest
import urllib.request
from collections.abc import AsyncIterator, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, NoCredentialsError

import cumulet
from cumulet.faces.testing.redirect import LeftThisMachine
from cumulet.testing import mock_aws

EARLY = boto3.client("s3", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing")
EARLY_WITH_TOKEN = boto3.client("sts", region_name="us-east-1", aws_access_key_id="ASIAIOSFODNN7EXAMPLE",
                                aws_secret_access_key="x", aws_session_token="a real one")


def buckets() -> list[str]:
    return [bucket["Name"] for bucket in boto3.client("s3", region_name="us-east-1").list_buckets()["Buckets"]]


def make(name: str) -> None:
    boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=name)


@pytest.mark.parametrize("turn", [1, 2])
@mock_aws
def test_a_decorated_function_begins_with_nothing(turn: int) -> None:
    assert buckets() == []
    make("always-the-same")
    assert buckets() == ["always-the-same"]


def test_it_may_be_imported_from_the_top() -> None:
    assert cumulet.mock_aws is mock_aws
    assert "mock_aws" in dir(cumulet)
    with pytest.raises(AttributeError, match="no attribute 'mock_s3'"):
        cumulet.mock_s3    # noqa: B018


@mock_aws()
def test_parentheses_make_no_difference() -> None:
    assert buckets() == []
    assert boto3.client("sts", region_name="us-east-1").get_caller_identity()["Account"] == "123456789012"


def test_what_was_made_outside_of_it_is_as_before() -> None:
    before = dict(os.environ), boto3.DEFAULT_SESSION
    with mock_aws():
        assert os.environ["AWS_ACCESS_KEY_ID"] == "123456789012"
        make("within")
    assert (dict(os.environ), boto3.DEFAULT_SESSION) == before
    with mock_aws():
        assert buckets() == []


def test_one_within_another_joins_it() -> None:
    @mock_aws
    def inner() -> list[str]:
        return buckets()

    with mock_aws():
        make("outer")
        with mock_aws():
            assert buckets() == ["outer"]
        assert inner() == ["outer"]
        assert buckets() == ["outer"]


def test_start_and_stop() -> None:
    mock = mock_aws()
    mock.start()
    make("first")
    mock.stop()
    mock.start(reset=False)
    assert buckets() == ["first"]
    mock.stop()
    with pytest.raises(RuntimeError, match="stopped more often"):
        mock.stop()


@mock_aws
def test_clients_made_earlier_go_to_the_mock() -> None:
    EARLY.create_bucket(Bucket="early")
    EARLY.put_object(Bucket="early", Key="a/b c", Body=b"x" * 100_000)
    assert EARLY.get_object(Bucket="early", Key="a/b c")["Body"].read() == b"x" * 100_000
    assert buckets() == ["early"]
    assert EARLY_WITH_TOKEN.get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:root"


def test_clients_made_within_it_talk_to_nobody_afterwards() -> None:
    with mock_aws():
        made = boto3.client("sqs", region_name="us-east-1")
        made.create_queue(QueueName="q")
    with mock_aws():
        assert "QueueUrls" not in made.list_queues()


@mock_aws
def test_nothing_leaves_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = boto3.client("s3", region_name="us-east-1", endpoint_url="http://storage.example.com")
    with pytest.raises(LeftThisMachine, match=r"to storage\.example\.com"):
        elsewhere.list_buckets()
    monkeypatch.setenv("CUMULET_ALLOW_AWS", "1")
    monkeypatch.setattr("cumulet.faces.testing.redirect._ORIGINAL", lambda session, request: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        elsewhere.list_buckets()


@mock_aws
def test_a_user_of_iam_signs_with_keys_of_its_own() -> None:
    iam = boto3.client("iam", region_name="us-east-1")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    sts = boto3.client("sts", region_name="us-east-1", aws_access_key_id=key["AccessKeyId"],
                       aws_secret_access_key=key["SecretAccessKey"])
    assert sts.get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/ann"


@mock_aws
def test_a_presigned_address_can_be_opened_by_anybody() -> None:
    make("signed")
    s3 = boto3.client("s3", region_name="us-east-1")
    s3.put_object(Bucket="signed", Key="k", Body=b"hello")
    with urllib.request.urlopen(s3.generate_presigned_url("get_object", Params={"Bucket": "signed", "Key": "k"})) as got:
        assert got.read() == b"hello"


@mock_aws
def test_programs_that_the_test_starts_find_it() -> None:
    make("for-the-child")
    child = "import boto3; print(boto3.client('s3').list_buckets()['Buckets'][0]['Name'])"
    said = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=True).stdout
    assert said == "for-the-child\n"


def test_credentials_may_stay_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    with mock_aws(config={"core": {"mock_credentials": False}}), pytest.raises(NoCredentialsError):
        buckets()
    with pytest.raises(ValueError, match=r"no setting core\.service_whitelist"):
        mock_aws(config={"core": {"service_whitelist": ["s3"]}})


@mock_aws
def test_a_coroutine_generators_and_errors() -> None:
    @mock_aws
    async def later() -> list[str]:
        await asyncio.sleep(0)
        return buckets()

    @mock_aws
    async def many() -> AsyncIterator[str]:
        for each in buckets():
            yield each

    @mock_aws
    def yielding() -> Iterator[str]:
        yield from buckets()

    async def gathered() -> list[str]:
        return [each async for each in many()]

    make("here")
    assert asyncio.run(later()) == asyncio.run(gathered()) == list(yielding()) == ["here"]
    with pytest.raises(ClientError, match="NoSuchBucket"):
        boto3.client("s3", region_name="us-east-1").list_objects_v2(Bucket="missing")


@pytest.fixture
def s3() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("s3", region_name="us-east-1")


@pytest.fixture
@mock_aws
def bucket() -> Iterator[str]:
    make("of-a-fixture")
    yield "of-a-fixture"
    assert buckets() == ["of-a-fixture"]


def test_a_fixture_holds_it_open(s3: Any, bucket: str) -> None:
    assert buckets() == [bucket]
    s3.put_object(Bucket=bucket, Key="a")


@mock_aws
def test_a_test_joins_its_fixtures(s3: Any) -> None:
    s3.create_bucket(Bucket="joined")
    assert buckets() == ["joined"]


@mock_aws
class TestOfPytest:
    def setup_method(self) -> None:
        make("of-the-setup")

    @pytest.fixture
    def made(self) -> str:
        make("of-its-fixture")
        return "of-its-fixture"

    @pytest.mark.parametrize("turn", [1, 2])
    def test_setup_and_test_share(self, turn: int) -> None:
        assert buckets() == ["of-the-setup"]
        make("of-the-test")

    def test_fixtures_of_the_class_are_within(self, made: str) -> None:
        assert buckets() == [made, "of-the-setup"]


@mock_aws
class TestOfUnittest(unittest.TestCase):
    def setUp(self) -> None:
        make("of-the-setup")

    def tearDown(self) -> None:
        assert "of-the-setup" in buckets()

    def test_one(self) -> None:
        assert buckets() == ["of-the-setup"]
        make("of-one")

    def test_two(self) -> None:
        assert buckets() == ["of-the-setup"]
        make("of-two")


@mock_aws
class TestOfAWholeClass(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        make("of-the-class")
        cls.made = "of-the-class"

    def test_one(self) -> None:
        assert self.made in buckets()
        make("of-one")

    def test_two_sees_what_one_made(self) -> None:
        assert buckets() == ["of-one", "of-the-class"]


def test_nothing_of_it_is_left() -> None:
    assert os.environ.get("AWS_ACCESS_KEY_ID") != "123456789012"
