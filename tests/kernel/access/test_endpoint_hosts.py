"""Hosts of VPC endpoints, read."""

from __future__ import annotations

import pytest

from cumulet.kernel.wire.hosts import look

ID = "vpce-0a1b2c3d4e5f60718"


@pytest.mark.parametrize(("host", "service", "bucket"), [
    (f"{ID}-abcd1234.sqs.us-east-1.vpce.amazonaws.com", "sqs", ""),
    (f"{ID}-abcd1234-us-east-1b.sqs.us-east-1.vpce.amazonaws.com", "sqs", ""),
    (f"{ID}-abcd1234.sqs.us-east-1.vpce.localhost:4566", "sqs", ""),
    (f"{ID}-abcd1234.kinesis.us-east-1.vpce.localhost", "kinesis", ""),
    (f"{ID}-abcd1234.api.ecr.us-east-1.vpce.localhost", "ecr", ""),
    (f"{ID}-abcd1234.s3.us-east-1.vpce.localhost", "s3", ""),
    (f"bucket.{ID}-abcd1234.s3.us-east-1.vpce.amazonaws.com", "s3", ""),
    (f"My.Bucket.bucket.{ID}-abcd1234.s3.us-east-1.vpce.amazonaws.com", "s3", "My.Bucket"),
    (f"mine.{ID}-abcd1234.s3.us-east-1.vpce.localhost", "s3", "mine"),
    (f"point-111122223333.accesspoint.{ID}-abcd1234.s3.us-east-1.vpce.amazonaws.com", "s3", "point-111122223333"),
    (f"111122223333.control.{ID}-abcd1234.s3.us-east-1.vpce.amazonaws.com", "s3control", ""),
    (f"{ID}-ABCD1234.SQS.us-east-1.VPCE.amazonaws.com", "sqs", "")])
def test_the_endpoint_the_service_and_the_bucket(host: str, service: str, bucket: str) -> None:
    found = look(host)
    assert (found.vpce, found.service, found.bucket, found.region) == (ID, service, bucket, "us-east-1")


@pytest.mark.parametrize(("host", "bucket"), [
    (f"{ID}-abcd1234.s3.us-east-1.amazonaws.com", f"{ID}-abcd1234"), ("vpce.s3.us-east-1.amazonaws.com", "vpce"),
    ("vpce-svc-1.s3.localhost", "vpce-svc-1"), (f"vpce.{ID}-a.localhost", ""), (f"{ID}.sqs.us-east-1.vpce.localhost", ""),
    ("localhost:4566", ""), ("vpce.localhost", "")])
def test_what_only_looks_like_one(host: str, bucket: str) -> None:
    found = look(host)
    assert (found.vpce, found.bucket) == ("", bucket)
