"""Aliases: names for versions, with weights."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from ..names import arn_of, check_revision, function, split, version
from ..resources import LATEST, Alias


def _shown(call: Call, row: Alias) -> dict[str, Any]:
    return {"AliasArn": arn_of(call, row.FunctionName, row.Name), "Name": row.Name, "FunctionVersion": row.FunctionVersion,
            "Description": row.Description, "RoutingConfig": row.RoutingConfig, "RevisionId": row.revision}


def _alias(call: Call, function_name: str, name: str) -> Alias:
    row = call.table(Alias).get(function_name, name)
    if row is None:
        raise error.ResourceNotFoundException(f"Cannot find alias arn: {arn_of(call, function_name, name)}")
    return row


def _check(call: Call, name: str, version_asked: str, routing: dict[str, Any] | None) -> None:
    function(call, name)
    if version_asked != LATEST:
        version(call, name, version_asked)
    weights = (routing or {}).get("AdditionalVersionWeights", {})
    if len(weights) > 1:
        raise error.InvalidParameterValueException("Number of items in AdditionalVersionWeights cannot be greater than 1")
    for other in weights:
        if LATEST in (other, version_asked):
            raise error.InvalidParameterValueException("$LATEST is not supported for an alias pointing to more than 1 version")
        version(call, name, other)


@operation
def create_alias(call: Call, FunctionName: str, Name: str, FunctionVersion: str, Description: str = "",
                 RoutingConfig: dict[str, Any] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html"""
    name, _ = split(call, FunctionName)
    _check(call, name, FunctionVersion, RoutingConfig)
    if call.table(Alias).get(name, Name) is not None:
        raise error.ResourceConflictException(f"Alias already exists: {arn_of(call, name, Name)}")
    row = Alias(FunctionName=name, Name=Name, FunctionVersion=FunctionVersion, Description=Description,
                RoutingConfig=RoutingConfig, revision=call.uuid(), created=call.now)
    call.put(row)
    return _shown(call, row)


@operation
def get_alias(call: Call, FunctionName: str, Name: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetAlias.html"""
    return _shown(call, _alias(call, split(call, FunctionName)[0], Name))


@operation
def update_alias(call: Call, FunctionName: str, Name: str, FunctionVersion: str | None = None, Description: str | None = None,
                 RoutingConfig: dict[str, Any] | None = None, RevisionId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html"""
    row = _alias(call, split(call, FunctionName)[0], Name)
    check_revision(row, RevisionId)
    _check(call, row.FunctionName, FunctionVersion or row.FunctionVersion, RoutingConfig)
    row.FunctionVersion = FunctionVersion or row.FunctionVersion
    row.Description = row.Description if Description is None else Description
    row.RoutingConfig = row.RoutingConfig if RoutingConfig is None else RoutingConfig
    row.revision = call.uuid()
    call.put(row)
    return _shown(call, row)


@operation
def delete_alias(call: Call, FunctionName: str, Name: str) -> None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_DeleteAlias.html"""
    name, _ = split(call, FunctionName)
    function(call, name)
    call.table(Alias).delete(name, Name)


@operation
def list_aliases(call: Call, FunctionName: str, FunctionVersion: str | None = None,
                 page: Page[Alias] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_ListAliases.html"""
    name, _ = split(call, FunctionName)
    function(call, name)
    rows = [a for a in call.table(Alias).scan(name, after=page.after)
            if FunctionVersion is None or a.FunctionVersion == FunctionVersion]
    return {"Aliases": [_shown(call, a) for a in page.cut(rows, lambda a: a.Name)]}
