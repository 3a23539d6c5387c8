"""Values: put, got, and the stages that their versions go through."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import secrets, stages, values
from ..replication import keep
from ..resources import Version
from ..rotation import schedule
from ..sealing import DEFAULT_KEY


@operation
def put_secret_value(call: Call, SecretId: str, ClientRequestToken: str | None = None, SecretBinary: bytes | None = None,
                     SecretString: str | None = None, VersionStages: Sequence[str] = ()) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html"""
    value = values.given(SecretString, SecretBinary)
    if value is None:
        raise secrets.invalid("You must provide either SecretString or SecretBinary.")
    call, secret = secrets.writable(call, SecretId)
    token = ClientRequestToken or call.uuid()
    labels = values.add(call, secret, token, value, list(VersionStages) or [stages.CURRENT])
    schedule(call, secret)
    keep(call, secret)
    return {"ARN": secret.Id, "Name": secret.Name, "VersionId": token, "VersionStages": labels}


@operation
def get_secret_value(call: Call, SecretId: str, VersionId: str | None = None,
                     VersionStage: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html"""
    call, secret = secrets.get(call, SecretId)
    return values.tell(call, secret, values.chosen(call, secret, VersionId, VersionStage))


@operation
def update_secret_version_stage(call: Call, SecretId: str, VersionStage: str, RemoveFromVersionId: str | None = None,
                                MoveToVersionId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html"""
    call, secret = secrets.writable(call, SecretId)
    at = secret.stages.get(VersionStage)
    if MoveToVersionId is None and RemoveFromVersionId is None:
        raise secrets.invalid("You must provide either RemoveFromVersionId or MoveToVersionId.")
    if MoveToVersionId is not None and call.table(Version).get(secret.Id, MoveToVersionId) is None:
        raise error.ResourceNotFoundException(
            f"Secrets Manager can't find the specified secret version: {MoveToVersionId}.")
    if at is not None and at != MoveToVersionId and RemoveFromVersionId is None:
        raise secrets.invalid(
            f"The parameter RemoveFromVersionId can't be empty. Staging label {VersionStage} is currently attached to version "
            f"{at}, so you must explicitly reference that version in RemoveFromVersionId.")
    if RemoveFromVersionId is not None and RemoveFromVersionId != at:
        raise secrets.invalid(f"The staging label {VersionStage} isn't attached to the version {RemoveFromVersionId}.")
    if MoveToVersionId is not None:
        values.put_label(secret, VersionStage, MoveToVersionId)
    elif VersionStage == stages.CURRENT:
        raise secrets.invalid("You can only move staging label AWSCURRENT to a different secret version. It can't be "
                              "completely removed.")
    else:
        secret.stages = stages.take(secret.stages, VersionStage)
    secret.changed = call.now
    keep(call, secret)
    return {"ARN": secret.Id, "Name": secret.Name}


@operation
def list_secret_version_ids(call: Call, SecretId: str, MaxResults: int = 100, NextToken: str | None = None,
                            IncludeDeprecated: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecretVersionIds.html"""
    call, secret = secrets.get(call, SecretId)
    table = call.table(Version)
    if NextToken is not None and table.get(secret.Id, NextToken) is None:
        raise error.InvalidNextTokenException("The NextToken value is invalid.")
    labelled = stages.by_version(secret.stages)
    rows = [version for version in table.scan(secret.Id, after=NextToken)
            if version.kind and (IncludeDeprecated or version.id in labelled)]
    told = [{"VersionId": version.id, "VersionStages": labelled.get(version.id), "CreatedDate": version.created,
             "LastAccessedDate": version.accessed or None,
             "KmsKeyIds": ["DefaultEncryptionKey" if version.key_id == DEFAULT_KEY else version.key_id]}
            for version in rows[:MaxResults]]
    return {"ARN": secret.Id, "Name": secret.Name, "Versions": told,
            "NextToken": rows[MaxResults - 1].id if len(rows) > MaxResults else None}
