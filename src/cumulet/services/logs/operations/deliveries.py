"""Deliveries: which source's logs go to which destination. They are kept and told; nothing here sends logs by them yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, Page, error, operation, parse_arn

from ..names import arn_of
from ..settings import Delivery, DeliveryDestination, DeliverySource
from .deliverydestinations import FORMATS, destination_of_arn
from .tags import checked_tags

_LOG_TYPES: dict[str, tuple[str, ...]] = {
    "amplify": ("ACCESS_LOGS", "WAF_LOGS"), "bedrock": ("APPLICATION_LOGS", "EVENT_LOGS", "TRACES"),
    "cloudfront": ("ACCESS_LOGS",), "codewhisperer": ("EVENT_LOGS",), "ecs": ("ACTION_LOGS",),
    "elasticloadbalancing": ("ALB_ACCESS_LOGS", "ALB_CONNECTION_LOGS", "ALB_HEALTH_CHECK_LOGS", "NLB_ACCESS_LOGS"),
    "entityresolution": ("WORKFLOW_LOGS",), "events": ("INFO_LOGS", "ERROR_LOGS"),
    "mediapackagev2": ("EGRESS_ACCESS_LOGS", "INGRESS_ACCESS_LOGS"),
    "mediatailor": ("AD_DECISION_SERVER_LOGS", "MANIFEST_SERVICE_LOGS", "TRANSCODE_LOGS"),
    "pcs": ("PCS_SCHEDULER_LOGS", "PCS_JOBCOMP_LOGS", "PCS_SCHEDULER_AUDIT_LOGS", "PCS_SCALING_LOGS"),
    "s3": ("S3_SERVER_ACCESS_LOGS",), "ses": ("APPLICATION_LOGS", "TRAFFIC_POLICY_DEBUG_LOGS"), "sso": ("ERROR_LOGS",),
    "workmail": ("ACCESS_CONTROL_LOGS", "AUTHENTICATION_LOGS", "WORKMAIL_AVAILABILITY_PROVIDER_LOGS",
                 "WORKMAIL_MAILBOX_ACCESS_LOGS", "WORKMAIL_PERSONAL_ACCESS_TOKEN_LOGS")}


def _invalid(message: str) -> AwsError:
    return error.ValidationException(message)


def _missing(what: str) -> AwsError:
    return error.ResourceNotFoundException(f"The specified {what} does not exist.")


# --- sources ---


def _source(call: Call, name: str) -> DeliverySource:
    row = call.table(DeliverySource).get(name)
    if row is None:
        raise _missing("delivery source")
    return row


def _told_source(call: Call, row: DeliverySource) -> dict[str, Any]:
    parts = parse_arn(row.resource)
    return {"name": row.name, "arn": arn_of(call, "delivery-source", row.name), "resourceArns": [row.resource],
            "service": parts.service if parts else "", "logType": row.kind, "tags": row.tags or None}


@operation
def put_delivery_source(call: Call, name: str, resourceArn: str, logType: str, tags: Mapping[str, str] = {}) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutDeliverySource.html"""
    parts = parse_arn(resourceArn)
    if parts is None:
        raise _invalid("The resource ARN is not valid.")
    if logType not in _LOG_TYPES.get(parts.service, ()):
        raise _invalid(f"The log type {logType} is not valid for resources of the service {parts.service}.")
    before = call.table(DeliverySource).get(name)
    if before is not None and before.resource != resourceArn and _deliveries_of(call, name):
        raise error.ConflictException("The resource of a delivery source that has deliveries cannot be changed.")
    row = DeliverySource(name=name, resource=resourceArn, kind=logType, tags=checked_tags(before.tags if before else {}, tags))
    call.put(row)
    return {"deliverySource": _told_source(call, row)}


