"""Secrets: made, told, changed, tagged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import accounts, secrets, values
from ..replication import keep, replicate_to
from ..resources import Secret, Version
from ..rotation import schedule
from ..shown import described, replicas_of, stages_of
from ..stages import CURRENT


@operation
def create_secret(call: Call, Name: str, ClientRequestToken: str | None = None, Description: str | None = None,
                  KmsKeyId: str | None = None, SecretBinary: bytes | None = None, SecretString: str | None = None,
                  Tags: Sequence[Mapping[str, str]] = (), AddReplicaRegions: Sequence[Mapping[str, str]] = (),
                  ForceOverwriteReplicaSecret: bool = False, CrossAccountPrimaryARN: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html"""
    secrets.check_name(Name)
    value = values.given(SecretString, SecretBinary)
    old = call.table(Secret).find("name", Name)
    if old is not None:
        return _made_before(call, old, ClientRequestToken, value)
    suffix = call.token(6, secrets.LETTERS)
    secret = Secret(Id="", Name=Name, suffix=suffix, Description=Description or None, KmsKeyId=KmsKeyId or None,
                    created=call.now, changed=call.now, origin=call.region, tags=secrets.add_tags({}, list(map(dict, Tags))))
    secret.Id = call.arn(secret)
    if CrossAccountPrimaryARN is not None:
        if value is not None or Description or AddReplicaRegions:
            raise secrets.invalid("You can't include SecretString, SecretBinary, Description or AddReplicaRegions with "
                                  "CrossAccountPrimaryARN.")
        secret.account_primary = accounts.check_primary(call, CrossAccountPrimaryARN, KmsKeyId)
    token = ClientRequestToken or call.uuid()
    if value is not None:
        values.add(call, secret, token, value, [CURRENT])
    replicate_to(call, secret, AddReplicaRegions, ForceOverwriteReplicaSecret)
    call.table(Secret).insert(secret)
    told = _named(secret, token if value is not None else None) | {"ReplicationStatus": replicas_of(call, secret)}
    # CloudFormation's way of making looks for the new resource's id under the name by which all other operations take it.
    return told if call.request is not None else told | {"SecretId": secret.Id}


def _named(secret: Secret, version: str | None) -> dict[str, Any]:
    return {"ARN": secret.Id, "Name": secret.Name, "VersionId": version}


def _made_before(call: Call, old: Secret, token: str | None, value: values.Value | None) -> dict[str, Any]:
    """Making a secret again is right when the token and the value are the same."""
    if old.deleted is not None:
        raise secrets.refused("You can't create this secret because a secret with this name is already scheduled for deletion.")
    version = call.table(Version).get(old.Id, token) if token else None
    if version is None or value is None:
        raise error.ResourceExistsException(f"The operation failed because the secret {old.Name} already exists.")
    if not values.same(call, version, value):
        raise values.taken(old, version.id)
    return _named(old, version.id)


@operation
def describe_secret(call: Call, SecretId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html"""
    call, secret = secrets.get(call, SecretId, deleted=True)
    return described(secret) | {"VersionIdsToStages": stages_of(secret), "ReplicationStatus": replicas_of(call, secret)}


@operation
def update_secret(call: Call, SecretId: str, ClientRequestToken: str | None = None, Description: str | None = None,
                  KmsKeyId: str | None = None, SecretBinary: bytes | None = None,
                  SecretString: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html"""
    value = values.given(SecretString, SecretBinary)
    call, secret = secrets.writable(call, SecretId)
    if Description is not None:
        secret.Description = Description or None
    if KmsKeyId is not None and (KmsKeyId or None) != secret.KmsKeyId:
        values.reseal(call, secret, KmsKeyId or None)
    token = None
    if value is not None:
        token = ClientRequestToken or call.uuid()
        values.add(call, secret, token, value, [CURRENT])
        schedule(call, secret)
    secret.changed = call.now
    keep(call, secret)
    return _named(secret, token)


@operation
def tag_resource(call: Call, SecretId: str, Tags: Sequence[Mapping[str, str]]) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_TagResource.html"""
    call, secret = secrets.writable(call, SecretId)
    secret.tags = secrets.add_tags(secret.tags, list(map(dict, Tags)))
    secret.changed = call.now
    keep(call, secret)


@operation
def untag_resource(call: Call, SecretId: str, TagKeys: Sequence[str]) -> None:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UntagResource.html"""
    call, secret = secrets.writable(call, SecretId)
    secret.tags = {key: value for key, value in secret.tags.items() if key not in TagKeys}
    secret.changed = call.now
    keep(call, secret)
