"""Services hear of their answered calls: in batches, never twice, never more than is kept."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from cumulet.kernel.record import answers


def test_who_does_not_listen_hears_nothing(cloud: Any) -> None:
    cloud.client("sqs").list_queues()
    cloud.client("s3").list_buckets()
    assert cloud.kernel.catalog.promise("sqs", "ListQueues").heard is None
    assert cloud.kernel.catalog.promise("s3", "ListBuckets").heard.name == "heard"
    assert "sqs" not in cloud.kernel.answers._pending


def test_each_answer_is_told_once_with_what_was_asked_for(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    s3, bucket = cloud.client("s3"), f"heard-{cloud.account}"
    s3.create_bucket(Bucket=bucket)
    s3.put_bucket_metrics_configuration(Bucket=bucket, Id="all", MetricsConfiguration={"Id": "all"})
    cloud.clock.advance(1)
    monkeypatch.setattr(cloud.kernel.catalog.load("s3").answered, "run", lambda call, batch: told.extend(batch))
    s3.put_object(Bucket=bucket, Key="k", Body=b"12345")
    s3.put_object(Bucket=bucket, Key="long", Body=b"1" * 500_000)
    s3.get_object(Bucket=bucket, Key="k")["Body"].read()
    s3.get_object(Bucket=bucket, Key="long")["Body"].read()
    with pytest.raises(ClientError):
        s3.get_object(Bucket=bucket, Key="none", VersionId="null")
    cloud.clock.advance(1)
    mine = [one for one in told if one.members[0] == bucket]
    assert [(one.operation, one.members, one.status, one.error) for one in mine] == [
        ("PutObject", (bucket, "k", None), 200, ""), ("PutObject", (bucket, "long", None), 200, ""),
        ("GetObject", (bucket, "k", None), 200, ""), ("GetObject", (bucket, "long", None), 200, ""),
        ("GetObject", (bucket, "none", "null"), 404, "NoSuchVersion")]
    assert (mine[0].received, mine[2].sent, mine[2].principal.account) == (5, 5, cloud.account)
    assert mine[3].sent == 500_000                       # from a file


def test_what_nobody_listens_to_is_not_told(cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    s3, bucket = cloud.client("s3"), f"unheard-{cloud.account}"
    s3.create_bucket(Bucket=bucket)
    s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    cloud.clock.advance(1)                               # from now on it is known that the bucket will be measured
    monkeypatch.setattr(cloud.kernel.catalog.load("s3").answered, "run", lambda call, batch: told.extend(
        one.operation for one in batch if one.members[0] == bucket))
    s3.put_object(Bucket=bucket, Key="k", Body=b"2")
    s3.get_object(Bucket=bucket, Key="k")
    with pytest.raises(ClientError):
        s3.get_object(Bucket=bucket, Key="none")
    s3.put_bucket_metrics_configuration(Bucket=bucket, Id="all", MetricsConfiguration={"Id": "all"})
    s3.head_object(Bucket=bucket, Key="k")
    s3.delete_bucket_metrics_configuration(Bucket=bucket, Id="all")
    s3.head_object(Bucket=bucket, Key="k")
    cloud.clock.advance(86_400)
    s3.delete_object(Bucket=bucket, Key="k")             # it is to be measured again
    cloud.clock.advance(1)
    assert told == ["PutBucketMetricsConfiguration", "HeadObject", "DeleteBucketMetricsConfiguration", "DeleteObject"]
    assert not cloud.kernel.answers.unheard


def test_what_comes_too_fast_is_dropped_and_counted(start_cloud: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answers, "PENDING", 3)
    monkeypatch.setattr(answers, "_EVERY", 60)
    thread = start_cloud()
    s3 = boto3.client("s3", endpoint_url=thread.cloud.endpoint, aws_access_key_id="1" * 12,
                                    aws_secret_access_key="x", region_name="us-east-1")
    for _ in range(5):
        s3.list_buckets()
    assert thread.cloud.answers.dropped == 2
    assert len(thread.cloud.answers._pending["s3"]) == 3
    thread.call(thread.cloud.answers.settle())
    assert not thread.cloud.answers._pending["s3"]
