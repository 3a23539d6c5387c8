"""DescribeParameters: what there is, without its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Page, operation

from .. import filters, policies, store
from ..names import invalid
from ..resources import Parameter

_LOOKED_AT = 1000


@operation
def describe_parameters(call: Call, Filters: Sequence[Mapping[str, Any]] = (),
                        ParameterFilters: Sequence[Mapping[str, Any]] = (),
                        page: Page[Parameter] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html"""
    if Filters and ParameterFilters:
        raise invalid("You can use either Filters or ParameterFilters in a single request.")
    # The older filters: a name is told by its beginning.
    asked = ParameterFilters or [one | {"Option": "BeginsWith"} if one["Key"] != "Type" else one for one in map(dict, Filters)]
    matches = filters.compiled(asked, filters.DESCRIBED, tags=True)
    rows = _in_order(call, asked, store.begin(page.after), _LOOKED_AT if asked else page.limit + 1)
    found = store.matching(page, rows, matches, _LOOKED_AT if asked else 0)
    return {"Parameters": [_described(call, row) for row in found]}


def _in_order(call: Call, asked: Sequence[Mapping[str, Any]], after: tuple[str, str] | None,
              limit: int) -> list[Parameter]:
    """The rows that may match, from where the page before ended: those under the path that is asked for, or by name."""
    if (path := filters.path_of(asked)) is not None:
        return store.below(call, *path, after, limit)
    low, high = filters.bounds(asked)
    return call.table(Parameter).scan(low=None if after else low, after=after[1] if after else None, high=high, limit=limit)


def _described(call: Call, row: Parameter) -> dict[str, Any]:
    return {"Name": row.Name, "ARN": call.arn(row), "Type": row.Type, "KeyId": row.key_id, "LastModifiedDate": row.modified,
            "LastModifiedUser": row.user, "Description": row.Description, "AllowedPattern": row.AllowedPattern,
            "Version": row.version, "Tier": row.Tier, "Policies": policies.shown(row.Policies, row.told),
            "DataType": row.DataType}
