"""Destinations: names for streams, to which other accounts may subscribe."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Page, error, operation, parse_arn

from .. import streaming
from ..documents import is_policy
from ..names import arn_of, invalid, starting_with
from ..settings import Destination
from .tags import checked_tags

_LONGEST = 5120


def _found(call: Call, name: str) -> Destination:
    row = call.table(Destination).get(name)
    if row is None:
        raise error.ResourceNotFoundException("The specified destination does not exist.")
    return row


def _told(call: Call, row: Destination) -> dict[str, Any]:
    return {"destinationName": row.name, "targetArn": row.target, "roleArn": row.role, "accessPolicy": row.policy,
            "arn": arn_of(call, "destination", row.name), "creationTime": int(row.created * 1000)}


@operation
def put_destination(call: Call, destinationName: str, targetArn: str, roleArn: str,
                    tags: Mapping[str, str] = {}) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutDestination.html"""
    parts, role = parse_arn(targetArn), parse_arn(roleArn)
    if parts is None or parts.service not in ("kinesis", "firehose"):
        raise invalid("The target of a destination must be a stream of Kinesis or Firehose.")
    if role is None or role.service != "iam":
        raise invalid("The role of a destination must be the ARN of an IAM role.")
    if parts.service == "kinesis":
        streaming.try_out(call, streaming.Way(targetArn, roleArn),
                          "Could not deliver test message to specified destination. Check if the destination is valid.")
    before = call.table(Destination).get(destinationName)
    row = Destination(name=destinationName, target=targetArn, role=roleArn, policy=before.policy if before else None,
                      created=before.created if before else call.now,
                      tags=checked_tags(before.tags if before else {}, tags))
    call.put(row)
    return {"destination": _told(call, row)}


@operation
def put_destination_policy(call: Call, destinationName: str, accessPolicy: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutDestinationPolicy.html"""
    row = _found(call, destinationName)
    if not is_policy(accessPolicy) or len(accessPolicy.encode()) > _LONGEST:
        raise invalid("The access policy is not a valid policy.")
    row.policy = accessPolicy
    call.put(row)


@operation
def describe_destinations(call: Call, DestinationNamePrefix: str = "", page: Page[Destination] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeDestinations.html"""
    rows = starting_with(call, Destination, (), DestinationNamePrefix, page.after, page.limit + 1)
    return {"destinations": [_told(call, row) for row in page.cut(rows, lambda row: row.name)]}


@operation
def delete_destination(call: Call, destinationName: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteDestination.html"""
    call.table(Destination).delete(_found(call, destinationName).name)
