"""What comes of a job's tasks, and when one that failed is tried again."""

from __future__ import annotations

from typing import NamedTuple

from cumulet.kernel import AwsError, Call

from .resources import Job, Task

ROUNDS = (60.0, 120.0, 240.0)           # seconds until those that failed for the time being are tried again
_PASSING = (429, 500, 502, 503)
# Errors that a model has a shape for say no status themselves.
_SHAPED = {"ResourceNotFoundException": 404, "TooManyRequestsException": 429, "ServiceException": 500}


class Outcome(NamedTuple):
    """status: HTTP's.  code: of an error, or "".  again: may another attempt do better?"""

    status: int
    code: str
    message: str
    again: bool = False


DONE = Outcome(200, "", "Successful")


def failure(problem: AwsError) -> Outcome:
    """What S3 or Lambda refused."""
    status = problem.status or _SHAPED.get(problem.code) or (404 if problem.code.startswith("NoSuch") else 400)
    return told(status, problem.code, problem.message)


def told(status: int, code: str, message: str) -> Outcome:
    """What came of a task that was done elsewhere."""
    return Outcome(status, code, message, status in _PASSING)


def note(call: Call, job: str, number: int, outcome: Outcome) -> None:
    """What came of one task; nothing where it is known already, or is to be tried again."""
    row, one = call.table(Job).get(job), call.table(Task).get(job, number)
    if row is None or one is None or one.status or (outcome.again and row.round < len(ROUNDS)):
        return
    one.status, one.code, one.message = outcome.status, outcome.code, outcome.message
    call.put(one)
    call.table(Job).change(job, succeeded=row.succeeded + (not outcome.code), failed=row.failed + bool(outcome.code))
