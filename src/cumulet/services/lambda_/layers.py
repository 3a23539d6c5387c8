"""Layers: which versions there are, and which a function may take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, error, parse_arn

from .resources import Function, LayerCode, LayerVersion

_MOST = 5


def split(arn: str) -> tuple[str, str, str, int] | None:
    """(account, region, name, number) of a layer version's ARN."""
    found = parse_arn(arn)
    parts = found.resource.split(":") if found is not None and found.service == "lambda" else []
    if found is None or len(parts) != 3 or parts[0] != "layer" or not parts[2].isdigit():
        return None
    return found.account, found.region, parts[1], int(parts[2])


def arn_of(call: Call, name: str, number: int | None = None) -> str:
    """A layer's ARN, or that of one of its versions."""
    base = call.arn(Function(FunctionName=name)).replace(":function:", ":layer:", 1)
    return base if number is None else f"{base}:{number}"


def version(call: Call, arn: str) -> LayerVersion | None:
    """By its ARN, wherever it is; None when it is not there."""
    parts = split(arn)
    return None if parts is None else call.elsewhere(parts[0], parts[1]).table(LayerVersion).known(parts[2], parts[3])


def check(call: Call, arns: Sequence[str], runtime: str) -> None:
    """Raises when a function cannot have these layers."""
    if len(arns) > _MOST:
        raise error.InvalidParameterValueException(f"Cannot reference more than {_MOST} layers.")
    names = [arn.rpartition(":")[0] for arn in arns]
    for arn in arns:
        if names.count(arn.rpartition(":")[0]) > 1:
            raise error.InvalidParameterValueException(
                f"Two different versions of the same layer are not allowed to be referenced in the same function. {arn}")
        row = version(call, arn)
        if row is None or row.deleted:
            raise error.InvalidParameterValueException(f"Layer version {arn} does not exist.")
        parts = split(arn)
        assert parts is not None
        if parts[1] != call.region:
            raise error.InvalidParameterValueException(f"Layers are not in the same region as the function. Layers are expected"
                                                       f" to be in region {call.region}.")
        if parts[0] != call.account:
            _allowed(call, arn)


def _allowed(call: Call, arn: str) -> None:
    """Layers of other accounts must let their caller in."""
    try:
        getattr(call.aws, "lambda").get_layer_version_by_arn(Arn=arn)
    except AwsError as problem:
        raise error.AccessDeniedException(problem.message, 403) from problem


def references(call: Call, arns: Sequence[str]) -> list[dict[str, Any]] | None:
    """As a FunctionConfiguration tells them."""
    found = []
    for arn in arns:
        row = version(call, arn)
        found.append({"Arn": arn, "CodeSize": row.code_size if row is not None else 0})
    return found or None


def package(call: Call, arn: str) -> bytes:
    """The code of a version, also of one that was deleted meanwhile."""
    parts = split(arn)
    assert parts is not None
    row = call.elsewhere(parts[0], parts[1]).table(LayerCode).get(parts[2], parts[3])
    if row is None:
        raise error.ResourceNotFoundException(f"Layer version {arn} does not exist.")
    return row.package
