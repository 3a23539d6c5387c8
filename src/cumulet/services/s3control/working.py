"""Jobs at work: their tasks are done a slice at a time, in rounds."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, NamedTuple

from cumulet.kernel import AwsError, Call, on, task, timer

from . import handing, invoking, jobs, plans
from .outcomes import DONE, ROUNDS, failure, note, told
from .reporting import report
from .resources import Job, Task
from .roles import as_root, check_role

_SLICE, _AT_ONCE = 25, 4                         # each of those may be a function, in a sandbox of its own
_KEPT = 90 * 86_400.0
_ENOUGH, _TOO_MANY = 1000, 0.5                   # of so many tasks, so large a part has failed: the job is given up


class Slice(NamedTuple):
    """Some tasks of a round: from the first to the one before `until`."""

    round: int
    first: int
    until: int


@task(retries=5)
async def work(call: Call, job: str) -> None:
    """The next tasks, some at once; then a task of its own for those behind them, or the report."""
    slice = await call.run(_next, job)
    if slice is None:
        return
    if await call.run(_hand_over, job, slice):
        return
    numbers = iter(range(slice.first, slice.until))
    await asyncio.gather(*(_some(call, job, numbers) for _ in range(_AT_ONCE)))
    await call.run(_go_on, job, slice)


def _next(call: Call, job: str) -> Slice | None:
    row = call.table(Job).get(job)
    if row is None or row.status not in ("Ready", "Active"):
        return None
    call.table(Job).change(job, status="Active", began=row.began or call.now)
    return Slice(row.round, row.done, min(row.done + _SLICE, row.total))


async def _some(call: Call, job: str, numbers: Iterator[int]) -> None:
    """One after the other, of those that nobody else has taken."""
    for number in numbers:
        await _do(call, job, number)


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
            check_role(call, row.said["RoleArn"], action, arn)
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
    check_role(call, row.said["RoleArn"], "lambda:InvokeFunction", arn)
    event = invoking.event(row, one, jobs.operation_of(row)[1], call.token(52))
    return getattr(as_root(call).aws, "lambda").invoke(FunctionName=function, Payload=event)


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
            check_role(call, row.said["RoleArn"], action, f"arn:aws:s3:::{one.bucket}/{one.key}")
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
        note(call, place["job"], number, told(status, code, message))
    _go_on(call, place["job"], Slice(place["round"], place["first"], place["until"]))


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
    elif attempted < row.total and row.round < len(ROUNDS):
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
