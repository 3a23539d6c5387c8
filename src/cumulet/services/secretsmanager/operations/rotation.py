"""Rotation: set up, started, called off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, operation

from .. import rotation, schedules, secrets
from ..replication import keep
from ..resources import Rotation


@operation
def rotate_secret(call: Call, SecretId: str, ClientRequestToken: str | None = None, RotationLambdaARN: str | None = None,
                  RotationRules: Mapping[str, Any] | None = None, RotateImmediately: bool = True) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html"""
    call, secret = secrets.writable(call, SecretId)
    function = RotationLambdaARN or secret.rotation_lambda
    if function is None:
        raise secrets.refused("No Lambda rotation function ARN is associated with this secret.")
    rotation.check_function(call, function)
    if RotationRules is not None:
        schedules.read(RotationRules)
        secret.rotation_rules = dict(RotationRules)
    secret.rotation_lambda, secret.rotation_on = function, True
    told: dict[str, Any] = {"ARN": secret.Id, "Name": secret.Name}
    if RotateImmediately:
        told["VersionId"] = ClientRequestToken or call.uuid()
        rotation.begin(call, secret, told["VersionId"])
    else:
        rotation.probe(call, secret, ClientRequestToken or call.uuid())
    rotation.schedule(call, secret)
    secret.changed = call.now
    keep(call, secret)
    return told


@operation
def cancel_rotate_secret(call: Call, SecretId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CancelRotateSecret.html"""
    call, secret = secrets.writable(call, SecretId)
    table = call.table(Rotation)
    state = table.get(secret.Id)
    table.delete(secret.Id)
    secret.rotation_on = False
    rotation.schedule(call, secret)
    secret.changed = call.now
    keep(call, secret)
    return {"ARN": secret.Id, "Name": secret.Name, "VersionId": state.version if state is not None else None}
