"""Provisioned concurrency: environments that are ready before anybody asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.drivers.functions.driver import Functions
from cumulet.kernel import Call, error, operation

from ..background import provide
from ..concurrency import unreserved
from ..deployments import Found, find, prepare
from ..names import arn_of, function, qualified, split
from ..resources import LATEST, Provisioned
from ..settings import stamp

_MOST = 50


def _named(call: Call, name: str, qualifier: str) -> tuple[str, str]:
    short, wanted = split(call, name, qualifier)
    qualified(call, short, wanted)
    if wanted in ("", LATEST) or find(call, short, wanted).deployment.version == LATEST:
        raise error.InvalidParameterValueException(
            "Provisioned Concurrency Configs cannot be applied to unpublished function versions.")
    return short, wanted


def _found(call: Call, name: str, qualifier: str) -> Provisioned:
    row = call.table(Provisioned).get(*_named(call, name, qualifier))
    if row is None:
        raise error.ProvisionedConcurrencyConfigNotFoundException("No Provisioned Concurrency Config found for this function")
    return row


async def _shown(call: Call, row: Provisioned, found: Found) -> dict[str, Any]:
    """As it is at this moment."""
    there = min(call.driver(Functions).ready(found.deployment), row.wanted)
    return {"RequestedProvisionedConcurrentExecutions": row.wanted, "AvailableProvisionedConcurrentExecutions": there,
            "AllocatedProvisionedConcurrentExecutions": there, "LastModified": stamp(row.modified),
            "Status": "READY" if there == row.wanted else "IN_PROGRESS"}


@operation
def put_provisioned_concurrency_config(call: Call, FunctionName: str, Qualifier: str,
                                       ProvisionedConcurrentExecutions: int) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_PutProvisionedConcurrencyConfig.html"""
    name, qualifier = _named(call, FunctionName, Qualifier)
    reserved = function(call, name).ReservedConcurrentExecutions
    if ProvisionedConcurrentExecutions > (unreserved(call) if reserved is None else reserved):
        whose = "unreserved concurrency of the account" if reserved is None else "reservedConcurrentExecution for function"
        raise error.InvalidParameterValueException(f"Requested Provisioned Concurrency should not be greater than the {whose}")
    row = Provisioned(function=name, qualifier=qualifier, wanted=ProvisionedConcurrentExecutions, modified=call.now)
    call.put(row)
    call.always(provide)
    return {"RequestedProvisionedConcurrentExecutions": row.wanted, "AvailableProvisionedConcurrentExecutions": 0,
            "AllocatedProvisionedConcurrentExecutions": 0, "Status": "IN_PROGRESS", "LastModified": stamp(row.modified)}


@operation
def get_provisioned_concurrency_config(call: Call, FunctionName: str, Qualifier: str) -> Any:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetProvisionedConcurrencyConfig.html"""
    row = _found(call, FunctionName, Qualifier)
    return call.then(_shown, row, find(call, row.function, row.qualifier))


@operation
def delete_provisioned_concurrency_config(call: Call, FunctionName: str, Qualifier: str) -> Any:
    """https://docs.aws.amazon.com/lambda/latest/api/API_DeleteProvisionedConcurrencyConfig.html"""
    row = _found(call, FunctionName, Qualifier)
    call.table(Provisioned).delete(row.function, row.qualifier)
    return call.then(_let_go, find(call, row.function, row.qualifier))


async def _let_go(call: Call, found: Found) -> None:
    """They may end when nobody asks."""
    await call.driver(Functions).keep(found.deployment, 0, lambda: prepare(call, found))


@operation
def list_provisioned_concurrency_configs(call: Call, FunctionName: str, Marker: str | None = None,
                                         MaxItems: int = _MOST) -> Any:
    """https://docs.aws.amazon.com/lambda/latest/api/API_ListProvisionedConcurrencyConfigs.html"""
    name, _ = split(call, FunctionName)
    function(call, name)
    rows = call.table(Provisioned).scan(name, after=Marker, limit=MaxItems + 1)
    return call.then(_listed, [(row, find(call, name, row.qualifier)) for row in rows], MaxItems)


async def _listed(call: Call, rows: Sequence[tuple[Provisioned, Found]], most: int) -> dict[str, Any]:
    told = [{"FunctionArn": arn_of(call, row.function, row.qualifier), **await _shown(call, row, found)}
            for row, found in rows[:most]]
    return {"ProvisionedConcurrencyConfigs": told, "NextMarker": rows[most - 1][0].qualifier if len(rows) > most else None}
