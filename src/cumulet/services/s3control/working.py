"""Jobs at work: the manifest is read, its tasks are done a slice at a time, and the report is written."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from cumulet.kernel import AwsError, Call, Spool, parse_arn, principals, task, timer

from . import jobs
from .resources import Job, Task

_SLICE = 25
_KEPT = 90 * 86_400.0
_ENOUGH, _TOO_MANY = 1000, 0.5                   # of so many tasks, so large a part has failed: the job is given up
_SCHEMA = "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage"


@task(retries=5)
def prepare(call: Call, job: str) -> None:
    """Read the manifest; then the job begins, or waits to be confirmed."""
    row = call.table(Job).get(job)
    if row is None or row.status != "New":
        return
    try:
        for one in jobs.lines(_manifest(call, row), row):
            call.table(Task).put(one)
            row.total += 1
    except (AwsError, ValueError, csv.Error) as problem:
        call.table(Task).delete_all(job)
        row.total = 0
        row.reasons = [(problem.code if isinstance(problem, AwsError) else "InvalidManifestContent", str(problem))]
        end(call, row, "Failed")
        return
    row.status = "Suspended" if row.said.get("ConfirmationRequired") else "Ready"
    call.put(row)
    if row.status == "Ready":
        call.task(work, job=job)


def _manifest(call: Call, row: Job) -> bytes:
    place = row.said["Manifest"]["Location"]
    arn = parse_arn(place["ObjectArn"])
    assert arn is not None
    bucket, _, key = arn.resource.partition("/")
    found = call.as_service().s3.get_object(Bucket=bucket, Key=key, VersionId=place.get("ObjectVersionId"),
                                            IfMatch=place["ETag"])
    return call.read(found["Body"])


@task(retries=5)
async def work(call: Call, job: str) -> None:
    """The next tasks; then a task of its own for those behind them, or the report."""
    for number in await call.run(_next, job):
        asked = await call.run(_ask, job, number)
        if asked is not None:                    # S3 copies outside of transactions
            try:
                await asked
            except AwsError as problem:
                await call.run(_note, job, number, problem)
            else:
                await call.run(_note, job, number, None)
    await call.run(_go_on, job)


def _next(call: Call, job: str) -> list[int]:
    row = call.table(Job).get(job)
    if row is None or row.status not in ("Ready", "Active"):
        return []
    call.table(Job).change(job, status="Active")
    return list(range(row.done, min(row.done + _SLICE, row.total)))


def _ask(call: Call, job: str, number: int) -> Any:
    """Do one task. What S3 does at once is noted with it; else what to wait for."""
    row, one = call.table(Job).get(job), call.table(Task).get(job, number)
    if row is None or one is None or one.status or row.status != "Active":
        return None
    asked = jobs.plan(row, one)
    try:
        for action, arn in asked.actions:
            _check_role(call, row.said["RoleArn"], action, arn)
        found = getattr(call.as_service().s3, asked.operation)(**asked.members)
    except AwsError as problem:
        _note(call, job, number, problem)
        return None
    if not isinstance(found, dict):
        return found
    _note(call, job, number, None)
    return None


def _check_role(call: Call, role: str, action: str, arn: str) -> None:
    """Where IAM is enforced, the job can do no more than its role."""
    root = principals.principal_of(call, f"arn:aws:iam::{call.account}:root")
    here = call.elsewhere()
    if root is not None:
        here.principal = root
    if principals.mode_of(here) != "enforce":
        return
    principal = principals.principal_of(call, role)
    if principal is None or principals.simulate(call, principal, None, None, action, arn,
                                                owner=call.account).decision != "allowed":
        raise AwsError("AccessDenied", "Access Denied", 403)


def _note(call: Call, job: str, number: int, problem: AwsError | None) -> None:
    """What came of one task."""
    row, one = call.table(Job).get(job), call.table(Task).get(job, number)
    if row is None or one is None or one.status:
        return
    one.status, one.code, one.message = 200, "", "Successful"
    if problem is not None:                      # errors that S3's model has a shape for say no status themselves
        one.status = problem.status or (404 if problem.code.startswith("NoSuch") else 400)
        one.code, one.message = problem.code, problem.message
    call.put(one)
    call.table(Job).change(job, done=number + 1, succeeded=row.succeeded + (problem is None),
                           failed=row.failed + (problem is not None))


def _go_on(call: Call, job: str) -> None:
    row = call.table(Job).get(job)
    if row is None or row.status != "Active":
        return
    attempted = row.succeeded + row.failed
    given_up = attempted >= _ENOUGH and row.failed > attempted * _TOO_MANY
    if row.done < row.total and not given_up:
        call.task(work, job=job)
        return
    if given_up:
        row.reasons = [("JobFailureRateThresholdExceeded", "More than half of the tasks failed.")]
    end(call, row, "Failed" if given_up else "Complete")
    if row.said["Report"]["Enabled"]:
        call.task(report, job=job)


def end(call: Call, row: Job, status: str) -> None:
    """It is over, and told for 90 days yet."""
    row.status, row.ended = status, call.now
    call.put(row)
    call.at(call.now + _KEPT, forget, name=row.id, job=row.id)


@timer
def forget(call: Call, job: str) -> None:
    """Nobody asks any more what became of each object."""
    call.table(Task).delete_all(job)
    call.table(Job).delete(job)


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
        if one.status and (one.status == 200) == (status == "succeeded"):
            yield [one.bucket, one.key, one.version, status, one.code, one.status, one.message]


def _bucket(row: Job) -> str:
    return str(row.said["Report"]["Bucket"]).rpartition(":")[2]


def _put(call: Call, row: Job, name: str, data: bytes) -> str:
    prefix = row.said["Report"].get("Prefix")
    key = f"{prefix}/job-{row.id}/{name}" if prefix else f"job-{row.id}/{name}"
    call.as_service().s3.put_object(Bucket=_bucket(row), Key=key, Body=Spool(data),
                               ExpectedBucketOwner=row.said["Report"].get("ExpectedBucketOwner"))
    return key
