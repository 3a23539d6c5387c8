"""Multi-Region keys: replicated, and led from another Region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, error, operation, parse_arn

from .. import keys, policies, regions, rotation, tags
from ..resources import Key, Material, ReplicaKey


@operation
def replicate_key(call: Call, KeyId: str, ReplicaRegion: str = "", Policy: str | None = None,
                  BypassPolicyLockoutSafetyCheck: bool = False, Description: str = "",
                  Tags: Sequence[Mapping[str, str]] = ()) -> dict[str, Any]:
    """CloudFormation asks in the replica's Region, without naming it; everybody else in the primary key's.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
    """
    if not ReplicaRegion:
        arn = parse_arn(KeyId)
        if arn is None:
            raise error.InvalidArnException(f"Invalid arn {KeyId}")
        ReplicaRegion, call = call.region, call.elsewhere(region=arn.region)
    primary = keys.changeable(call, KeyId)
    _check_replicable(call, primary, ReplicaRegion)
    there = call.elsewhere(region=ReplicaRegion)
    if keys.look(there, primary.KeyId) is not None:
        raise error.AlreadyExistsException(f"{there.arn(primary)} already exists.")
    policy = policies.default(call) if Policy is None else policies.checked(call, Policy, BypassPolicyLockoutSafetyCheck)
    replica = ReplicaKey(
        KeyId=primary.KeyId, PrimaryKeyArn=call.arn(primary), Description=Description, KeyPolicy=policy, created=call.now,
        KeySpec=primary.KeySpec, KeyUsage=primary.KeyUsage, Origin=primary.Origin, MultiRegion=True,
        EnableKeyRotation=primary.EnableKeyRotation, RotationPeriodInDays=primary.RotationPeriodInDays,
        tags=tags.added({}, Tags), primary=primary.primary)
    _copy_material(call, there, primary, replica)
    there.put(replica)
    regions.share(call, primary, call.region, [*primary.regions, ReplicaRegion])
    replica = there.table(ReplicaKey).get(primary.KeyId) or replica
    return {"ReplicaKeyMetadata": keys.metadata(there, replica), "ReplicaPolicy": policy,
            "ReplicaTags": [{"TagKey": name, "TagValue": value} for name, value in replica.tags.items()]}


def _check_replicable(call: Call, key: Key, region: str) -> None:
    if not key.MultiRegion or key.primary != call.region:
        raise error.UnsupportedOperationException(f"{call.arn(key)} is not a multi-Region primary key.")
    keys.check_state(call, key, "Enabled")
    if region == call.region:
        raise error.ValidationException(f"The replica Region must differ from the primary key's Region {region}.")


def _copy_material(call: Call, there: Call, key: Key, replica: Key) -> None:
    """All material of ours; of imported material only that it must be imported there too."""
    for row in call.table(Material).scan(key.KeyId, index="order"):
        if key.Origin == "EXTERNAL":
            row.sealed, row.valid_to = None, None
            replica.lacking = True
        there.put(row)
    replica.current = key.current


@operation
def update_primary_region(call: Call, KeyId: str, PrimaryRegion: str) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdatePrimaryRegion.html"""
    key = keys.changeable(call, KeyId)
    if not key.MultiRegion or key.primary != call.region:
        raise error.UnsupportedOperationException(f"{call.arn(key)} is not a multi-Region primary key.")
    keys.check_state(call, key, "Enabled")
    there = call.elsewhere(region=PrimaryRegion)
    if PrimaryRegion == call.region:
        raise error.ValidationException(f"{PrimaryRegion} is the primary Region already.")
    replica = keys.by_id(there, key.KeyId)
    keys.check_state(there, replica, "Enabled")
    due = key.rotates_at
    rotation.cease(call, key)
    regions.share(call, key, PrimaryRegion, key.regions)
    if due is not None and key.EnableKeyRotation:
        heir = keys.by_id(there, key.KeyId)
        rotation.schedule_at(there, heir, due)
        there.put(heir)
