"""How many events of a function may be worked on at once."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from ..concurrency import ACCOUNT, LEAST_UNRESERVED, reserved
from ..names import function, split


def _set(call: Call, name: str, most: int | None) -> None:
    row = function(call, name)
    row.ReservedConcurrentExecutions = most
    call.put(row)


@operation
def put_function_concurrency(call: Call, FunctionName: str, ReservedConcurrentExecutions: int) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionConcurrency.html"""
    name, _ = split(call, FunctionName)
    function(call, name)
    if ACCOUNT - reserved(call, name) - ReservedConcurrentExecutions < LEAST_UNRESERVED:
        raise error.InvalidParameterValueException(
            f"Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its"
            f" minimum value of [{LEAST_UNRESERVED}].")
    _set(call, name, ReservedConcurrentExecutions)
    return {"ReservedConcurrentExecutions": ReservedConcurrentExecutions}


@operation
def get_function_concurrency(call: Call, FunctionName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConcurrency.html"""
    return {"ReservedConcurrentExecutions": function(call, split(call, FunctionName)[0]).ReservedConcurrentExecutions}


@operation
def delete_function_concurrency(call: Call, FunctionName: str) -> None:
    """https://docs.aws.amazon.com/lambda/latest/api/API_DeleteFunctionConcurrency.html"""
    _set(call, split(call, FunctionName)[0], None)
