"""Which tables are copied to which table buckets, and what nobody may do to a copy.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-tables-replication-how-replication-works.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cumulet.kernel import AwsError, Call, error, parse_arn

from . import managed
from .faults import bad_request, missing, stale
from .resources import Copied, Table, TableBucket

_INWARD = "cumulet.events"                       # the source of what services here tell each other alone
PENDING, COMPLETED, FAILED = "pending", "completed", "failed"
_TOKEN = 20
Said = dict[str, Any]


def of(call: Call, row: Table) -> Said | None:
    """The configuration that holds for a table: its own, else its bucket's. Copies are not copied on, nor are AWS's tables."""
    if row.source or managed.is_managed(row.bucket):
        return None
    if row.replication is not None:
        return row.replication
    bucket = call.table(TableBucket).known(row.bucket)
    return bucket.replication if bucket is not None else None


def destinations(said: Mapping[str, Any]) -> list[str]:
    """The table buckets that a configuration copies to."""
    return [one["destinationTableBucketARN"] for rule in said["rules"] for one in rule["destinations"]]


def checked(call: Call, source: str, bucket: str, old: Said | None, token: str | None, said: Mapping[str, Any]) -> Said:
    """A configuration as it is kept, for the table bucket with this ARN and name, or an error."""
    if managed.is_managed(bucket):
        raise managed.refused()
    check_token(old, token)
    found = destinations(said)
    if len(set(found)) < len(found):
        raise bad_request("A destination table bucket must be specified once.")
    for arn in found:
        parts = parse_arn(arn)
        if arn == source or parts is None or parts.service != "s3tables":
            raise bad_request("The source table bucket cannot be its own destination." if arn == source else
                              "The specified destination ARN is not valid.")
        there = call.elsewhere(parts.account, parts.region)
        row = there.table(TableBucket).get(parts.resource.removeprefix("bucket/"))
        if row is None or there.arn(row) != arn or managed.is_managed(row.TableBucketName):
            raise missing("The specified destination bucket does not exist.")
    return {"role": said["role"], "rules": said["rules"], "token": call.token(_TOKEN)}


def check_token(old: Said | None, token: str | None) -> None:
    """Is the configuration still the one that somebody saw?"""
    if token is not None and (old is None or old["token"] != token):
        raise stale()


def absent() -> AwsError:
    return missing("The specified replication configuration does not exist.")


def told(said: Said | None) -> dict[str, Any]:
    """What Get… tells."""
    if said is None:
        raise absent()
    return {"versionToken": said["token"], "configuration": {"role": said["role"], "rules": said["rules"]}}


def changed(call: Call, row: Table) -> None:
    """The copies of a table are behind from now on, if it has any; they are brought up to it after this."""
    said = of(call, row)
    if said is None:
        return
    table = call.table(Copied)
    for arn in destinations(said):
        one = table.get(row.id, arn) or Copied(table=row.id, destination=arn)
        one.status = PENDING
        table.put(one)
    call.emit("Table Changed", {"table": row.id}, source=_INWARD)


def check(row: Table) -> None:
    """Raises ForbiddenException where the table is a copy."""
    if row.source:
        raise error.ForbiddenException("A replica table is read-only.")


def policy(row: Table, arn: str) -> str:
    """What keeps all but AWS from writing a copy's files; "" for other tables."""
    return json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "s3tables:PutTableData", "Resource": arn,
        "Condition": {"Bool": {"aws:PrincipalIsAWSService": "false"}}}]}) if row.source else ""
