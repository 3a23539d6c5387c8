"""Tags of tables; limits and endpoints of the service."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from ..definitions import tag_map
from ..resources import Table
from ..shelf import name_of

Doc = dict[str, Any]
_MOST_TAGS = 50
_ACCOUNT_UNITS, _TABLE_UNITS = 80_000, 40_000


@operation
def tag_resource(call: Call, ResourceArn: str, Tags: list[dict[str, str]]) -> None:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TagResource.html"""
    table = _tagged(call, ResourceArn)
    table.tags = {**table.tags, **tag_map(Tags)}
    if len(table.tags) > _MOST_TAGS:
        raise error.ValidationException(f"Too many tags: a resource can have at most {_MOST_TAGS} tags")
    call.put(table)


@operation
def untag_resource(call: Call, ResourceArn: str, TagKeys: list[str]) -> None:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UntagResource.html"""
    table = _tagged(call, ResourceArn)
    table.tags = {key: value for key, value in table.tags.items() if key not in TagKeys}
    call.put(table)


@operation
def list_tags_of_resource(call: Call, ResourceArn: str, page: Page[tuple[str, str]] = Page(_MOST_TAGS)) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListTagsOfResource.html"""
    tags = [(key, value) for key, value in sorted(_tagged(call, ResourceArn).tags.items())
            if page.after is None or key > page.after]
    return {"Tags": [{"Key": key, "Value": value} for key, value in page.cut(tags, lambda tag: tag[0])]}


def _tagged(call: Call, arn: str) -> Table:
    if ":" not in arn:
        raise error.ValidationException(f"Invalid TableArn: Invalid ResourceArn provided as input {arn}")
    name = name_of(call, arn)
    table = call.table(Table).get(name)
    if table is None or call.arn(table) != arn:
        raise error.ResourceNotFoundException(f"Requested resource not found: ResourcArn: {arn} not found")
    return table


@operation
def describe_limits(call: Call) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeLimits.html"""
    return {"AccountMaxReadCapacityUnits": _ACCOUNT_UNITS, "AccountMaxWriteCapacityUnits": _ACCOUNT_UNITS,
            "TableMaxReadCapacityUnits": _TABLE_UNITS, "TableMaxWriteCapacityUnits": _TABLE_UNITS}


@operation
def describe_endpoints(call: Call) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeEndpoints.html"""
    return {"Endpoints": [{"Address": call.endpoint.partition("://")[2], "CachePeriodInMinutes": 1440}]}
