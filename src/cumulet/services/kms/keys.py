"""Finding keys by whatever names them, and whether their state allows what is asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, error, parse_arn

from . import managed
from .resources import Alias, Key, Material, ReplicaKey
from .specs import MEMBERS, OLDER, SPECS

_KEY_ID = re.compile(r"mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NOTED_EVERY = 900.0                   # seconds


def find(call: Call, name: str, aliases: bool = True) -> tuple[Call, Key]:
    """A key by its id, ARN, alias or alias's ARN, and the call as seen from where it is. Not to be changed: see `own`."""
    if name.startswith("arn:"):
        call, name = _enter(call, name)
    if aliases and name.startswith("alias/"):
        return call, _aliased(call, name)
    if not _KEY_ID.fullmatch(name):
        raise error.NotFoundException(f"Invalid keyId '{name}'")
    return call, seen(call, name) or by_id(call, name)


def _enter(call: Call, text: str) -> tuple[Call, str]:
    arn = parse_arn(text)
    if arn is None or arn.service != "kms" or not arn.resource.startswith(("key/", "alias/")) or not arn.account:
        raise error.InvalidArnException(f"Invalid arn {text}")
    if arn.region != call.region:
        raise error.NotFoundException(f"Invalid arn {arn.region}")
    if arn.account != call.account:
        call = call.elsewhere(arn.account)
    return call, arn.resource.removeprefix("key/")


def _aliased(call: Call, name: str) -> Key:
    alias = call.table(Alias).known(name) or managed.first_use(call, name)
    if alias is None:
        raise error.NotFoundException(f"Alias {alias_arn(call, name)} is not found.")
    return seen(call, alias.TargetKeyId) or by_id(call, alias.TargetKeyId)


def by_id(call: Call, key_id: str) -> Key:
    """A key of this account and Region by its id."""
    found = look(call, key_id)
    if found is None:
        raise missing(call, key_id)
    return found


def look(call: Call, key_id: str) -> Key | None:
    """A key of this account and Region by its id, if there is one."""
    found = call.table(Key).get(key_id)
    return found if found is not None or not key_id.startswith("mrk-") else call.table(ReplicaKey).get(key_id)


def seen(call: Call, key_id: str) -> Key | None:
    """As `look`, for what only reads: the row may have been given to others."""
    found = call.table(Key).known(key_id)
    return found if found is not None or not key_id.startswith("mrk-") else call.table(ReplicaKey).known(key_id)


def missing(call: Call, key_id: str) -> AwsError:
    return error.NotFoundException(f"Key '{_arn_of(call, 'key/' + key_id)}' does not exist")


def alias_arn(call: Call, name: str) -> str:
    return _arn_of(call, name)


def _arn_of(call: Call, resource: str) -> str:
    return call.arn(Key(KeyId="x")).removesuffix("key/x") + resource


def own(call: Call, name: str) -> Key:
    """A key that is managed: of this account, by id or ARN. The row may be changed."""
    there, key = find(call, name, aliases=False)
    if there.account != call.account:
        raise error.AccessDeniedException(
            f"User: {call.principal.arn} is not authorized to perform: kms:{call.operation} on this resource because the "
            "operation cannot be used on a KMS key of another account")
    return by_id(call, key.KeyId)


def changeable(call: Call, name: str) -> Key:
    """A key of the customer's own."""
    key = own(call, name)
    if key.manager == "AWS":
        raise error.AccessDeniedException(
            f"User: {call.principal.arn} is not authorized to perform: kms:{call.operation} on resource: {call.arn(key)} "
            "because no resource-based policy allows the kms:" + call.operation + " action")
    return key


def all_keys(call: Call, after: str | None, limit: int) -> list[Key]:
    """Keys and replicas of this account and Region, by id."""
    found: list[Key] = [*call.table(Key).scan(after=after, limit=limit), *call.table(ReplicaKey).scan(after=after, limit=limit)]
    return sorted(found, key=lambda key: key.KeyId)[:limit]


# --- states -----------------------------------------------------------------------------------------------------------


def state_of(key: Key) -> str:
    """As DescribeKey tells it."""
    if key.leaving is not None:
        return "PendingDeletion"
    if key.waits_for_replicas:
        return "PendingReplicaDeletion"
    if key.Origin == "EXTERNAL" and (key.current is None or key.lacking):
        return "PendingImport"
    return "Enabled" if key.Enabled else "Disabled"


