"""Versions of a secret: made, filled, told, and forgotten when they are many and old."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, error

from . import stages
from .resources import Secret, Version
from .sealing import opened, sealed
from .secrets import DAY, day, invalid

MOST = 100
Value = tuple[str, bytes]              # ("string" or "binary", content)


def given(text: str | None, binary: bytes | None) -> Value | None:
    """The value of a request, if it has one."""
    if text is not None and binary is not None:
        raise invalid("You can't specify both a binary secret value and a string secret value in the same secret.")
    if text is not None:
        return "string", text.encode()
    return ("binary", binary) if binary is not None else None


def taken(secret: Secret, token: str) -> AwsError:
    return error.ResourceExistsException(f"You can't use ClientRequestToken {token} because that value is already in use for a "
                                         f"version of secret {secret.Id}.")


def same(call: Call, version: Version, value: Value) -> bool:
    """Is this what the version holds already?"""
    return version.kind == value[0] and opened(call, version) == value[1]


def add(call: Call, secret: Secret, token: str, value: Value, labels: list[str]) -> list[str]:
    """Keep a value as the version `token` and put labels on it; the labels that it then has. The secret is changed, not kept.

    With a token that was used before: nothing happens if the value is the same, else it is refused.
    """
    table = call.table(Version)
    old = table.get(secret.Id, token)
    if old is not None and old.kind:
        if not same(call, old, value):
            raise taken(secret, token)
        return stages.of(secret.stages, token)
    version = old or Version(secret=secret.Id, id=token, created=call.now)
    version.kind = value[0]
    sealed(call, secret, version, value[1])
    table.put(version)
    first = stages.CURRENT not in secret.stages
    for label in dict.fromkeys([*labels, stages.CURRENT] if first else labels):
        put_label(secret, label, token)
    if stages.CURRENT in labels and secret.rotation_on:
        secret.rotated = call.now                      # a change by hand counts as a rotation
    secret.changed = call.now
    prune(call, secret)
    return stages.of(secret.stages, token)


def put_label(secret: Secret, label: str, version: str) -> None:
    secret.stages = stages.move(secret.stages, label, version)
    if len(stages.of(secret.stages, version)) > stages.MOST_LABELS:
        raise error.LimitExceededException(f"You can't have more than {stages.MOST_LABELS} staging labels on a version.")


def prune(call: Call, secret: Secret) -> None:
    """Versions beyond the hundredth go, the oldest first, if they have no label and are older than a day."""
    table = call.table(Version)
    more = table.count(secret.Id) - MOST
    if more <= 0:
        return
    kept = set(secret.stages.values())
    old = table.scan(secret.Id, index="age", before=call.now - DAY, limit=more + len(kept))
    for version in [one for one in old if one.id not in kept][:more]:
        table.delete(secret.Id, version.id)


def reseal(call: Call, secret: Secret, key_id: str | None) -> None:
    """Bring the labelled versions under another key."""
    table = call.table(Version)
    before = [(version, opened(call, version)) for version in table.scan(secret.Id)
              if version.kind and {stages.CURRENT, stages.PREVIOUS, stages.PENDING} & set(stages.of(secret.stages, version.id))]
    secret.KmsKeyId = key_id
    for version, plain in before:
        sealed(call, secret, version, plain)
        table.put(version)


def chosen(call: Call, secret: Secret, version_id: str | None, stage: str | None) -> Version:
    """The version that a request means: by its id, by its stage, by both, or the current one."""
    wanted = version_id or secret.stages.get(stage or stages.CURRENT)
    version = call.table(Version).get(secret.Id, wanted) if wanted else None
    if version is None or not version.kind:
        what = f"VersionId: {version_id}" if version_id else f"staging label: {stage or stages.CURRENT}"
        raise error.ResourceNotFoundException(f"Secrets Manager can't find the specified secret value for {what}")
    if version_id and stage and secret.stages.get(stage) != version_id:
        raise error.ResourceNotFoundException("You provided a VersionStage that is not associated to the provided VersionId.")
    return version


def tell(call: Call, secret: Secret, version: Version) -> dict[str, Any]:
    """A version with its value; the access is noted once a day."""
    plain = opened(call, version)
    today = day(call.now)
    if version.accessed != today:
        version.accessed = today
        call.put(version)
    if secret.accessed != today:
        secret.accessed = today
        call.put(secret)
    told: dict[str, Any] = {"ARN": secret.Id, "Name": secret.Name, "VersionId": version.id, "CreatedDate": version.created,
                            "VersionStages": stages.of(secret.stages, version.id)}
    if version.kind == "string":
        told["SecretString"] = plain.decode()
    else:
        told["SecretBinary"] = plain
    return told
