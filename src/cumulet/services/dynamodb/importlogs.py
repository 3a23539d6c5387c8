"""What was wrong with records of an import, told to CloudWatch Logs: a stream an import, an event a record, 10,000 at most.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/S3DataImport.Validation.html
"""

from __future__ import annotations

from typing import Any

import orjson

from cumulet.kernel import AwsError, Call

from .archives import Import

GROUP = "/aws-dynamodb/imports"
_MOST = 10_000


def arn_of(table: str) -> str:
    """The log group beside a table's ARN."""
    _, partition, _, region, account, _ = table.split(":", 5)
    return f"arn:{partition}:logs:{region}:{account}:log-group:{GROUP}:*"


def tell(call: Call, row: Import, key: str, wrong: list[tuple[int, str]]) -> None:
    """Write down the places of wrong records in their object, and why. row.errors: how many there were before."""
    room = max(0, _MOST - row.errors)
    events = [{"timestamp": int(call.now * 1000), "message": _line(row, key, at, why)} for at, why in wrong[:room]]
    if not events:
        return
    logs = call.as_service(row.told["ImportArn"]).logs
    try:
        if not row.errors:
            _make(logs, row.id)
        logs.put_log_events(logGroupName=GROUP, logStreamName=row.id, logEvents=events)
    except AwsError:
        return                                                   # a log that cannot be written does not hold up an import


def _line(row: Import, key: str, at: int, why: str) -> str:
    pointer = {"bucket": row.told["S3BucketSource"]["S3Bucket"], "key": key, "itemIndex": at}
    told = {"itemS3Pointer": pointer, "importArn": row.told["ImportArn"], "errorMessages": [why]}
    return orjson.dumps(told).decode()


def _make(logs: Any, stream: str) -> None:
    try:
        logs.create_log_group(logGroupName=GROUP)
    except AwsError as problem:
        if problem.code != "ResourceAlreadyExistsException":
            raise
    logs.create_log_stream(logGroupName=GROUP, logStreamName=stream)