_SENTENCES = {"PendingDeletion": "is pending deletion.", "PendingReplicaDeletion": "is pending replica deletion.",
              "PendingImport": "is pending import."}


def check_state(call: Call, key: Key, *allowed: str) -> None:
    """Raises unless the key is in one of these states."""
    state = state_of(key)
    if state in allowed:
        return
    arn = call.arn(key)
    if state == "Disabled":
        raise error.DisabledException(f"{arn} is disabled.")
    raise error.KMSInvalidStateException(f"{arn} {_SENTENCES.get(state, 'is ' + state.lower() + '.')}")


def not_leaving(call: Call, key: Key) -> None:
    """Raises for a key that waits for its deletion: it can only be looked at."""
    check_state(call, key, "Enabled", "Disabled", "PendingImport")


def usable(call: Call, key: Key, usage: str, algorithm: str = "") -> None:
    """Raises unless the key is enabled, and is for this usage and algorithm; notes that it was used."""
    check_state(call, key, "Enabled")
    if key.KeyUsage != usage:
        raise error.InvalidKeyUsageException(
            f"{call.arn(key)} key usage is {key.KeyUsage} which is not valid for {call.operation}.")
    if algorithm and algorithm not in SPECS[key.KeySpec].algorithms[usage]:
        raise error.InvalidKeyUsageException(f"Algorithm {algorithm} and key spec {key.KeySpec} are incompatible.")


def note_use(call: Call, key: Key) -> None:
    """Remember that it was used, every quarter of an hour: a write for each use would cost more than it tells."""
    if call.now - key.used_at >= _NOTED_EVERY:
        call.table(type(key)).change(key.KeyId, used_at=call.now, used_by=call.operation, used_in=call.request_id)


def dry_run(asked: bool | None) -> None:
    """The end of a request that only asks whether it would succeed."""
    if asked:
        raise error.DryRunOperationException("The request would have succeeded, but the DryRun option is set.")


# --- telling ----------------------------------------------------------------------------------------------------------


def metadata(call: Call, key: Key) -> dict[str, Any]:
    """KeyMetadata."""
    state = state_of(key)
    told: dict[str, Any] = {
        "AWSAccountId": call.account, "KeyId": key.KeyId, "Arn": call.arn(key), "CreationDate": key.created,
        "Enabled": state == "Enabled", "Description": key.Description, "KeyUsage": key.KeyUsage, "KeyState": state,
        "Origin": key.Origin, "KeyManager": key.manager, "KeySpec": key.KeySpec,
        "CustomerMasterKeySpec": key.KeySpec if key.KeySpec in OLDER else None, "MultiRegion": key.MultiRegion,
        **algorithms(key)}
    if state == "PendingDeletion":
        told["DeletionDate"] = key.leaving
    if state == "PendingReplicaDeletion":
        told["PendingDeletionWindowInDays"] = key.window
    if key.MultiRegion:
        told["MultiRegionConfiguration"] = _relatives(call, key)
    if key.current is not None:
        if key.KeySpec == "SYMMETRIC_DEFAULT":
            told["CurrentKeyMaterialId"] = key.current
        if key.Origin == "EXTERNAL":
            told |= _expiry(call.table(Material).get(key.KeyId, key.current))
    return told


def algorithms(key: Key) -> dict[str, Sequence[str]]:
    """The algorithms of a key under the member of its usage."""
    return {MEMBERS[key.KeyUsage]: SPECS[key.KeySpec].algorithms[key.KeyUsage]}


def _expiry(row: Material | None) -> dict[str, Any]:
    if row is None or row.sealed is None:
        return {}
    if row.valid_to is None:
        return {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
    return {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": row.valid_to}


def _relatives(call: Call, key: Key) -> dict[str, Any]:
    def entry(region: str) -> dict[str, str]:
        return {"Arn": call.elsewhere(region=region).arn(key), "Region": region}

    return {"MultiRegionKeyType": "PRIMARY" if key.primary == call.region else "REPLICA", "PrimaryKey": entry(key.primary),
            "ReplicaKeys": [entry(region) for region in sorted(key.regions) if region != key.primary]}
