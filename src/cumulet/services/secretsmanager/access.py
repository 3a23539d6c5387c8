"""Who guards a secret, and which condition keys Secrets Manager knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cumulet.kernel import Call, Guard, parse_arn

from .resources import Secret
from .secrets import look


def targets(call: Call, members: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """The operation on the secret that it names; a batch needs the right to each secret as well."""
    action = f"secretsmanager:{call.operation}"
    if "SecretId" in members:
        yield action, _arn(call, members["SecretId"])
    elif call.operation == "CreateSecret":
        yield action, _pattern(call, members.get("Name", ""))
        if members.get("Tags"):
            yield "secretsmanager:TagResource", _pattern(call, members.get("Name", ""))
        if members.get("AddReplicaRegions"):
            yield "secretsmanager:ReplicateSecretToRegions", _pattern(call, members.get("Name", ""))
    else:
        yield action, "*"
    if call.operation == "BatchGetSecretValue" and members.get("Filters"):
        yield "secretsmanager:ListSecrets", "*"


def _arn(call: Call, text: str) -> str:
    """The whole ARN of a secret; of one that is not there, as far as it is known."""
    secret = look(call, text)
    if secret is not None:
        return secret.Id
    return text if parse_arn(text) is not None else _pattern(call, text)


def _pattern(call: Call, name: str) -> str:
    """The ARN of a secret that is not there yet: its last letters are still unknown."""
    return call.arn(Secret(Id="", Name=name, suffix="??????"))


def guard(call: Call, arn: str) -> Guard | None:
    """Its account, its resource policy and its tags."""
    secret = call.table(Secret).known(arn)
    if secret is None:
        return None
    policies = (("the secret's resource policy", secret.policy),) if secret.policy is not None else ()
    return Guard(call.account, policies, tags=tuple(sorted(secret.tags.items())))


_SAID = {"Name": "name", "Description": "description", "KmsKeyId": "kmskeyid", "SecretId": "secretid", "VersionId": "versionid",
         "VersionStage": "versionstage", "RotationLambdaARN": "rotationlambdaarn",
         "ForceDeleteWithoutRecovery": "forcedeletewithoutrecovery", "RecoveryWindowInDays": "recoverywindowindays",
         "BlockPublicPolicy": "blockpublicpolicy", "ForceOverwriteReplicaSecret": "forceoverwritereplicasecret",
         "RotateImmediately": "rotateimmediately"}


def keys(call: Call, members: Mapping[str, Any]) -> Mapping[str, str | list[str]]:
    """What a request says, and what the secret is."""
    told: dict[str, str | list[str]] = {
        f"secretsmanager:{key}": _text(members[name]) for name, key in _SAID.items() if name in members}
    if call.operation == "GetSecretValue" and "VersionStage" not in members and "VersionId" not in members:
        told["secretsmanager:versionstage"] = "AWSCURRENT"
    if "SecretId" not in members:
        return told
    secret = look(call, members["SecretId"])
    if secret is not None:
        told["secretsmanager:secretid"] = secret.Id
        told["secretsmanager:resource/allowrotationlambdaarn"] = secret.rotation_lambda or ""
        told["secretsmanager:secretprimaryregion"] = secret.primary or secret.origin
    return told


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