@operation
def get_delivery_source(call: Call, name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetDeliverySource.html"""
    return {"deliverySource": _told_source(call, _source(call, name))}


@operation
def describe_delivery_sources(call: Call, resourceArns: Sequence[str] = (),
                              page: Page[DeliverySource] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeDeliverySources.html"""
    rows = [row for row in call.table(DeliverySource).scan(after=page.after)
            if not resourceArns or row.resource in resourceArns]
    return {"deliverySources": [_told_source(call, row) for row in page.cut(rows[:page.limit + 1], lambda row: row.name)]}


@operation
def delete_delivery_source(call: Call, name: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteDeliverySource.html"""
    _source(call, name)
    if _deliveries_of(call, name):
        raise error.ConflictException("The delivery source is used by deliveries.")
    call.table(DeliverySource).delete(name)


def _deliveries_of(call: Call, source: str) -> list[Delivery]:
    return list(call.table(Delivery).scan(source, index="source"))


@operation
def describe_configuration_templates(call: Call, service: str | None = None, logTypes: Sequence[str] = (),
                                     deliveryDestinationTypes: Sequence[str] = (),
                                     page: Page[tuple[str, str, str]] = Page(50)) -> dict[str, Any]:
    """What is taken here; of the fields that each log type has nothing is known, so any may be given.

    https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeConfigurationTemplates.html
    """
    rows = sorted((of, kind, to) for of, kinds in _LOG_TYPES.items() for kind in kinds for to in FORMATS
                  if service in (None, of) and (not logTypes or kind in logTypes)
                  and (not deliveryDestinationTypes or to in deliveryDestinationTypes))
    if page.after is not None:
        rows = [row for row in rows if row > tuple(page.after)]
    return {"configurationTemplates": [
        {"service": of, "logType": kind, "deliveryDestinationType": to, "allowedOutputFormats": list(FORMATS[to])}
        for of, kind, to in page.cut(rows[:page.limit + 1], list)]}


# --- deliveries ---


def _delivery(call: Call, id: str) -> Delivery:
    row = call.table(Delivery).get(id)
    if row is None:
        raise _missing("delivery")
    return row


def _told(call: Call, row: Delivery, destination: DeliveryDestination) -> dict[str, Any]:
    s3 = {"suffixPath": row.suffix, "enableHiveCompatiblePath": row.hive} if destination.kind == "S3" else None
    return {"id": row.id, "arn": arn_of(call, "delivery", row.id), "deliverySourceName": row.source,
            "deliveryDestinationArn": row.destination, "deliveryDestinationType": destination.kind,
            "recordFields": row.fields or None, "fieldDelimiter": row.delimiter, "s3DeliveryConfiguration": s3,
            "tags": row.tags or None}


def _configure(row: Delivery, destination: DeliveryDestination, fields: Sequence[str] | None, delimiter: str | None,
               s3: Mapping[str, Any] | None) -> None:
    """What is given replaces what was."""
    if s3 is not None and destination.kind != "S3":
        raise _invalid("s3DeliveryConfiguration is for deliveries to S3 only.")
    if delimiter is not None and destination.format in ("json", "parquet"):
        raise _invalid("fieldDelimiter is for the output formats plain, w3c and raw only.")
    row.fields = list(fields) if fields is not None else row.fields
    row.delimiter = delimiter if delimiter is not None else row.delimiter
    if s3 is not None:
        row.suffix, row.hive = s3.get("suffixPath", row.suffix), s3.get("enableHiveCompatiblePath", row.hive)


@operation
def create_delivery(call: Call, deliverySourceName: str, deliveryDestinationArn: str, recordFields: Sequence[str] | None = None,
                    fieldDelimiter: str | None = None, s3DeliveryConfiguration: Mapping[str, Any] | None = None,
                    tags: Mapping[str, str] = {}) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateDelivery.html"""
    _source(call, deliverySourceName)
    destination = destination_of_arn(call, deliveryDestinationArn)
    if any(row.destination == deliveryDestinationArn for row in _deliveries_of(call, deliverySourceName)):
        raise error.ConflictException("There is a delivery from this source to this destination already.")
    row = Delivery(id=call.token(16), source=deliverySourceName, destination=deliveryDestinationArn, fields=[], delimiter=None,
                   suffix=None, hive=None, tags=checked_tags({}, tags))
    _configure(row, destination, recordFields, fieldDelimiter, s3DeliveryConfiguration)
    call.put(row)
    return {"delivery": _told(call, row, destination)}


@operation
def update_delivery_configuration(call: Call, id: str, recordFields: Sequence[str] | None = None,
                                  fieldDelimiter: str | None = None,
                                  s3DeliveryConfiguration: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_UpdateDeliveryConfiguration.html"""
    row = _delivery(call, id)
    _configure(row, destination_of_arn(call, row.destination), recordFields, fieldDelimiter, s3DeliveryConfiguration)
    call.put(row)
    return {}


@operation
def get_delivery(call: Call, id: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetDelivery.html"""
    row = _delivery(call, id)
    return {"delivery": _told(call, row, destination_of_arn(call, row.destination))}


@operation
def describe_deliveries(call: Call, deliverySourceNames: Sequence[str] = (), page: Page[Delivery] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeDeliveries.html"""
    rows = [row for row in call.table(Delivery).scan(after=page.after)
            if not deliverySourceNames or row.source in deliverySourceNames]
    return {"deliveries": [_told(call, row, destination_of_arn(call, row.destination))
                           for row in page.cut(rows[:page.limit + 1], lambda row: row.id)]}


@operation
def delete_delivery(call: Call, id: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteDelivery.html"""
    call.table(Delivery).delete(_delivery(call, id).id)
