"""Jobs of Batch Operations whose tasks are S3's own: S3 Control asks for a slice of them, and is told what came of each.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-batch-replication-batch.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-compute-checksums.html
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from cumulet.kernel import AwsError, Call, error, on, task

from . import bodies, checksums, replicating, restoring, sealing, versions
from .faults import absent, invalid_request, no_such_bucket
from .resources import Bucket, seal_of
from .rewriting import Known, Unknown, identity, settled

_INWARD = "cumulet.events"              # the source of what services here tell each other alone
_DONE = (200, "", "Successful")


@on("cumulet.events", "Batch Asked")
def begin(call: Call, event: dict[str, Any]) -> None:
    """Replicas are made in one transaction with what is told of them; bytes are read outside."""
    asked = event["detail"]
    if asked["operation"] == "S3ComputeObjectChecksum":
        call.task(sum_up, asked=asked)
        return
    results = []
    for number, bucket, key, version in asked["objects"]:
        try:
            _replicate(call, bucket, key, version or None)
        except AwsError as problem:
            results.append([number, *_failed(problem)])
        else:
            results.append([number, *_DONE])
    _tell(call, asked, results)


def _tell(call: Call, asked: Mapping[str, Any], results: list[list[Any]]) -> None:
    call.emit("Batch Done", {"place": asked["place"], "results": results}, source=_INWARD)


def _failed(problem: AwsError) -> tuple[int, str, str]:
    """Errors that S3's model has a shape for say no status themselves."""
    return problem.status or (404 if problem.code.startswith("NoSuch") else 400), problem.code, problem.message


def _bucket(call: Call, name: str) -> Bucket:
    """Jobs are about the buckets of their account."""
    bucket = call.table(Bucket).get(name)
    if bucket is None:
        raise no_such_bucket(name)
    if bucket.account != call.account:
        raise error.AccessDenied("Access Denied", 403)
    return bucket


def _replicate(call: Call, name: str, key: str, version: str | None) -> None:
    bucket = _bucket(call, name)
    if bucket.replication is None:
        raise absent("ReplicationConfigurationNotFoundError", "The replication configuration was not found", name)
    outcome = replicating.again_now(call, bucket, versions.find(call, bucket, key, version))
    if outcome == replicating.PENDING:
        raise error.ServiceUnavailable("Replication between these buckets is halted.", 503)
    if outcome == replicating.FAILED:
        raise error.named("ReplicationFailed", "The object could not be replicated to all of its destinations.", 400)
    if not outcome:
        raise invalid_request("The object is not eligible for replication.")


# --- checksums ----------------------------------------------------------------------------------------------------------


@task(retries=5)
async def sum_up(call: Call, asked: dict[str, Any]) -> None:
    """The checksums of some objects, one after the other."""
    algorithm, results = asked["options"].get("ChecksumAlgorithm") or checksums.DEFAULT, []
    for number, bucket, key, version in asked["objects"]:
        try:
            told = await _sum(call, bucket, key, version or None, algorithm)
        except AwsError as problem:
            results.append([number, *_failed(problem)])
        else:
            results.append([number, 200, "", told])
    await call.run(_tell, asked, results)


async def _sum(call: Call, bucket: str, key: str, version: str | None, algorithm: str) -> str:
    """What a report says of one object."""
    told: str = await settled(call, lambda call, known: _summed(call, bucket, key, version, algorithm, known))
    return told


def _summed(call: Call, name: str, key: str, version: str | None, algorithm: str, known: Known | None) -> str | Unknown:
    row = versions.find(call, _bucket(call, name), key, version)
    if known is None or not known.of(row):
        if not restoring.is_readable(row, call.now):
            raise error.InvalidObjectState("The operation is not valid for the object's storage class", 403)
        keys = sealing.opened(call, seal_of(row), sealing.NO_KEY)
        return Unknown(identity(row), bodies.pieces(call, row, 0, row.size), checksums.named(algorithm), keys)
    return json.dumps({"checksum_base64": known.checksum, "etag": row.etag, "checksumAlgorithm": algorithm,
                       "checksumType": checksums.FULL_OBJECT, "checksum_hex": base64.b64decode(known.checksum).hex().upper()},
                      separators=(",", ":"))
