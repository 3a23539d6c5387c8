"""Aliases: names of keys."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Conflict, Page, error, operation

from .. import keys, managed
from ..resources import Alias, Key

_MOST = 50


def _check_name(name: str) -> None:
    if not name.startswith("alias/"):
        raise error.ValidationException('Alias must start with the prefix "alias/". Please see '
                                        "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html")
    rest = name.removeprefix("alias/")
    if rest.startswith("aws/"):
        raise error.InvalidAliasNameException("Aliases that begin with alias/aws/ are reserved for AWS managed keys.")
    if not rest or ":" in rest:
        raise error.ValidationException(f"{name} contains invalid characters for an alias")


def _target(call: Call, name: str) -> Key:
    key = keys.changeable(call, name)
    keys.not_leaving(call, key)
    return key


@operation
def create_alias(call: Call, AliasName: str, TargetKeyId: str) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html"""
    _check_name(AliasName)
    key = _target(call, TargetKeyId)
    if call.table(Alias).count(key.KeyId, index="target") >= _MOST:
        raise error.LimitExceededException(f"The key {call.arn(key)} has reached its limit of {_MOST} aliases.")
    try:
        call.table(Alias).insert(Alias(AliasName=AliasName, TargetKeyId=key.KeyId, created=call.now, updated=call.now))
    except Conflict:
        raise error.AlreadyExistsException(f"An alias with the name {keys.alias_arn(call, AliasName)} already exists") from None


def _existing(call: Call, name: str) -> Alias:
    found = call.table(Alias).get(name)
    if found is None:
        raise error.NotFoundException(f"Alias {keys.alias_arn(call, name)} is not found.")
    return found


@operation
def update_alias(call: Call, AliasName: str, TargetKeyId: str) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html"""
    _check_name(AliasName)
    alias = _existing(call, AliasName)
    key = _target(call, TargetKeyId)
    before = keys.by_id(call, alias.TargetKeyId)
    if (before.KeyUsage, _family(before)) != (key.KeyUsage, _family(key)):
        raise error.ValidationException(f"Alias {keys.alias_arn(call, AliasName)} cannot be changed from a key of one type to "
                                        "another: the current and the new key must be of the same type and key usage")
    call.put(Alias(AliasName=AliasName, TargetKeyId=key.KeyId, created=alias.created, updated=call.now))


def _family(key: Key) -> str:
    """Symmetric, asymmetric or HMAC: an alias stays with one of them."""
    if key.KeySpec.startswith("HMAC"):
        return "hmac"
    return "symmetric" if key.KeySpec == "SYMMETRIC_DEFAULT" else "asymmetric"


@operation
def delete_alias(call: Call, AliasName: str) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html"""
    _check_name(AliasName)
    call.table(Alias).delete(_existing(call, AliasName).AliasName)


@operation
def list_aliases(call: Call, KeyId: str | None = None, page: Page[Alias] = Page(50, 100)) -> dict[str, Any]:
    """Among them those that AWS reserves, which have no key before their first use.

    https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html
    """
    table = call.table(Alias)
    if KeyId is None:
        found = table.scan(after=page.after, limit=page.limit + 1)
        there = {alias.AliasName for alias in found}
        found += [Alias(AliasName=name, TargetKeyId="") for name in managed.RESERVED
                  if name not in there and (page.after is None or name > page.after) and table.get(name) is None]
        found = sorted(found, key=lambda alias: alias.AliasName)[:page.limit + 1]
    else:
        found = table.scan(keys.own(call, KeyId).KeyId, index="target", after=page.after, limit=page.limit + 1)
    return {"Aliases": [_entry(call, alias) for alias in page.cut(found, lambda alias: alias.AliasName)]}


def _entry(call: Call, alias: Alias) -> dict[str, Any]:
    told: dict[str, Any] = {"AliasName": alias.AliasName, "AliasArn": call.arn(alias)}
    if alias.TargetKeyId:
        told |= {"TargetKeyId": alias.TargetKeyId, "CreationDate": alias.created, "LastUpdatedDate": alias.updated}
    return told
