"""Secrets as AWS tells them."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call

from . import stages
from .resources import Secret


def described(secret: Secret) -> dict[str, Any]:
    """What DescribeSecret and ListSecrets have in common."""
    told: dict[str, Any] = {
        "ARN": secret.Id, "Name": secret.Name, "Description": secret.Description, "KmsKeyId": secret.KmsKeyId,
        "RotationLambdaARN": secret.rotation_lambda, "RotationRules": secret.rotation_rules,
        "LastRotatedDate": secret.rotated, "LastChangedDate": secret.changed, "LastAccessedDate": secret.accessed or None,
        "DeletedDate": secret.deleted, "CreatedDate": secret.created,
        "Tags": [{"Key": key, "Value": value} for key, value in sorted(secret.tags.items())]}
    if secret.rotation_lambda is not None or secret.rotation_on:
        told["RotationEnabled"] = secret.rotation_on
    if secret.rotation_on:
        told["NextRotationDate"] = secret.next_end
    if secret.account_primary is not None:
        told["CrossAccountPrimary"] = secret.account_primary
    if secret.account_replicas:
        told["CrossAccountReplicas"] = secret.account_replicas
    if secret.primary is not None or secret.replicas:
        told["PrimaryRegion"] = secret.primary or secret.origin
    return told


def stages_of(secret: Secret) -> dict[str, list[str]] | None:
    """version id → labels; None where there is none."""
    return stages.by_version(secret.stages) or None


def replicas_of(call: Call, secret: Secret) -> list[dict[str, Any]] | None:
    """How each replica does, and when it was read last; None where there is none."""
    told = []
    for replica in secret.replicas:
        there = call.elsewhere(region=replica["Region"]).table(Secret).find("name", secret.Name)
        accessed = there.accessed if there is not None and there.primary == call.region else 0.0
        told.append({**replica, "LastAccessedDate": accessed or None})
    return told or None
