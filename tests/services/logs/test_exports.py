"""Events exported to a bucket."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from conftest import Cloud
from cumulet.kernel import AwsError, Call
from services.events.conftest import inside
from services.sqs.queues import refused


def test_streams_become_objects(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    s3, bucket = cloud.client("s3"), f"b{cloud.account}"
    s3.create_bucket(Bucket=bucket)
    logs.create_log_stream(logGroupName=group, logStreamName="other/two")
    put(["first", "second ü"], at=-60)
    put(["third"], stream="other/two")
    put(["too early"], at=-7200)
    now = int(cloud.clock.now() * 1000)
    task = logs.create_export_task(**{"logGroupName": group, "from": now - 3_600_000, "to": now, "destination": bucket,
                                      "taskName": "t"})["taskId"]
    cloud.clock.idle()
    (told,) = logs.describe_export_tasks(taskId=task)["exportTasks"]
    assert (told["status"]["code"], told["taskName"], told["from"]) == ("COMPLETED", "t", now - 3_600_000)
    keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=bucket)["Contents"]]
    assert sorted(keys) == sorted(["exportedlogs/aws-logs-write-test", f"exportedlogs/{task}/one/000000.gz",
                                   f"exportedlogs/{task}/other-two/000000.gz"])
    body = gzip.decompress(s3.get_object(Bucket=bucket, Key=f"exportedlogs/{task}/one/000000.gz")["Body"].read()).decode()
    assert [line[23:] for line in body.splitlines()] == ["Z first", "Z second ü"]
    assert logs.describe_export_tasks(statusCode="RUNNING")["exportTasks"] == []
    with refused("InvalidOperationException", "already finished"):
        logs.cancel_export_task(taskId=task)
    with refused("InvalidParameterException", "PutObject call on the given bucket failed."):
        logs.create_export_task(**{"logGroupName": group, "from": 0, "to": now, "destination": "none" + bucket})


def test_an_export_is_cancelled_and_there_is_one_at_a_time(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    s3, bucket = cloud.client("s3"), f"b{cloud.account}"
    s3.create_bucket(Bucket=bucket)
    put(["a"])
    members = {"logGroupName": group, "from": 0, "to": int(cloud.clock.now() * 1000), "destination": bucket}

    def start_and_cancel(call: Call) -> str:
        task = call.aws.logs.create_export_task(**members)["taskId"]
        call.aws.logs.cancel_export_task(taskId=task)
        return str(task)

    task = inside(cloud, start_and_cancel)
    cloud.clock.idle()
    assert logs.describe_export_tasks(taskId=task)["exportTasks"][0]["status"]["code"] == "CANCELLED"
    assert len(s3.list_objects_v2(Bucket=bucket)["Contents"]) == 1

    for i in range(40):                                  # one stream after the other: there is time to cancel
        logs.create_log_stream(logGroupName=group, logStreamName=f"s{i}")
        put(["a"], stream=f"s{i}")
    task = logs.create_export_task(**members)["taskId"]
    logs.cancel_export_task(taskId=task)
    cloud.clock.idle()
    assert task in [each["taskId"] for each in logs.describe_export_tasks(statusCode="CANCELLED")["exportTasks"]]
    written = s3.list_objects_v2(Bucket=bucket, Prefix=f"exportedlogs/{task}/")["KeyCount"]
    assert written < 40                                  # what was begun is not gone on with

    def start_two(call: Call) -> None:
        call.aws.logs.create_export_task(**members)
        with pytest.raises(AwsError, match="Resource limit exceeded"):
            call.aws.logs.create_export_task(**members)

    inside(cloud, start_two)
    with refused("ResourceNotFoundException", "export task"):
        logs.cancel_export_task(taskId="none")
