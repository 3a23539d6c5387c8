"""What a test may ask of its stay: faults, a snapshot; by markers, and as a unittest case says it."""

from __future__ import annotations

import time
import unittest
from datetime import UTC, datetime
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from cumulet.faces.testing.stay import stay
from cumulet.testing import Cumulet, CumuletTestCase, Server

pytest_plugins = ["pytester"]

ONCE = Config(retries={"total_max_attempts": 1})


@pytest.mark.cumulet(faults=[{"service": "sqs", "operations": ["CreateQueue"], "error": "throttle"}])
def test_a_marker_makes_calls_go_wrong(cumulet: Cumulet) -> None:
    sqs = cumulet.client("sqs", config=ONCE)
    with pytest.raises(ClientError, match="RequestThrottled"):
        sqs.create_queue(QueueName="jobs")
    assert "QueueUrls" not in sqs.list_queues()
    assert cumulet.other().client("sqs", config=ONCE).create_queue(QueueName="jobs")
    cumulet.clear_faults()
    sqs.create_queue(QueueName="jobs")


def test_a_test_makes_calls_go_wrong(cumulet: Cumulet) -> None:
    s3 = cumulet.client("s3", config=ONCE)
    cumulet.fault("s3", "CreateBucket", error="internal")
    cumulet.fault("s3", "ListBuckets", latency=0.2)
    with pytest.raises(ClientError, match="InternalError"):
        s3.create_bucket(Bucket="goes-wrong")
    began = time.monotonic()
    assert s3.list_buckets()["Buckets"] == []
    assert time.monotonic() - began >= 0.2


def test_faults_end_with_the_test(cumulet_server: Server) -> None:
    with stay(cumulet_server, faults=[{"service": "sqs", "error": "unavailable"}]) as mine:
        account = mine.account
    assert account not in [fault.get("account") for fault in cumulet_server.control.get("/_cumulet/faults")["faults"]]


@pytest.fixture
def snapshots(cumulet_server: Server, tmp_path: Path) -> Path:
    """A folder with the snapshots `one`, of one account, and `two`, of two."""
    with stay(cumulet_server) as mine:
        mine.client("s3").create_bucket(Bucket="of-the-snapshot")
        mine.client("s3").put_object(Bucket="of-the-snapshot", Key="a", Body=b"kept")
        mine.client("sqs").create_queue(QueueName="of-the-snapshot")
        other = mine.other("999999999999")
        other.client("sqs").create_queue(QueueName="of-another")
        say = {"dir": str(tmp_path)}
        cumulet_server.control.post("/_cumulet/snapshots", say | {"name": "one", "account": mine.account})
        cumulet_server.control.post("/_cumulet/snapshots", say | {"name": "two"})
        other.forget()
    return tmp_path


def test_a_test_begins_with_a_snapshot(cumulet_server: Server, snapshots: Path) -> None:
    for turn in ("first", "second"):
        with stay(cumulet_server, load="one", snapshots=snapshots) as mine:
            s3 = boto3.client("s3")
            assert s3.get_object(Bucket="of-the-snapshot", Key="a")["Body"].read() == b"kept"
            assert len(s3.list_objects_v2(Bucket="of-the-snapshot")["Contents"]) == 1
            s3.put_object(Bucket="of-the-snapshot", Key=turn)
            assert mine.calls("s3", "GetObject", status=200)


def test_of_a_snapshot_of_several_accounts_one_is_said(cumulet_server: Server, snapshots: Path) -> None:
    with stay(cumulet_server, load="two@999999999999", snapshots=snapshots) as mine:
        queue, = boto3.client("sqs").list_queues()["QueueUrls"]
        assert queue.endswith(f"/{mine.account}/of-another")
    with pytest.raises(ValueError, match=r"two holds accounts .*: say which, as two@ACCOUNT"), \
            stay(cumulet_server, load="two", snapshots=snapshots):
        pass


def test_a_snapshot_that_does_not_fit_is_refused(cumulet_server: Server, snapshots: Path, cumulet: Cumulet) -> None:
    cumulet.client("s3").create_bucket(Bucket="of-the-snapshot")
    with pytest.raises(ValueError, match="not all of snapshot one can be loaded"), \
            stay(cumulet_server, load="one", snapshots=snapshots):
        pass


def test_markers_load_from_the_folder_that_is_configured(pytester: pytest.Pytester, cumulet_server: Server,
                                                         snapshots: Path) -> None:
    pytester.makeini(f"[pytest]\ncumulet_snapshots = {snapshots}")
    pytester.makepyfile("""
        import pytest

        @pytest.mark.cumulet(load="one")
        def test_it(cumulet):
            assert cumulet.client("s3").list_buckets()["Buckets"][0]["Name"] == "of-the-snapshot"
    """)
    pytester.runpytest_inprocess(f"--cumulet={cumulet_server.endpoint}").assert_outcomes(passed=1)


class TestCases(CumuletTestCase):
    iam = "enforce"
    time = "2031-01-01"
    region = "eu-west-3"

    def setUp(self) -> None:
        super().setUp()
        boto3.client("sqs").create_queue(QueueName="of-the-setup")

    def test_one(self) -> None:
        assert boto3.client("sqs").list_queues()["QueueUrls"] == self.cumulet.client("sqs").list_queues()["QueueUrls"]
        assert self.cumulet.clock.now().year == 2031
        boto3.client("s3").create_bucket(Bucket="of-a-case", CreateBucketConfiguration={"LocationConstraint": "eu-west-3"})

    def test_two_knows_nothing_of_one(self) -> None:
        assert boto3.client("s3").list_buckets()["Buckets"] == []
        assert len(self.wait_for(lambda: boto3.client("sqs").list_queues().get("QueueUrls"))) == 1

    def test_policies_are_enforced(self) -> None:
        boto3.client("iam").create_user(UserName="ann")
        key = boto3.client("iam").create_access_key(UserName="ann")["AccessKey"]
        sqs = boto3.client("sqs", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
        with pytest.raises(ClientError, match="not authorized"):
            sqs.list_queues()


class TestAfterwards(CumuletTestCase):
    def test_time_is_real(self) -> None:
        assert abs((self.cumulet.clock.now() - datetime.now(UTC)).total_seconds()) < 5

    def test_it_is_a_test_case(self) -> None:
        assert isinstance(self, unittest.TestCase)
