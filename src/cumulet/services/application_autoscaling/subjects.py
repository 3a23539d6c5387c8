"""What can be scaled, and how: which resources a dimension is of, how much they have, and how they are given more or less.

https://docs.aws.amazon.com/autoscaling/application/userguide/integrated-services-list.html
"""

from __future__ import annotations

import re
from collections.abc import Awaitable
from typing import Any, NamedTuple

from cumulet.kernel import AwsError, Call, error, not_implemented, principals

from .resources import ScalableTarget

_UNSUPPORTED = "Unsupported service namespace, resource type or scalable dimension"
_SESSION = "AutoScaling"


class Dimension(NamedTuple):
    """One kind of capacity. words: as activities call it; least: the lowest bound; metric: the predefined one; role: of the
    service, behind AWSServiceRoleFor; most: so many targets there may be; waits: what there is, is known only when the
    transaction has ended."""

    namespace: str
    pattern: re.Pattern[str]
    words: str
    least: int
    metric: str
    role: str
    most: int
    waits: bool = False


class Standing(NamedTuple):
    """How much a resource has. capacity: None where it has none that could be scaled; settled: it is there already."""

    capacity: int | None
    settled: bool = True


_TABLE = re.compile(r"table/(?P<table>[\w.-]{3,255})")
_INDEX = re.compile(r"table/(?P<table>[\w.-]{3,255})/index/(?P<index>[\w.-]{3,255})")
_FUNCTION = re.compile(r"function:(?P<function>[\w-]{1,64}):(?P<qualifier>[\w-]{1,128})")


def _of_dynamodb(pattern: re.Pattern[str], kind: str) -> Dimension:
    return Dimension("dynamodb", pattern, f"{kind.lower()} capacity units", 1, f"DynamoDB{kind}CapacityUtilization",
                     "ApplicationAutoScaling_DynamoDBTable", 5000)


DIMENSIONS = {
    "dynamodb:table:ReadCapacityUnits": _of_dynamodb(_TABLE, "Read"),
    "dynamodb:table:WriteCapacityUnits": _of_dynamodb(_TABLE, "Write"),
    "dynamodb:index:ReadCapacityUnits": _of_dynamodb(_INDEX, "Read"),
    "dynamodb:index:WriteCapacityUnits": _of_dynamodb(_INDEX, "Write"),
    "lambda:function:ProvisionedConcurrency": Dimension(
        "lambda", _FUNCTION, "provisioned concurrency", 0, "LambdaProvisionedConcurrencyUtilization",
        "ApplicationAutoScaling_LambdaConcurrency", 500, waits=True)}


def check(namespace: str, resource: str, dimension: str) -> Dimension:
    """The dimension, if it is one of such a resource; what is not here is refused by name."""
    if dimension.partition(":")[0] != namespace:
        raise error.ValidationException(_UNSUPPORTED)
    found = DIMENSIONS.get(dimension)
    if found is None:
        raise not_implemented(f"application-autoscaling: {dimension}, of which there is nothing here,")
    if found.pattern.fullmatch(resource) is None:
        raise error.ValidationException(_UNSUPPORTED)
    return found


def registered(call: Call, resource: str, dimension: str) -> ScalableTarget | None:
    """The target of this name, if it (still) is one."""
    return call.table(ScalableTarget).get(resource, dimension, dimension.partition(":")[0])


def parts(target: ScalableTarget) -> dict[str, str]:
    """The names in its ResourceId."""
    found = DIMENSIONS[target.ScalableDimension].pattern.fullmatch(target.ResourceId)
    assert found is not None
    return found.groupdict()


def _role_arn(call: Call, target: ScalableTarget) -> str:
    """The service-linked role that changes such a capacity: whatever role is named, AWS takes this one."""
    return (f"arn:aws:iam::{call.account}:role/aws-service-role/{_principal(target)}/"
            f"AWSServiceRoleFor{DIMENSIONS[target.ScalableDimension].role}")


def _principal(target: ScalableTarget) -> str:
    return f"{target.ServiceNamespace}.application-autoscaling.amazonaws.com"


def _peers(call: Call, target: ScalableTarget) -> Any:
    """Other services with the rights of the service-linked role, which is made when it is not there."""
    arn = _role_arn(call, target)
    found = principals.acting.as_role(call, arn, _SESSION)
    if found is None:
        call.as_service().iam.create_service_linked_role(AWSServiceName=_principal(target))
        found = principals.acting.as_role(call, arn, _SESSION)
    assert found is not None
    return found


