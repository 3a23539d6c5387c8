"""Replicas in other accounts: a secret made to receive, joined by the primary's account, kept in step, let go."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, error, parse_arn, task

from .copies import copy_into
from .resources import Secret
from .secrets import invalid, missing, refused


def check_primary(call: Call, arn_text: str, key_id: str | None) -> dict[str, Any]:
    """What a secret that will receive another account's says of its primary."""
    arn = parse_arn(arn_text)
    if arn is None or arn.service != "secretsmanager" or not arn.resource.startswith("secret:"):
        raise invalid("CrossAccountPrimaryARN must be the ARN of a secret.")
    if arn.account == call.account or arn.region != call.region:
        raise invalid("The primary secret must be in another account, and in the same Region as the replica.")
    if not key_id:
        raise invalid("You must specify a customer managed KMS key for a cross-account replica secret.")
    return {"PrimarySecretARN": arn_text, "ReplicationStatus": "Pending"}


def join(call: Call, secret: Secret, replica_arn: str, restriction: str) -> str:
    """Begin to replicate to a secret of another account; how it went. The secret is changed, not kept."""
    arn = parse_arn(replica_arn)
    if arn is None or arn.region != call.region or arn.account == call.account:
        raise invalid("The replica secret must be in another account, and in the same Region as the primary.")
    if any(one["ReplicaSecretARN"] != replica_arn for one in attached(secret)):
        raise error.LimitExceededException("A primary secret can have at most one cross-account replica.")
    there = call.elsewhere(arn.account)
    copy = there.table(Secret).get(replica_arn)
    if copy is None or copy.account_primary is None:
        raise missing()
    if copy.account_primary["PrimarySecretARN"] != secret.Id:
        raise refused("The replica secret was not created as a cross-account replica of this primary secret.")
    if restriction == "SameOrg" and _organization(call, call.account) != (_organization(call, arn.account) or "none"):
        raise refused("The replica account must belong to the same organization as the primary account.")
    copy.account_primary = {"PrimarySecretARN": secret.Id, "ReplicationStatus": "InSync"}
    copy_into(call, secret, there, copy)
    secret.account_replicas = [{"ReplicaSecretARN": replica_arn, "ReplicationStatus": "InSync"}]
    return "InSync"


def _organization(call: Call, account: str) -> str:
    """The organization of an account, or ""."""
    try:
        told = call.as_service(account=account).organizations.describe_organization()
    except AwsError as problem:
        if problem.code == "AWSOrganizationsNotInUseException":
            return ""
        raise
    return str(told["Organization"]["Id"])


def attached(secret: Secret) -> list[dict[str, Any]]:
    """The replicas in other accounts that have not left."""
    return [one for one in secret.account_replicas if one["ReplicationStatus"] != "Detached"]


def announce(call: Call, secret: Secret) -> None:
    """After a change, the replicas in other accounts follow."""
    for replica in attached(secret):
        replica["ReplicationStatus"] = "InProgress"
        call.task(follow, arn=secret.Id, replica=replica["ReplicaSecretARN"])


@task(retries=5)
def follow(call: Call, arn: str, replica: str) -> None:
    """Bring one replica in step. Doing it twice does no harm."""
    secret = call.table(Secret).get(arn)
    entry = next((one for one in attached(secret) if one["ReplicaSecretARN"] == replica), None) if secret else None
    if secret is None or entry is None:
        return
    found = parse_arn(replica)
    assert found is not None
    there = call.elsewhere(found.account)
    copy = there.table(Secret).get(replica)
    try:
        if copy is None:
            raise missing()
        copy_into(call, secret, there, copy)
        entry["ReplicationStatus"] = "InSync"
        entry.pop("StatusMessage", None)
    except AwsError as problem:
        entry["ReplicationStatus"], entry["StatusMessage"] = "Failed", f"Replication failed: {problem.message}"
    call.put(secret)


def part(call: Call, secret: Secret, replica_arn: str) -> None:
    """The primary's account lets a replica go: it stays, detached. The secret is changed, not kept."""
    if not any(one["ReplicaSecretARN"] == replica_arn for one in secret.account_replicas):
        raise error.ResourceNotFoundException("Secrets Manager can't find the specified cross-account replica.")
    secret.account_replicas = [one for one in secret.account_replicas if one["ReplicaSecretARN"] != replica_arn]
    found = parse_arn(replica_arn)
    there = call.elsewhere(found.account) if found is not None else call
    copy = there.table(Secret).get(replica_arn)
    if copy is not None and copy.account_primary is not None:
        copy.account_primary = {**copy.account_primary, "ReplicationStatus": "Detached"}
        there.put(copy)


def leave(call: Call, copy: Secret) -> None:
    """The replica's account makes its copy a secret of its own. The copy is changed, not kept."""
    assert copy.account_primary is not None
    found = parse_arn(copy.account_primary["PrimarySecretARN"])
    there = call.elsewhere(found.account) if found is not None else call
    primary = there.table(Secret).get(copy.account_primary["PrimarySecretARN"])
    if primary is not None:
        for one in primary.account_replicas:
            if one["ReplicaSecretARN"] == copy.Id:
                one["ReplicationStatus"] = "Detached"
        there.put(primary)
    copy.account_primary = None
