"""Secrets deleted, with a window in which they may be restored."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from .. import secrets
from ..accounts import attached
from ..removal import end, remove
from ..replication import forget, primary_of
from ..resources import Secret
from ..rotation import schedule


@operation
def delete_secret(call: Call, SecretId: str, RecoveryWindowInDays: int | None = None,
                  ForceDeleteWithoutRecovery: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html"""
    if ForceDeleteWithoutRecovery and RecoveryWindowInDays is not None:
        raise secrets.invalid("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
    if RecoveryWindowInDays is not None and not 7 <= RecoveryWindowInDays <= 30:
        raise secrets.invalid("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")
    call, secret = secrets.find(call, SecretId)
    if secret is None:
        if not ForceDeleteWithoutRecovery:
            raise secrets.missing()
        return _nobody(call, SecretId)
    if secret.replicas:
        regions = ", ".join(replica["Region"] for replica in secret.replicas)
        raise secrets.refused(f"You can't delete secret {secret.Name} that still has replica regions [{regions}]")
    if attached(secret):
        raise secrets.refused(f"You can't delete secret {secret.Name} that is associated with a cross-account replica.")
    if secret.account_primary is not None:
        raise secrets.refused(f"You can't delete secret {secret.Name} before replication to it is stopped.")
    if ForceDeleteWithoutRecovery or secret.primary is not None:
        _leave(call, secret)
        remove(call, secret)
        return {"ARN": secret.Id, "Name": secret.Name, "DeletionDate": call.now}
    if secret.deleted is not None:
        raise secrets.refused("You can't perform this operation on the secret because it was already scheduled for deletion.")
    secret.deleted = secret.changed = call.now
    secret.leaving = call.now + (RecoveryWindowInDays or 30) * secrets.DAY
    call.put(secret)
    call.at(secret.leaving, end, name=secret.Id, arn=secret.Id)
    return {"ARN": secret.Id, "Name": secret.Name, "DeletionDate": secret.leaving}


def _leave(call: Call, secret: Secret) -> None:
    """The primary of a replica forgets it."""
    if secret.primary is not None:
        there, primary = primary_of(call, secret)
        if primary is not None:
            forget(primary, call.region)
            there.put(primary)


def _nobody(call: Call, text: str) -> dict[str, Any]:
    """Ending by force what is not there is no error: the answer is as if it had been."""
    name = text.rpartition(":secret:")[2]
    return {"ARN": text if text.startswith("arn:") else call.arn(Secret(Id="", Name=name, suffix="")).removesuffix("-"),
            "Name": name, "DeletionDate": call.now}


@operation
def restore_secret(call: Call, SecretId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RestoreSecret.html"""
    call, secret = secrets.get(call, SecretId, deleted=True)
    secret.deleted = secret.leaving = None
    secret.changed = call.now
    schedule(call, secret)
    call.put(secret)
    call.cancel(end, secret.Id)
    return {"ARN": secret.Id, "Name": secret.Name}
