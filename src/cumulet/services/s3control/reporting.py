"""The report of a job that is over: what came of each object.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-examples-reports.html
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from cumulet.kernel import Call, Spool, task

from . import jobs
from .resources import Job, Task

_SCHEMA = "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage"


@task(retries=5)
def report(call: Call, job: str) -> None:
    """Two lists of results, where there are any, and a manifest of them."""
    row = call.table(Job).get(job)
    if row is None:
        return
    results = []
    for status in ("succeeded", "failed"):
        if status == "succeeded" and row.said["Report"]["ReportScope"] == "FailedTasksOnly":
            continue
        lines = list(_results(call, row, status))
        if not lines:
            continue
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(lines)
        data = text.getvalue().encode()
        sums = hashlib.md5(data, usedforsecurity=False).hexdigest()
        key = _put(call, row, f"results/{sums}.csv", data)
        results.append({"TaskExecutionStatus": status, "Bucket": _bucket(row), "MD5Checksum": sums, "Key": key})
    said = {"Format": jobs.REPORT, "ReportCreationDate": datetime.fromtimestamp(row.ended, UTC).isoformat(), "Results": results,
            "ReportSchema": _SCHEMA}
    _put(call, row, "manifest.json", msgspec.json.encode(said))


def _results(call: Call, row: Job, status: str) -> Iterator[list[Any]]:
    for one in call.table(Task).iterate(row.id):
        if one.status and (not one.code) == (status == "succeeded"):
            yield [one.bucket, one.key, one.version, status, one.status, one.code, one.message]


def _bucket(row: Job) -> str:
    return str(row.said["Report"]["Bucket"]).rpartition(":")[2]


def _put(call: Call, row: Job, name: str, data: bytes) -> str:
    prefix = row.said["Report"].get("Prefix")
    key = f"{prefix}/job-{row.id}/{name}" if prefix else f"job-{row.id}/{name}"
    call.as_service().s3.put_object(Bucket=_bucket(row), Key=key, Body=Spool(data),
                               ExpectedBucketOwner=row.said["Report"].get("ExpectedBucketOwner"))
    return key
