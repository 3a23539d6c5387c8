"""When a function's runtime is updated. Runtimes are the programs of this machine: they change when those do."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from ..names import arn_of, qualified, split
from ..resources import Function


def _named(call: Call, name: str, qualifier: str | None) -> tuple[Function, str]:
    short, wanted = split(call, name, qualifier)
    return qualified(call, short, wanted), arn_of(call, short, wanted)


@operation
def put_runtime_management_config(call: Call, FunctionName: str, UpdateRuntimeOn: str, Qualifier: str | None = None,
                                  RuntimeVersionArn: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_PutRuntimeManagementConfig.html"""
    row, arn = _named(call, FunctionName, Qualifier)
    if (UpdateRuntimeOn == "Manual") != (RuntimeVersionArn is not None):
        raise error.InvalidParameterValueException(
            "RuntimeVersionArn is required when UpdateRuntimeOn is Manual, and may not be given otherwise.")
    row.runtime_updates, row.runtime_version = UpdateRuntimeOn, RuntimeVersionArn
    call.put(row)
    return {"UpdateRuntimeOn": UpdateRuntimeOn, "FunctionArn": arn, "RuntimeVersionArn": RuntimeVersionArn}


@operation
def get_runtime_management_config(call: Call, FunctionName: str, Qualifier: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetRuntimeManagementConfig.html"""
    row, arn = _named(call, FunctionName, Qualifier)
    return {"UpdateRuntimeOn": row.runtime_updates, "FunctionArn": arn, "RuntimeVersionArn": row.runtime_version}
