"""Jobs whose tasks S3 does itself: it is told of a slice of them, and tells what came of each.

Replicating what is there: https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-batch.html
Checksums of what is there: https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-compute-checksums.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, not_implemented

from .manifests import bad
from .resources import Task

_INWARD = "cumulet.events"              # the source of what services here tell each other alone
# What the job's role must be allowed.
ACTIONS = {"S3ReplicateObject": "s3:InitiateReplication", "S3ComputeObjectChecksum": "s3:GetObject"}


def check(name: str, options: Mapping[str, Any]) -> None:
    """What CreateJob says of such an operation, or an error."""
    kind = options.get("ChecksumType") or "FULL_OBJECT"
    if kind not in ("FULL_OBJECT", "COMPOSITE"):
        raise bad(f"Invalid ChecksumType: {kind}")
    if kind == "COMPOSITE":
        raise not_implemented(f"s3control: jobs of {name} for composite checksums")


def hand_over(call: Call, operation: tuple[str, Mapping[str, Any]], place: Mapping[str, Any], tasks: Sequence[Task]) -> None:
    """place: of the slice in its job, which S3 gives back with the results."""
    name, options = operation
    call.emit("Batch Asked", {"operation": name, "options": dict(options), "place": dict(place), "objects": [
        [one.number, one.bucket, one.key, one.version] for one in tasks]}, source=_INWARD)


def results(event: Mapping[str, Any]) -> list[tuple[int, int, str, str]]:
    """The number of each task, HTTP's status, the code of an error, and a sentence."""
    return [(one[0], one[1], one[2], one[3]) for one in event["detail"]["results"]]
