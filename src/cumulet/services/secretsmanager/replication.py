"""Replicas: a secret kept in step in other regions, each copy under a key of its region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, task

from .accounts import announce
from .copies import copy_into
from .removal import remove
from .resources import Secret
from .sealing import DEFAULT_KEY
from .secrets import invalid


def keep(call: Call, secret: Secret) -> None:
    """Keep a changed secret, and bring its replicas in step after the commit."""
    for replica in secret.replicas:
        if replica["Status"] != "Failed":
            replica["Status"] = "InProgress"
            call.task(replicate, arn=secret.Id, region=replica["Region"], force=False)
    announce(call, secret)
    call.put(secret)


def replicate_to(call: Call, secret: Secret, regions: Sequence[Mapping[str, str]], force: bool) -> None:
    """Begin to replicate to more regions. The secret is changed, not kept."""
    there = {replica["Region"] for replica in secret.replicas if replica["Status"] != "Failed"}
    for wanted in regions:
        region = wanted.get("Region", "")
        if not region or region == call.region:
            raise invalid("Invalid replica region.")
        if region in there:
            raise invalid(f"Replica region {region} is already in the list of replicas, or is given twice.")
        there.add(region)
        secret.replicas = [replica for replica in secret.replicas if replica["Region"] != region]
        secret.replicas.append({"Region": region, "KmsKeyId": wanted.get("KmsKeyId") or DEFAULT_KEY, "Status": "InProgress"})
        call.task(replicate, arn=secret.Id, region=region, force=force)


@task(retries=5)
def replicate(call: Call, arn: str, region: str, force: bool) -> None:
    """Make one replica what its primary is. Doing it twice does no harm."""
    secret = call.table(Secret).get(arn)
    replica = next((one for one in secret.replicas if one["Region"] == region), None) if secret is not None else None
    if secret is None or replica is None:
        return
    there = call.elsewhere(region=region)
    old = there.table(Secret).find("name", secret.Name)
    if old is not None and not (old.primary == call.region and old.suffix == secret.suffix):
        if not force:
            _failed(call, secret, replica, f"Replication failed: Secret name {secret.Name} already exists in region {region}, "
                                           "please use ForceOverwriteReplicaSecret")
            return
        remove(there, old)
        old = None
    copy = old or Secret(Id="", Name=secret.Name, suffix=secret.suffix, created=secret.created, origin=region,
                         KmsKeyId=None if replica["KmsKeyId"] == DEFAULT_KEY else replica["KmsKeyId"])
    copy.Id, copy.primary = there.arn(copy), call.region
    try:
        copy_into(call, secret, there, copy)
    except AwsError as problem:                  # a key that is not there, or not usable
        _failed(call, secret, replica, f"Replication failed: {problem.message}")
        return
    replica["Status"] = "InSync"
    replica.pop("StatusMessage", None)
    call.put(secret)


def _failed(call: Call, secret: Secret, replica: dict[str, Any], why: str) -> None:
    replica["Status"], replica["StatusMessage"] = "Failed", why
    call.put(secret)


def withdraw(call: Call, secret: Secret, region: str) -> None:
    """Delete a replica and forget it."""
    there = call.elsewhere(region=region)
    copy = there.table(Secret).find("name", secret.Name)
    if copy is not None and copy.primary == call.region:
        remove(there, copy)
    forget(secret, region)


def forget(secret: Secret, region: str) -> None:
    secret.replicas = [replica for replica in secret.replicas if replica["Region"] != region]


def primary_of(call: Call, secret: Secret) -> tuple[Call, Secret | None]:
    """The primary of a replica, and the call as seen from its region."""
    there = call.elsewhere(region=secret.primary or "")
    return there, there.table(Secret).find("name", secret.Name)
