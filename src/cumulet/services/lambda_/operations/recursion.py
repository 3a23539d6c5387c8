"""Whether a function may be part of a loop that feeds itself."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from ..names import function, split


@operation
def put_function_recursion_config(call: Call, FunctionName: str, RecursiveLoop: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionRecursionConfig.html"""
    row = function(call, split(call, FunctionName)[0])
    row.RecursiveLoop = RecursiveLoop
    call.put(row)
    return {"RecursiveLoop": RecursiveLoop}


@operation
def get_function_recursion_config(call: Call, FunctionName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionRecursionConfig.html"""
    return {"RecursiveLoop": function(call, split(call, FunctionName)[0]).RecursiveLoop}
