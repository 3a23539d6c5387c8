"""Jobs that replicate what is there already: S3 is told which versions, and tells what came of them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-batch.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call

from .resources import Task

INWARD = "cumulet.events"               # the source of what services here tell each other alone


def hand_over(call: Call, job: str, round: int, until: int, tasks: Sequence[Task]) -> None:
    """One slice of a job. until: how many tasks the round has been through when these are done."""
    call.emit("Replication Asked", {"job": job, "round": round, "until": until, "versions": [
        [one.number, one.bucket, one.key, one.version] for one in tasks]}, source=INWARD)


def results(event: dict[str, Any]) -> list[tuple[int, int, str, str]]:
    """The number of each task, HTTP's status, the code of an error, and a sentence."""
    return [(one[0], one[1], one[2], one[3]) for one in event["detail"]["results"]]
