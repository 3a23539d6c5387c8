"""Parameters: put and deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import names, policies, store, values
from ..background import schedule
from ..names import invalid
from ..resources import Parameter
from ..sealing import DEFAULT_KEY, at_hand, sealed
from ..settings import DEFAULT_TIER, setting


@operation
def put_parameter(call: Call, Name: str, Value: str, Type: str | None = None, Description: str | None = None,
                  KeyId: str | None = None, Overwrite: bool = False, AllowedPattern: str | None = None,
                  Tags: Sequence[Mapping[str, str]] = (), Tier: str | None = None, Policies: str | None = None,
                  DataType: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html"""
    name = Name.strip()
    names.check_new(name)
    if Overwrite and Tags:
        raise invalid("Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please "
                      "remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or "
                      "RemoveTagsFromResource.")
    old = call.table(Parameter).get(name)
    if old is not None and not Overwrite:
        raise error.ParameterAlreadyExists("The parameter already exists. To overwrite this value, set the overwrite option "
                                           "in the request to true.")
    row = _begin(call, old, name, Type)
    _describe(row, Description, AllowedPattern, DataType)
    values.check_value(Value, row.Type, row.DataType, row.AllowedPattern, call.matches)
    if Policies is not None:
        row.Policies = policies.read(Policies)
    before = old.Tier if old is not None else None
    asked = Tier or before or setting(call, DEFAULT_TIER)
    full = store.count(call, "Standard") >= values.MOST["Standard"]
    row.Tier = values.tier_for(asked, before, Value, row.Policies is not None, full)
    _count(call, before, row.Tier)
    row.tags = values.check_tags(row.tags, {tag["Key"]: tag["Value"] for tag in Tags})
    row.Value = Value
    _seal(call, row, KeyId)
    row.modified, row.user, row.told = call.now, call.principal.arn, []
    store.keep(call, row)
    schedule(call, row)
    store.emit(call, row, "Create" if old is None else "Update")
    return {"Version": row.version, "Tier": row.Tier}


def _begin(call: Call, old: Parameter | None, name: str, kind: str | None) -> Parameter:
    """The row as it is before anything else was asked: a new one, or the next version."""
    if old is None:
        if kind is None:
            raise invalid("A parameter type is required when you create a parameter.")
        path, parent = names.parts(name)
        return Parameter(Name=name, Type=kind, Value="", path=path, parent=parent, created=call.now)
    old.version += 1
    old.Type = kind or old.Type
    return old


def _describe(row: Parameter, description: str | None, pattern: str | None, data_type: str | None) -> None:
    """What is not said again stays as it was."""
    if description is not None:
        row.Description = description or None
    if pattern is not None:
        row.AllowedPattern = pattern or None
    row.DataType = data_type or row.DataType


def _count(call: Call, before: str | None, tier: str) -> None:
    if tier == before:
        return
    if store.count(call, tier) >= values.MOST[tier]:
        raise error.ParameterLimitExceeded("You have exceeded the number of parameters for this Amazon Web Services account. "
                                           "Delete one or more parameters and try again.")
    store.tally(call, tier, 1)
    if before is not None:
        store.tally(call, before, -1)


def _seal(call: Call, row: Parameter, key_id: str | None) -> None:
    if row.Type != "SecureString":
        if key_id is not None:
            raise invalid("KeyId is only supported for SecureString parameters.")
        row.key_id, row.at_hand = None, b""
        return
    row.key_id = key_id or DEFAULT_KEY
    row.at_hand = at_hand(call, call.arn(row), row.key_id, row.Value)
    row.Value = sealed(call, call.arn(row), row.key_id, row.Tier, row.Value)


@operation
def delete_parameter(call: Call, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameter.html"""
    names.check_written(Name.strip())
    store.remove(call, store.own(call, Name))
    return {}


@operation
def delete_parameters(call: Call, Names: Sequence[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameters.html"""
    deleted, unknown = [], []
    for name in dict.fromkeys(name.strip() for name in Names):
        names.check_written(name)
        row = call.table(Parameter).get(name)
        if row is None:
            unknown.append(name)
        else:
            store.remove(call, row)
            deleted.append(name)
    return {"DeletedParameters": deleted, "InvalidParameters": unknown}
