"""Jobs before their work: the manifest is read, or generated a page at a time."""

from __future__ import annotations

import csv

from cumulet.kernel import AwsError, Call, task

from . import generating, manifests
from .resources import Job, Task
from .roles import check_role
from .working import end, work


@task(retries=5)
def prepare(call: Call, job: str) -> None:
    """Read the manifest, or begin to generate it."""
    row = call.table(Job).get(job)
    if row is None or row.status != "New":
        return
    if row.said["Manifest"] is None:
        row.status = "Preparing"
        call.put(row)
        call.task(generate, job=job)
        return
    try:
        for one in manifests.read(call, row):
            call.table(Task).put(one)
            row.total += 1
    except (AwsError, ValueError, csv.Error) as problem:
        _give_up(call, row, problem)
    else:
        _prepared(call, row)


@task(retries=5)
def generate(call: Call, job: str) -> None:
    """A page of the bucket; then a task of its own for the next one, or the manifest is written."""
    row = call.table(Job).get(job)
    if row is None or row.status != "Preparing":
        return
    try:
        if row.marker is None:
            _check_generator(call, row)
        tasks, row.marker = generating.Source(call, row).page(row.marker)
        for one in tasks:
            call.table(Task).put(one)
        row.total += len(tasks)
        wanted = row.said["ManifestGenerator"]["S3JobManifestGenerator"]
        if row.marker is None and wanted["EnableManifestOutput"]:
            row.generated = manifests.write(call, row, call.table(Task).iterate(job))
    except AwsError as problem:
        _give_up(call, row, problem)
        return
    if row.marker is None:
        _prepared(call, row)
    else:
        call.put(row)
        call.task(generate, job=job)


def _check_generator(call: Call, row: Job) -> None:
    """The role must be allowed to look through the bucket, and to write the manifest."""
    wanted = row.said["ManifestGenerator"]["S3JobManifestGenerator"]
    check_role(call, row.said["RoleArn"], "s3:PutInventoryConfiguration", wanted["SourceBucket"])
    if wanted["EnableManifestOutput"]:
        there = wanted["ManifestOutputLocation"]
        check_role(call, row.said["RoleArn"], "s3:PutObject", f"{there['Bucket']}/{manifests.folder(row)}/manifest.json")


def _give_up(call: Call, row: Job, problem: Exception) -> None:
    """There is no manifest to work on."""
    call.table(Task).delete_all(row.id)
    row.total = 0
    row.reasons = [(problem.code if isinstance(problem, AwsError) else "InvalidManifestContent", str(problem))]
    end(call, row, "Failed")


def _prepared(call: Call, row: Job) -> None:
    """The job begins, or waits to be confirmed."""
    row.status, row.suspended = ("Suspended", call.now) if row.said.get("ConfirmationRequired") else ("Ready", 0.0)
    call.put(row)
    if row.status == "Ready":
        call.task(work, job=row.id)
