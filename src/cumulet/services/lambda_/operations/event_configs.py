"""How asynchronous events are tried again and who is told, by version or alias."""

from __future__ import annotations

import re
from typing import Any

from cumulet.kernel import Call, Page, error, operation

from ..names import arn_of, function, qualified, split
from ..resources import LATEST, EventInvokeConfig

_TARGET = re.compile(r"arn:aws[\w-]*:(sqs|sns|lambda|events|s3):.*")


def _shown(call: Call, row: EventInvokeConfig) -> dict[str, Any]:
    destinations = {"OnSuccess": {"Destination": row.success} if row.success else {},
                    "OnFailure": {"Destination": row.failure} if row.failure else {}}
    return {"LastModified": row.modified, "FunctionArn": arn_of(call, row.function, row.qualifier),
            "MaximumRetryAttempts": row.retries, "MaximumEventAgeInSeconds": row.age, "DestinationConfig": destinations}


def _named(call: Call, name: str, qualifier: str | None) -> tuple[str, str]:
    """The function and version or alias that a configuration is for; raises when it is not there."""
    short, wanted = split(call, name, qualifier)
    qualified(call, short, wanted)
    return short, wanted or LATEST


def _take(call: Call, row: EventInvokeConfig, retries: int | None, age: int | None,
          destinations: dict[str, Any] | None) -> None:
    row.retries = row.retries if retries is None else retries
    row.age = row.age if age is None else age
    for side, field in (("OnSuccess", "success"), ("OnFailure", "failure")):
        target = ((destinations or {}).get(side) or {}).get("Destination")
        if target is None:
            continue
        found = _TARGET.fullmatch(target)
        if target and (found is None or (found[1] == "s3" and side == "OnSuccess")):
            raise error.InvalidParameterValueException(f"The provided destination config DestinationConfig("
                                                       f"{side}={side}(destination={target})) is invalid.")
        if target == arn_of(call, row.function):
            raise error.InvalidParameterValueException("You can't specify the function as a destination for itself.")
        setattr(row, field, target)
    row.modified = call.now
    call.put(row)


def _found(call: Call, name: str, qualifier: str | None) -> EventInvokeConfig:
    key = _named(call, name, qualifier)
    row = call.table(EventInvokeConfig).get(*key)
    if row is None:
        raise error.ResourceNotFoundException(
            f"The function {arn_of(call, *key)} doesn't have an EventInvokeConfig")
    return row


@operation
def put_function_event_invoke_config(call: Call, FunctionName: str, Qualifier: str | None = None,
                                     MaximumRetryAttempts: int | None = None, MaximumEventAgeInSeconds: int | None = None,
                                     DestinationConfig: dict[str, Any] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html"""
    if MaximumRetryAttempts is None and MaximumEventAgeInSeconds is None and DestinationConfig is None:
        raise error.InvalidParameterValueException("You must specify at least one of error handling or destination setting.")
    name, qualifier = _named(call, FunctionName, Qualifier)
    row = EventInvokeConfig(function=name, qualifier=qualifier, modified=call.now)
    _take(call, row, MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig)
    return _shown(call, row)


@operation
def update_function_event_invoke_config(call: Call, FunctionName: str, Qualifier: str | None = None,
                                        MaximumRetryAttempts: int | None = None,
                                        MaximumEventAgeInSeconds: int | None = None,
                                        DestinationConfig: dict[str, Any] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionEventInvokeConfig.html"""
    row = _found(call, FunctionName, Qualifier)
    _take(call, row, MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig)
    return _shown(call, row)


@operation
def get_function_event_invoke_config(call: Call, FunctionName: str, Qualifier: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionEventInvokeConfig.html"""
    return _shown(call, _found(call, FunctionName, Qualifier))


@operation
def delete_function_event_invoke_config(call: Call, FunctionName: str, Qualifier: str | None = None) -> None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionEventInvokeConfig.html"""
    row = _found(call, FunctionName, Qualifier)
    call.table(EventInvokeConfig).delete(row.function, row.qualifier)


@operation
def list_function_event_invoke_configs(call: Call, FunctionName: str,
                                       page: Page[EventInvokeConfig] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctionEventInvokeConfigs.html"""
    name, _ = split(call, FunctionName)
    function(call, name)
    rows = call.table(EventInvokeConfig).scan(name, after=page.after, limit=page.limit + 1)
    return {"FunctionEventInvokeConfigs": [_shown(call, r) for r in page.cut(rows, lambda r: r.qualifier)]}
