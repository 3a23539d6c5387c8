"""Access logs: who may be a target, the lines, and the objects that the clock delivers."""

from __future__ import annotations

import json
import shlex
import urllib.request
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from services.s3.refusals import refused

SOON = 301
GROUP = "http://acs.amazonaws.com/groups/s3/LogDelivery"


@pytest.fixture
def logged(s3: Any, cloud: Any) -> Any:
    """A bucket, and one that takes its log: `logs`."""
    s3.logs = f"logs-{cloud.account}"
    s3.create_bucket(Bucket=s3.logs)
    return s3


def enable(s3: Any, **more: Any) -> None:
    s3.put_bucket_logging(Bucket=s3.bucket, BucketLoggingStatus={
        "LoggingEnabled": {"TargetBucket": s3.logs, "TargetPrefix": "log/", **more}})


def keys(s3: Any) -> list[str]:
    return [one["Key"] for one in s3.list_objects_v2(Bucket=s3.logs).get("Contents", ())]


def lines(s3: Any) -> list[list[str]]:
    """The fields of all lines; the time's two words are one field."""
    texts = "".join(s3.get_object(Bucket=s3.logs, Key=key)["Body"].read().decode() for key in keys(s3))
    return [shlex.split(text.replace("[", '"', 1).replace("]", '"', 1)) for text in texts.splitlines()]


def by_operation(s3: Any) -> dict[str, list[str]]:
    return {one[6]: one for one in lines(s3)}


def test_the_configuration_is_kept(logged: Any) -> None:
    assert "LoggingEnabled" not in logged.get_bucket_logging(Bucket=logged.bucket)
    enable(logged, TargetObjectKeyFormat={"SimplePrefix": {}})
    assert logged.get_bucket_logging(Bucket=logged.bucket)["LoggingEnabled"] == {
        "TargetBucket": logged.logs, "TargetPrefix": "log/", "TargetObjectKeyFormat": {"SimplePrefix": {}}}
    logged.put_bucket_logging(Bucket=logged.bucket, BucketLoggingStatus={})
    assert "LoggingEnabled" not in logged.get_bucket_logging(Bucket=logged.bucket)


