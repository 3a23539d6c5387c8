"""Attributes for access control of an instance."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import standing
from ..resources import Instance

Configuration = dict[str, list[dict[str, Any]]]


def _read(given: Configuration) -> dict[str, str]:
    rows = given["AccessControlAttributes"]
    found = {row["Key"]: row["Value"]["Source"][0] for row in rows}
    if len(found) != len(rows):
        raise error.ValidationException("An attribute key is given more than once.")
    return found


def _configured(call: Call, arn: str) -> Instance:
    row = standing.sets(call, arn).instance
    if row.attributes is None:
        raise standing.missing("InstanceAccessControlAttributeConfiguration", arn)
    return row


@operation
def create_instance_access_control_attribute_configuration(
        call: Call, InstanceArn: str, InstanceAccessControlAttributeConfiguration: Configuration) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_CreateInstanceAccessControlAttributeConfiguration.html"""
    row = standing.sets(call, InstanceArn).instance
    if row.attributes is not None:
        raise error.ConflictException("Attributes for access control are enabled already.")
    row.attributes = _read(InstanceAccessControlAttributeConfiguration)
    call.put(row)


@operation
def describe_instance_access_control_attribute_configuration(call: Call, InstanceArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DescribeInstanceAccessControlAttributeConfiguration.html"""
    row = _configured(call, InstanceArn)
    return {"Status": "ENABLED", "InstanceAccessControlAttributeConfiguration": {"AccessControlAttributes": [
        {"Key": key, "Value": {"Source": [source]}} for key, source in (row.attributes or {}).items()]}}


@operation
def update_instance_access_control_attribute_configuration(
        call: Call, InstanceArn: str, InstanceAccessControlAttributeConfiguration: Configuration) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_UpdateInstanceAccessControlAttributeConfiguration.html"""
    row = _configured(call, InstanceArn)
    row.attributes = _read(InstanceAccessControlAttributeConfiguration)
    call.put(row)


@operation
def delete_instance_access_control_attribute_configuration(call: Call, InstanceArn: str) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DeleteInstanceAccessControlAttributeConfiguration.html"""
    row = _configured(call, InstanceArn)
    row.attributes = None
    call.put(row)
