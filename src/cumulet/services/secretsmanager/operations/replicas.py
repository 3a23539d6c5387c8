"""Replicas in other regions and accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, operation

from .. import accounts, replication, secrets
from ..shown import replicas_of


@operation
def replicate_secret_to_regions(call: Call, SecretId: str, AddReplicaRegions: Sequence[Mapping[str, str]],
                                ForceOverwriteReplicaSecret: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ReplicateSecretToRegions.html"""
    call, secret = secrets.writable(call, SecretId)
    replication.replicate_to(call, secret, AddReplicaRegions, ForceOverwriteReplicaSecret)
    call.put(secret)
    return {"ARN": secret.Id, "ReplicationStatus": replicas_of(call, secret)}


@operation
def remove_regions_from_replication(call: Call, SecretId: str, RemoveReplicaRegions: Sequence[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RemoveRegionsFromReplication.html"""
    call, secret = secrets.writable(call, SecretId)
    there = {replica["Region"] for replica in secret.replicas}
    if unknown := [region for region in RemoveReplicaRegions if region not in there]:
        raise secrets.invalid(f"The secret is not replicated to the following regions: {', '.join(unknown)}.")
    for region in RemoveReplicaRegions:
        replication.withdraw(call, secret, region)
    call.put(secret)
    return {"ARN": secret.Id, "ReplicationStatus": replicas_of(call, secret) or []}


@operation
def stop_replication_to_replica(call: Call, SecretId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_StopReplicationToReplica.html"""
    call, secret = secrets.get(call, SecretId)
    if secret.account_primary is not None:
        accounts.leave(call, secret)
        call.put(secret)
        return {"ARN": secret.Id}
    if secret.primary is None:
        raise secrets.refused("This operation is only allowed on a replica secret.")
    there, primary = replication.primary_of(call, secret)
    if primary is not None:
        replication.forget(primary, call.region)
        there.put(primary)
    secret.primary, secret.origin = None, call.region
    # Rotation is set up anew, if at all: the primary's goes on without it.
    secret.rotation_on, secret.rotation_lambda, secret.rotation_rules = False, None, None
    call.put(secret)
    return {"ARN": secret.Id}


@operation
def associate_cross_account_replica(call: Call, SecretId: str, CrossAccountReplicaARN: str,
                                    ReplicaRestriction: str = "SameOrg") -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_AssociateCrossAccountReplica.html"""
    call, secret = secrets.writable(call, SecretId)
    status = accounts.join(call, secret, CrossAccountReplicaARN, ReplicaRestriction)
    call.put(secret)
    return {"ARN": secret.Id, "CrossAccountReplicaARN": CrossAccountReplicaARN, "ReplicationStatus": status}


@operation
def disassociate_cross_account_replica(call: Call, SecretId: str, CrossAccountReplicaARN: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DisassociateCrossAccountReplica.html"""
    call, secret = secrets.writable(call, SecretId)
    accounts.part(call, secret, CrossAccountReplicaARN)
    call.put(secret)
    return {"ARN": secret.Id, "CrossAccountReplicaARN": CrossAccountReplicaARN}