def link(call: Call, target: ScalableTarget) -> str:
    """Make the service-linked role, unless it is there; its ARN."""
    _peers(call, target)
    return _role_arn(call, target)


def must_exist(call: Call, target: ScalableTarget) -> None:
    """Raise when there is no such resource."""
    named = parts(target)
    peers = call.as_service()
    try:
        if "function" in named:
            getattr(peers, "lambda").get_function_configuration(FunctionName=named["function"], Qualifier=named["qualifier"])
            return
        told = peers.dynamodb.describe_table(TableName=named["table"])["Table"]
    except AwsError as problem:
        if problem.code != "ResourceNotFoundException":
            raise
        what = "Lambda function" if "function" in named else "DynamoDB table"
        raise error.ValidationException(f"{what} does not exist: {target.ResourceId}") from None
    if "index" in named and _index_of(told, named["index"]) is None:
        raise error.ValidationException(f"DynamoDB index does not exist: {target.ResourceId}")


# --- tables and their indexes ---


def _index_of(told: dict[str, Any], name: str) -> dict[str, Any] | None:
    return next((index for index in told.get("GlobalSecondaryIndexes") or () if index["IndexName"] == name), None)


def _units(call: Call, target: ScalableTarget) -> dict[str, int] | None:
    """Both units of a table or index; None where there are none: it is gone, or on demand."""
    named = parts(target)
    try:
        told = _peers(call, target).dynamodb.describe_table(TableName=named["table"])["Table"]
    except AwsError as problem:
        if problem.code != "ResourceNotFoundException":
            raise
        return None
    if (told.get("BillingModeSummary") or {}).get("BillingMode") == "PAY_PER_REQUEST":
        return None
    subject = _index_of(told, named["index"]) if "index" in named else told
    units = (subject or {}).get("ProvisionedThroughput")
    return {name: units[name] for name in ("ReadCapacityUnits", "WriteCapacityUnits")} if units else None


def table_standing(call: Call, target: ScalableTarget) -> Standing:
    """Of a table or index."""
    units = _units(call, target)
    return Standing(units[target.ScalableDimension.rpartition(":")[2]] if units else None)


def _change_table(call: Call, target: ScalableTarget, capacity: int) -> None:
    named, units = parts(target), _units(call, target)
    assert units is not None
    units[target.ScalableDimension.rpartition(":")[2]] = capacity
    members: dict[str, Any] = {"ProvisionedThroughput": units} if "index" not in named else {"GlobalSecondaryIndexUpdates": [
        {"Update": {"IndexName": named["index"], "ProvisionedThroughput": units}}]}
    _peers(call, target).dynamodb.update_table(TableName=named["table"], **members)


# --- functions ---


async def function_standing(call: Call, resource: str, dimension: str) -> Standing:
    """Of a version or alias of a function."""
    target = await call.run(registered, resource, dimension)
    if target is None:
        return Standing(None)
    try:
        told = await (await call.run(_provisioned, target))
    except AwsError as problem:
        if problem.code == "ProvisionedConcurrencyConfigNotFoundException":
            return Standing(0)
        if problem.code == "ResourceNotFoundException":
            return Standing(None)
        raise
    return Standing(told["RequestedProvisionedConcurrentExecutions"], told["Status"] != "IN_PROGRESS")


def _provisioned(call: Call, target: ScalableTarget) -> Awaitable[dict[str, Any]]:
    named = parts(target)
    told: Awaitable[dict[str, Any]] = getattr(_peers(call, target), "lambda").get_provisioned_concurrency_config(
        FunctionName=named["function"], Qualifier=named["qualifier"])
    return told


def change(call: Call, target: ScalableTarget, capacity: int) -> Awaitable[Any] | None:
    """Give it so much. What comes back must be awaited when the transaction has ended."""
    named = parts(target)
    if "table" in named:
        _change_table(call, target, capacity)
        return None
    functions = getattr(_peers(call, target), "lambda")
    told = {"FunctionName": named["function"], "Qualifier": named["qualifier"]}
    if capacity:
        functions.put_provisioned_concurrency_config(ProvisionedConcurrentExecutions=capacity, **told)
        return None
    ending: Awaitable[Any] = functions.delete_provisioned_concurrency_config(**told)
    return ending
