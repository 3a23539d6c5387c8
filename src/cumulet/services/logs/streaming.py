"""Kinesis streams that groups are subscribed to, by their own ARN or by that of a destination, which may be another account's.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from hashlib import md5
from typing import Any, NamedTuple

from cumulet.kernel import AwsError, Call, error, parse_arn, principals

from .names import arn_of, invalid
from .settings import Destination

VENDORS = ("kinesis", "logs")
_LARGEST = 1_000_000                         # bytes of a record, a little below what every stream takes
_CONTROL = "CWL CONTROL MESSAGE: Checking health of destination Kinesis stream."


class Way(NamedTuple):
    """A stream, and the role by which it is written to."""

    stream: str
    role: str


def of_destination(call: Call, arn: str) -> tuple[Call, Destination | None]:
    """A destination by its ARN, and the place where it lies."""
    parts = parse_arn(arn)
    there = call.elsewhere(account=parts.account) if parts is not None and parts.account != call.account else call
    name = parts.resource.removeprefix("destination:") if parts is not None else ""
    return there, there.table(Destination).get(name)


def _way(call: Call, arn: str, role: str | None) -> Way | None:
    """Where a subscription leads now."""
    if role is not None:
        return Way(arn, role)
    found = of_destination(call, arn)[1]
    return Way(found.target, found.role) if found is not None else None


def check(call: Call, arn: str, role: str | None) -> None:
    """May a group be subscribed to this stream or destination? A first message says so."""
    parts = parse_arn(arn)
    assert parts is not None
    if parts.service == "logs":
        _check_destination(call, arn, role)
        return
    if not role:
        raise invalid("destinationArn for vendor kinesis cannot be used without roleArn")
    if parts.account != call.account:
        raise invalid("destinationArn for vendor kinesis cannot be in another account: use a destination")
    try_out(call, Way(arn, role), "Could not deliver test message to specified Kinesis stream. Check if the given kinesis"
                                  " stream is in ACTIVE state.")


def _check_destination(call: Call, arn: str, role: str | None) -> None:
    there, found = of_destination(call, arn)
    if role:
        raise invalid("destinationArn for vendor logs cannot be used with roleArn")
    if found is None or arn_of(there, "destination", found.name) != arn:
        raise error.ResourceNotFoundException("The specified destination does not exist.")
    if there.account != call.account and not _let_in(call, there, arn, found):
        raise error.named("AccessDeniedException", f"User with accountId: {call.account} is not authorized to perform:"
                                                   f" logs:PutSubscriptionFilter on resource: {arn}", 400)


def _let_in(call: Call, there: Call, arn: str, found: Destination) -> bool:
    """Does the destination's policy let this account subscribe?"""
    principal = principals.principal_of(call, f"arn:aws:iam::{call.account}:root")
    if principal is None or not found.policy:
        return False
    return principals.simulate(call, principal, None, None, "logs:PutSubscriptionFilter", arn, found.policy, {},
                               there.account).decision == "allowed"


def try_out(call: Call, way: Way, refusal: str) -> None:
    """Put a message that tells nothing. Raises when it does not arrive."""
    said = _message("CONTROL_MESSAGE", "CloudwatchLogs", "", "", [], [
        {"id": "", "timestamp": int(call.now * 1000), "message": _CONTROL}])
    try:
        _put(call, way, call.token(32), gzip.compress(said, mtime=0))
    except AwsError as problem:
        if problem.status == 501:
            raise
        raise invalid(refusal) from problem


def send(call: Call, subscription: Mapping[str, Any], events: list[dict[str, Any]]) -> None:
    """Events reach the stream, as one record or (where they are too large) as several."""
    way = _way(call, subscription["destination"], subscription["role"])
    if way is None:
        return                               # the destination was deleted
    group, stream = subscription["group"], subscription["stream"]
    packed = gzip.compress(_message("DATA_MESSAGE", call.account, group, stream, [subscription["name"]], events), mtime=0)
    if len(packed) > _LARGEST and len(events) > 1:
        half = len(events) // 2
        send(call, subscription, events[:half])
        send(call, subscription, events[half:])
        return
    key = call.token(32) if subscription["distribution"] == "Random" else \
        md5(f"{group}:{stream}".encode(), usedforsecurity=False).hexdigest()
    _put(call, way, key, packed)


def _message(kind: str, owner: str, group: str, stream: str, filters: list[str], events: list[dict[str, Any]]) -> bytes:
    return json.dumps({"messageType": kind, "owner": owner, "logGroup": group, "logStream": stream,
                       "subscriptionFilters": filters, "logEvents": events}).encode()


def _put(call: Call, way: Way, key: str, data: bytes) -> None:
    """As the role; where there is no such role, as the service itself."""
    stream = parse_arn(way.stream)
    assert stream is not None
    acting = principals.acting.as_role(call, way.role, "CloudWatchLogs", stream.account, stream.region)
    if acting is None and principals.mode_of(call) == "enforce":
        raise error.named("AccessDeniedException", f"CloudWatch Logs cannot assume the role {way.role}.", 400)
    peers = acting if acting is not None else call.as_service(account=stream.account, region=stream.region)
    peers.kinesis.put_record(StreamARN=way.stream, Data=data, PartitionKey=key)
