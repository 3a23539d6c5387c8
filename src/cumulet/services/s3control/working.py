"""Jobs at work: the manifest is read or generated, and its tasks are done a slice at a time."""

from __future__ import annotations

import asyncio
import csv
from typing import Any, NamedTuple

from cumulet.kernel import AwsError, Call, on, principals, task, timer

from . import generating, handing, invoking, jobs, manifests, plans
from .outcomes import DONE, ROUNDS, Outcome, failure, note
from .reporting import report
from .resources import Job, Task

_SLICE = 25
_KEPT = 90 * 86_400.0
_ENOUGH, _TOO_MANY = 1000, 0.5                   # of so many tasks, so large a part has failed: the job is given up


class Slice(NamedTuple):
    """Some tasks of a round: from the first to the one before `until`."""

    round: int
    first: int
    until: int


# --- the manifest -------------------------------------------------------------------------------------------------------


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
    """Where IAM is enforced, the role must be allowed to look through the bucket, and to write the manifest.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-iam-role-policies.html
    """
    wanted = row.said["ManifestGenerator"]["S3JobManifestGenerator"]
    _check_role(call, row.said["RoleArn"], "s3:PutInventoryConfiguration", wanted["SourceBucket"])
    if wanted["EnableManifestOutput"]:
        place = f"{wanted['ManifestOutputLocation']['Bucket']}/{wanted['ManifestOutputLocation'].get('ManifestPrefix') or ''}"
        _check_role(call, row.said["RoleArn"], "s3:PutObject", place)


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


# --- the tasks ----------------------------------------------------------------------------------------------------------


@task(retries=5)
async def work(call: Call, job: str) -> None:
    """The next tasks, all at once; then a task of its own for those behind them, or the report."""
    slice = await call.run(_next, job)
    if slice is None:
        return
    if await call.run(_hand_over, job, slice):
        return
    await asyncio.gather(*(_do(call, job, number) for number in range(slice.first, slice.until)))
    await call.run(_go_on, job, slice)


def _next(call: Call, job: str) -> Slice | None:
    row = call.table(Job).get(job)
    if row is None or row.status not in ("Ready", "Active"):
        return None
    call.table(Job).change(job, status="Active", began=row.began or call.now)
    return Slice(row.round, row.done, min(row.done + _SLICE, row.total))


async def _do(call: Call, job: str, number: int) -> None:
    running = await call.run(_ask, job, number)
    if running is None:
        return
    try:
        answer = await running
    except AwsError as problem:
        await call.run(note, job, number, failure(problem))
    else:
        await call.run(_answered, job, number, answer)


def _ask(call: Call, job: str, number: int) -> Any:
    """Do one task. What S3 does at once is noted with it; else what to wait for."""
    row, one = call.table(Job).get(job), call.table(Task).get(job, number)
    if row is None or one is None or one.status or row.status != "Active":
        return None
    name, said = jobs.operation_of(row)
    try:
        if name == jobs.INVOKE:
            return _invoke(call, row, one, said["FunctionArn"])
        asked = plans.plan(name, said, one)
        for action, arn in asked.actions:
            _check_role(call, row.said["RoleArn"], action, arn)
        found = getattr(call.as_service().s3, asked.operation)(**asked.members)
    except AwsError as problem:
        note(call, job, number, failure(problem))
        return None
    if not isinstance(found, dict):
        return found                             # S3 copies outside of transactions
    note(call, job, number, DONE)
    return None


def _invoke(call: Call, row: Job, one: Task, function: str) -> Any:
    name = function.rpartition("function:")[2]
    arn = function if function.startswith("arn:") else f"arn:aws:lambda:{call.region}:{call.account}:function:{name}"
    _check_role(call, row.said["RoleArn"], "lambda:InvokeFunction", arn)
    event = invoking.event(row, one, jobs.operation_of(row)[1], call.token(52))
    return getattr(_as_root(call).aws, "lambda").invoke(FunctionName=function, Payload=event)


