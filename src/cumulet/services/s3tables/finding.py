"""The table bucket, namespace or table that a request names, in the account and region that its ARN says."""

from __future__ import annotations

from cumulet.kernel import Arn, Call, parse_arn

from .faults import bad_request, missing
from .resources import Namespace, Table, TableBucket

Found = tuple[Call, TableBucket]


def _there(call: Call, arn: str) -> tuple[Call, Arn]:
    """The call as seen from where an ARN lies. Other regions have endpoints of their own."""
    parts = parse_arn(arn)
    if parts is None or parts.service != "s3tables":
        raise bad_request("The specified ARN is not valid.")
    if parts.region != call.region:
        raise missing("The specified bucket does not exist.")
    return (call if parts.account == call.account else call.elsewhere(parts.account)), parts


def bucket_of(call: Call, arn: str) -> Found:
    """A table bucket by its ARN, and the call as its owner's account sees it."""
    there, parts = _there(call, arn)
    row = there.get(TableBucket, parts.resource.removeprefix("bucket/"))
    if there.arn(row) != arn:          # policies were asked about what was written: no other spelling names the bucket
        raise missing("The specified bucket does not exist.")
    return there, row


def namespace_of(call: Call, arn: str, name: str) -> tuple[Call, TableBucket, Namespace]:
    there, bucket = bucket_of(call, arn)
    row = there.table(Namespace).get(bucket.TableBucketName, name)
    if row is None:
        raise missing("The specified namespace does not exist.")
    return there, bucket, row


def table_of(call: Call, arn: str, namespace: str, name: str) -> tuple[Call, Table]:
    """A table by its name."""
    there, _ = bucket_of(call, arn)
    return there, there.get(Table, arn, namespace, name)


def table_by_arn(call: Call, arn: str) -> tuple[Call, Table]:
    there, parts = _there(call, arn)
    row = there.table(Table).find("id", parts.resource.rpartition("/")[2])
    if row is None or there.arn(row) != arn:
        raise missing("The specified table does not exist.")
    return there, row
