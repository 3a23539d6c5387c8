"""Tags of all that has an ARN: groups, destinations, deliveries, lookup tables, detectors, scheduled queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, error, operation, parse_arn

from ..names import group_of, invalid
from ..resources import LogGroup, ScheduledQuery
from ..settings import AnomalyDetector, Delivery, DeliveryDestination, DeliverySource, Destination, LookupTable

_MOST_TAGS = 50
_KINDS: dict[str, type[Any]] = {
    "destination": Destination, "delivery": Delivery, "delivery-source": DeliverySource, "lookup-table": LookupTable,
    "delivery-destination": DeliveryDestination, "anomaly-detector": AnomalyDetector, "scheduled-query": ScheduledQuery}


def checked_tags(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """Tags with further ones."""
    if any(key.lower().startswith("aws:") for key in new):
        raise invalid("Tag keys must not start with aws:")
    tags = {**old, **new}
    if len(tags) > _MOST_TAGS:
        raise error.TooManyTagsException(f"A resource can have {_MOST_TAGS} tags at most.")
    return tags


def _of_arn(call: Call, arn: str) -> Any:
    """What an ARN of this account and region names."""
    parts = parse_arn(arn)
    if parts is not None and (parts.service, parts.account, parts.region) == ("logs", call.account, call.region):
        kind, _, name = parts.resource.partition(":")
        if kind == "log-group":
            return group_of(call, None, arn)
        row = call.table(_KINDS[kind]).get(name) if kind in _KINDS else None
        if row is not None:
            return row
    raise error.ResourceNotFoundException("The specified resource does not exist.")


def _tag(call: Call, row: Any, tags: Mapping[str, str]) -> None:
    row.tags = checked_tags(row.tags, tags)
    call.put(row)


def _untag(call: Call, row: Any, keys: Sequence[str]) -> None:
    row.tags = {key: value for key, value in row.tags.items() if key not in keys}
    call.put(row)


@operation
def tag_resource(call: Call, resourceArn: str, tags: Mapping[str, str]) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagResource.html"""
    _tag(call, _of_arn(call, resourceArn), tags)


@operation
def untag_resource(call: Call, resourceArn: str, tagKeys: Sequence[str]) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagResource.html"""
    _untag(call, _of_arn(call, resourceArn), tagKeys)


@operation
def list_tags_for_resource(call: Call, resourceArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsForResource.html"""
    return {"tags": _of_arn(call, resourceArn).tags}


@operation
def tag_log_group(call: Call, logGroupName: str, tags: Mapping[str, str]) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TagLogGroup.html"""
    _tag(call, call.get(LogGroup, logGroupName), tags)


@operation
def untag_log_group(call: Call, logGroupName: str, tags: Sequence[str]) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UntagLogGroup.html"""
    _untag(call, call.get(LogGroup, logGroupName), tags)


@operation
def list_tags_log_group(call: Call, logGroupName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListTagsLogGroup.html"""
    return {"tags": call.get(LogGroup, logGroupName).tags}