def _answered(call: Call, job: str, number: int, answer: dict[str, Any]) -> None:
    row, one = call.table(Job).get(job), call.table(Task).get(job, number)
    if row is not None and one is not None:
        invoked = jobs.operation_of(row)[0] == jobs.INVOKE
        note(call, job, number, invoking.outcome(one, answer) if invoked else DONE)


def _hand_over(call: Call, job: str, slice: Slice) -> bool:
    """Some operations are S3's own: is it asked to do these?"""
    row = call.table(Job).get(job)
    if row is None or jobs.operation_of(row)[0] not in handing.ACTIONS:
        return False
    asked, action = [], handing.ACTIONS[jobs.operation_of(row)[0]]
    for number in range(slice.first, slice.until):
        one = call.table(Task).get(job, number)
        if one is None or one.status:
            continue
        try:
            _check_role(call, row.said["RoleArn"], action, f"arn:aws:s3:::{one.bucket}/{one.key}")
        except AwsError as problem:
            note(call, job, number, failure(problem))
        else:
            asked.append(one)
    if not asked:
        _go_on(call, job, slice)
    else:
        handing.hand_over(call, jobs.operation_of(row), {"job": job, **slice._asdict()}, asked)
    return True


@on("cumulet.events", "Batch Done")
def handed_back(call: Call, event: dict[str, Any]) -> None:
    """What came of a slice that S3 was asked to do."""
    place = event["detail"]["place"]
    for number, status, code, message in handing.results(event):
        note(call, place["job"], number, Outcome(status, code, message))
    _go_on(call, place["job"], Slice(place["round"], place["first"], place["until"]))


def _as_root(call: Call) -> Call:
    """The account's own root, which its role acts for."""
    root = principals.principal_of(call, f"arn:aws:iam::{call.account}:root")
    here = call.elsewhere()
    if root is not None:
        here.principal = root
    return here


def _check_role(call: Call, role: str, action: str, arn: str) -> None:
    """Where IAM is enforced, the job can do no more than its role."""
    if principals.mode_of(_as_root(call)) != "enforce":
        return
    principal = principals.principal_of(call, role)
    if principal is None or principals.simulate(call, principal, None, None, action, arn,
                                                owner=call.account).decision != "allowed":
        raise AwsError("AccessDenied", "Access Denied", 403)


def _go_on(call: Call, job: str, slice: Slice) -> None:
    """The slice is done, once: whoever comes second, after a restart, finds that it went on."""
    row = call.table(Job).get(job)
    if row is None or row.status != "Active" or row.round != slice.round or row.done > slice.until or (
            row.done == slice.until and row.done < row.total):
        return
    row.done = slice.until
    attempted = row.succeeded + row.failed
    if attempted >= _ENOUGH and row.failed > attempted * _TOO_MANY:
        row.reasons = [("JobFailureRateThresholdExceeded", "More than half of the tasks failed.")]
        end(call, row, "Failed")
    elif row.done < row.total:
        call.put(row)
        call.task(work, job=job)
    elif attempted < row.total:
        call.at(call.now + ROUNDS[row.round], again, name=job, job=job)
        row.round, row.done = row.round + 1, 0
        call.put(row)
    else:
        end(call, row, "Complete")


@timer
def again(call: Call, job: str) -> None:
    """Another round for those that failed for the time being."""
    call.task(work, job=job)


def end(call: Call, row: Job, status: str) -> None:
    """It is over, and told for 90 days yet; where something was done, there is a report."""
    row.status, row.ended = status, call.now
    call.put(row)
    if row.said["Report"]["Enabled"] and (status == "Complete" or row.succeeded + row.failed):
        call.task(report, job=row.id)
    call.at(call.now + _KEPT, forget, name=row.id, job=row.id)


@timer
def forget(call: Call, job: str) -> None:
    """Nobody asks any more what became of each object."""
    call.table(Task).delete_all(job)
    call.table(Job).delete(job)
