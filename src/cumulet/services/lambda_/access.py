"""Functions in policies: names, partial ARNs and qualifiers mean one ARN, and statements that AddPermission made count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from cumulet.kernel import Call, Guard, parse_arn

from .names import arn_of, split
from .resources import Function, LayerVersion

# Operations on a function as such, whatever qualifier they are given.
_INVOKES = ("Invoke", "InvokeAsync", "InvokeWithResponseStream", "GetFunction", "GetFunctionConfiguration")


def targets(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """https://docs.aws.amazon.com/lambda/latest/dg/lambda-api-permissions-ref.html"""
    if call.operation == "GetLayerVersionByArn":
        return [("", str(members.get("Arn", "")))]
    name = members.get("FunctionName")
    if not name or call.operation in ("CreateEventSourceMapping", "ListEventSourceMappings"):
        return None
    parts = parse_arn(name)
    call = call.elsewhere(parts.account) if parts is not None else call
    short, qualifier = split(call, name, members.get("Qualifier") if ":" not in name else None)
    return [("", arn_of(call, short, qualifier if call.operation in _INVOKES else ""))]


def guard(call: Call, arn: str) -> Guard | None:
    """The statements for the function, or for the version or alias that the ARN names."""
    parts = arn.split(":")
    if len(parts) == 8 and parts[5] == "layer" and parts[7].isdigit():
        layer = call.table(LayerVersion).known(parts[6], int(parts[7]))
        if layer is None or not layer.policy:
            return Guard(call.account) if layer is not None else None
        return Guard(call.account, (("layer policy", _text(layer.policy)),))
    if len(parts) < 7 or parts[5] != "function":
        return None
    row = call.table(Function).known(parts[6])
    if row is None:
        return None
    said = row.policies.get(parts[7] if len(parts) > 7 else "")
    policies = (("function policy", _text(said)),) if said else ()
    return Guard(call.account, policies, tags=tuple(row.tags.items()))


def _text(statements: Sequence[Any]) -> str:
    return orjson.dumps({"Version": "2012-10-17", "Statement": statements}).decode()


def keys(call: Call, members: Mapping[str, Any]) -> dict[str, str]:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_awslambda.html"""
    name = members.get("FunctionName")
    return {"lambda:functionarn": arn_of(call, *split(call, name))} if name else {}
