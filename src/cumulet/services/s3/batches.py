"""Batch Replication: S3 Control's jobs ask for replicas of versions that are there already, and are told what came of each.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-batch.html
"""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, error, on

from . import replicating, versions
from .faults import absent, invalid_request, no_such_bucket
from .resources import Bucket

_INWARD = "cumulet.events"              # the source of what services here tell each other alone


@on("cumulet.events", "Replication Asked")
def replicate_asked(call: Call, event: dict[str, Any]) -> None:
    """Some versions, in one transaction with what is told of them."""
    asked = event["detail"]
    results = []
    for number, bucket, key, version in asked["versions"]:
        try:
            _replicate(call, bucket, key, version or None)
        except AwsError as problem:
            status = problem.status or (404 if problem.code.startswith("NoSuch") else 400)
            results.append([number, status, problem.code, problem.message])
        else:
            results.append([number, 200, "", "Successful"])
    call.emit("Replication Done", {"job": asked["job"], "round": asked["round"], "until": asked["until"], "results": results},
              source=_INWARD)


def _replicate(call: Call, name: str, key: str, version: str | None) -> None:
    bucket = call.table(Bucket).get(name)
    if bucket is None:
        raise no_such_bucket(name)
    if bucket.account != call.account:
        raise error.AccessDenied("Access Denied", 403)
    if bucket.replication is None:
        raise absent("ReplicationConfigurationNotFoundError", "The replication configuration was not found", name)
    outcome = replicating.again_now(call, bucket, versions.find(call, bucket, key, version))
    if outcome == replicating.PENDING:
        raise error.ServiceUnavailable("Replication between these buckets is halted.", 503)
    if outcome == replicating.FAILED:
        raise error.named("ReplicationFailed", "The object could not be replicated to all of its destinations.", 400)
    if not outcome:
        raise invalid_request("The object is not eligible for replication.")