def test_targets_that_cannot_be(logged: Any, cloud: Any) -> None:
    def wrong(bucket: str, **more: Any) -> tuple[str, int]:
        status = {"LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": "", **more}}
        return refused(logged.put_bucket_logging, Bucket=logged.bucket, BucketLoggingStatus=status)

    assert wrong(f"none-{cloud.account}") == ("InvalidTargetBucketForLogging", 400)
    theirs = cloud.other().client("s3")
    theirs.create_bucket(Bucket=f"theirs-{cloud.account}")
    assert wrong(f"theirs-{cloud.account}") == ("InvalidTargetBucketForLogging", 400)
    far = f"far-{cloud.account}"
    logged.create_bucket(Bucket=far, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert wrong(far) == ("CrossLocationLoggingProhibited", 403)
    logged.put_bucket_request_payment(Bucket=logged.logs, RequestPaymentConfiguration={"Payer": "Requester"})
    assert wrong(logged.logs) == ("InvalidTargetBucketForLogging", 400)
    logged.put_bucket_request_payment(Bucket=logged.logs, RequestPaymentConfiguration={"Payer": "BucketOwner"})
    me = {"Grantee": {"Type": "CanonicalUser", "ID": logged.list_buckets()["Owner"]["ID"]}, "Permission": "READ"}
    assert wrong(logged.logs, TargetGrants=[me]) == ("AccessControlListNotSupported", 400)


def test_where_lists_count_the_log_must_be_let_in(logged: Any, cloud: Any) -> None:
    logged.put_bucket_ownership_controls(Bucket=logged.logs,
                                         OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]})
    with pytest.raises(ClientError, match="You must give the log-delivery group WRITE and READ_ACP permissions"):
        enable(logged)
    statement = {"Effect": "Allow", "Principal": {"Service": "logging.s3.amazonaws.com"}, "Action": "s3:PutObject",
                 "Resource": f"arn:aws:s3:::{logged.logs}/log/*",
                 "Condition": {"StringEquals": {"aws:SourceAccount": cloud.account}}}
    logged.put_bucket_policy(Bucket=logged.logs, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    enable(logged)
    logged.delete_bucket_policy(Bucket=logged.logs)
    logged.put_bucket_acl(Bucket=logged.logs, ACL="log-delivery-write")
    other = "b" * 64
    enable(logged, TargetGrants=[{"Grantee": {"Type": "CanonicalUser", "ID": other}, "Permission": "READ"}])
    logged.head_bucket(Bucket=logged.bucket)
    cloud.clock.advance(SOON)
    told = logged.get_object_acl(Bucket=logged.logs, Key=keys(logged)[0])
    assert {(one["Grantee"]["ID"], one["Permission"]) for one in told["Grants"]} == {
        (other, "READ"), (told["Owner"]["ID"], "FULL_CONTROL")}


def test_lines_tell_of_requests(logged: Any, cloud: Any) -> None:
    logged.put_bucket_versioning(Bucket=logged.bucket, VersioningConfiguration={"Status": "Enabled"})
    enable(logged)
    put = logged.put_object(Bucket=logged.bucket, Key="a b/ä", Body=b"x" * 1000)
    got = logged.get_object(Bucket=logged.bucket, Key="a b/ä", Range="bytes=0-9", VersionId=put["VersionId"])
    got["Body"].read()
    logged.head_object(Bucket=logged.bucket, Key="a b/ä")
    assert refused(logged.get_object, Bucket=logged.bucket, Key="none") == ("NoSuchKey", 404)
    logged.list_objects_v2(Bucket=logged.bucket)
    cloud.clock.advance(SOON)
    owner = logged.list_buckets()["Owner"]["ID"]
    found = by_operation(logged)
    one = next(line for line in lines(logged) if line[6] == "REST.GET.OBJECT" and line[9] == "206")
    assert len(one) == 27
    assert (one[0], one[1], one[4]) == (owner, logged.bucket, owner)
    assert abs(datetime.strptime(one[2], "%d/%b/%Y:%H:%M:%S +0000").replace(tzinfo=UTC).timestamp() + SOON
               - cloud.clock.now()) < 30
    assert (one[3], one[5]) == ("127.0.0.1", got["ResponseMetadata"]["RequestId"])
    assert (one[7], one[8].split("?")[0]) == ("a%20b/%C3%A4", f"GET /{logged.bucket}/a%20b/%C3%A4")
    assert (one[9], one[10], one[11], one[12]) == ("206", "-", "10", "1000")
    assert "Boto3" in one[16]
    assert (one[17], one[18]) == (put["VersionId"], got["ResponseMetadata"]["HostId"])
    assert (one[19], one[21]) == ("SigV4", "AuthHeader")
    assert (found["REST.PUT.OBJECT"][9], found["REST.PUT.OBJECT"][12]) == ("200", "1000")
    assert (found["REST.HEAD.OBJECT"][11], found["REST.HEAD.OBJECT"][12]) == ("-", "1000")
    assert any((line[9], line[10], line[7]) == ("404", "NoSuchKey", "none") for line in lines(logged))
    assert found["REST.GET.BUCKET"][7] == "-"
    assert found["REST.PUT.LOGGING_STATUS"][9] == "200"


def test_unsigned_presigned_and_users(logged: Any, cloud: Any) -> None:
    enable(logged)
    logged.put_object(Bucket=logged.bucket, Key="k", Body=b"x")
    url = logged.generate_presigned_url("get_object", Params={"Bucket": logged.bucket, "Key": "k"})
    urllib.request.urlopen(urllib.request.Request(url, headers={"Referer": "http://here/"})).read()
    iam = cloud.client("iam")
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    ann = cloud.client("s3", key=key["AccessKeyId"], secret=key["SecretAccessKey"])
    ann.get_object_tagging(Bucket=logged.bucket, Key="k")
    cloud.clock.advance(SOON)
    found = by_operation(logged)
    assert (found["REST.GET.OBJECT"][15], found["REST.GET.OBJECT"][21]) == ("http://here/", "QueryString")
    assert found["REST.GET.OBJECT_TAGGING"][4] == f"arn:aws:iam::{cloud.account}:user/ann"


def test_partitioned_names(logged: Any, cloud: Any) -> None:
    for source, hours in (("EventTime", "00-00-00-"), ("DeliveryTime", "")):
        enable(logged, TargetObjectKeyFormat={"PartitionedPrefix": {"PartitionDateSource": source}})
        before = set(keys(logged))
        logged.head_bucket(Bucket=logged.bucket)
        came = datetime.fromtimestamp(cloud.clock.now(), UTC)
        cloud.clock.advance(SOON)
        [key] = set(keys(logged)) - before
        start = f"log/{cloud.account}/us-east-1/{logged.bucket}/{came:%Y/%m/%d}/"
        if came.date() == datetime.fromtimestamp(cloud.clock.now(), UTC).date():
            assert key.startswith(f"{start}{came:%Y-%m-%d}-{hours}")
        assert len(key.rpartition("-")[2]) == 16


def test_nothing_more_comes_when_it_is_off(logged: Any, cloud: Any) -> None:
    enable(logged)
    cloud.clock.advance(SOON)
    first = len(lines(logged))
    logged.put_bucket_logging(Bucket=logged.bucket, BucketLoggingStatus={})
    logged.head_bucket(Bucket=logged.bucket)
    cloud.clock.advance(SOON)
    assert len(lines(logged)) == first
