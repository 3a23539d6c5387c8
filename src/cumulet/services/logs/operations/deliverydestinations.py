"""Destinations of deliveries, and their policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, Page, error, not_implemented, operation, parse_arn

from ..documents import is_policy
from ..names import arn_of, name_of
from ..resources import LogGroup
from ..settings import Delivery, DeliveryDestination
from .tags import checked_tags

_KINDS = {"s3": "S3", "logs": "CWL"}
FORMATS = {"S3": ("json", "plain", "w3c", "raw", "parquet"), "CWL": ("json", "plain", "w3c", "raw")}


def _invalid(message: str) -> AwsError:
    return error.ValidationException(message)


def _missing() -> AwsError:
    return error.ResourceNotFoundException("The specified delivery destination does not exist.")


def destination_of_arn(call: Call, arn: str) -> DeliveryDestination:
    """The destination that a delivery names: this account's."""
    parts = parse_arn(arn)
    if parts is None or not parts.resource.startswith("delivery-destination:"):
        raise _invalid("The ARN of the delivery destination is not valid.")
    if parts.account != call.account:
        raise not_implemented("logs: deliveries to other accounts")
    return _found(call, parts.resource.partition(":")[2])


def _found(call: Call, name: str) -> DeliveryDestination:
    row = call.table(DeliveryDestination).get(name)
    if row is None:
        raise _missing()
    return row


def _told(call: Call, row: DeliveryDestination) -> dict[str, Any]:
    return {"name": row.name, "arn": arn_of(call, "delivery-destination", row.name), "deliveryDestinationType": row.kind,
            "outputFormat": row.format, "deliveryDestinationConfiguration": {"destinationResourceArn": row.target},
            "tags": row.tags or None}


def _check_target(call: Call, target: str) -> str:
    """Which kind of destination it is; a group must be there."""
    parts = parse_arn(target)
    if parts is None:
        raise _invalid("The ARN of the destination resource is not valid.")
    kind = _KINDS.get(parts.service)
    if kind is None:
        raise not_implemented(f"logs: deliveries to {parts.service}")
    if kind == "CWL" and call.table(LogGroup).get(name_of(call, target)) is None:
        raise error.ResourceNotFoundException("The specified log group does not exist.")
    return kind


@operation
def put_delivery_destination(call: Call, name: str, outputFormat: str | None = None,
                             deliveryDestinationConfiguration: Mapping[str, str] | None = None,
                             deliveryDestinationType: str | None = None, tags: Mapping[str, str] = {}) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutDeliveryDestination.html"""
    if deliveryDestinationType in ("XRAY", "FH"):
        raise not_implemented(f"logs: deliveries to {deliveryDestinationType}")
    if deliveryDestinationConfiguration is None:
        raise _invalid("deliveryDestinationConfiguration is required for this type of destination.")
    target = deliveryDestinationConfiguration["destinationResourceArn"]
    kind = _check_target(call, target)
    if deliveryDestinationType not in (None, kind):
        raise _invalid("deliveryDestinationType is not the type of the destination resource.")
    before = call.table(DeliveryDestination).get(name)
    shape = outputFormat or (before.format if before else "json")
    if shape not in FORMATS[kind]:
        raise _invalid(f"The output format {shape} is not valid for destinations of the type {kind}.")
    row = DeliveryDestination(name=name, kind=kind, target=target, format=shape, policy=before.policy if before else None,
                              tags=checked_tags(before.tags if before else {}, tags))
    call.put(row)
    return {"deliveryDestination": _told(call, row)}


@operation
def get_delivery_destination(call: Call, name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetDeliveryDestination.html"""
    return {"deliveryDestination": _told(call, _found(call, name))}


@operation
def describe_delivery_destinations(call: Call, names: Sequence[str] = (),
                                   page: Page[DeliveryDestination] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeDeliveryDestinations.html"""
    rows = [row for row in call.table(DeliveryDestination).scan(after=page.after) if not names or row.name in names]
    return {"deliveryDestinations": [_told(call, row) for row in page.cut(rows, lambda row: row.name)]}


@operation
def delete_delivery_destination(call: Call, name: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteDeliveryDestination.html"""
    row = _found(call, name)
    arn = arn_of(call, "delivery-destination", row.name)
    if any(each.destination == arn for each in call.table(Delivery).scan()):
        raise error.ConflictException("The delivery destination is used by deliveries.")
    call.table(DeliveryDestination).delete(name)


# --- policies ---


@operation
def put_delivery_destination_policy(call: Call, deliveryDestinationName: str, deliveryDestinationPolicy: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutDeliveryDestinationPolicy.html"""
    row = _found(call, deliveryDestinationName)
    if not is_policy(deliveryDestinationPolicy):
        raise _invalid("The delivery destination policy is not a valid policy.")
    row.policy = deliveryDestinationPolicy
    call.put(row)
    return {"policy": {"deliveryDestinationPolicy": row.policy}}


@operation
def get_delivery_destination_policy(call: Call, deliveryDestinationName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetDeliveryDestinationPolicy.html"""
    row = _found(call, deliveryDestinationName)
    return {"policy": {"deliveryDestinationPolicy": row.policy}} if row.policy is not None else {}


@operation
def delete_delivery_destination_policy(call: Call, deliveryDestinationName: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteDeliveryDestinationPolicy.html"""
    row = _found(call, deliveryDestinationName)
    if row.policy is None:
        raise error.ResourceNotFoundException("The specified delivery destination has no policy.")
    row.policy = None
    call.put(row)
