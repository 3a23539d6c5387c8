"""Tags of parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, error, not_implemented, operation

from ..resources import Parameter
from ..values import check_tags


def _tagged(call: Call, kind: str, name: str) -> Parameter:
    if kind != "Parameter":
        raise not_implemented(f"Tagging {kind} of Systems Manager")
    row = call.table(Parameter).get(name)
    if row is None:
        raise error.InvalidResourceId("The resource ID is not valid. Verify that you entered the correct ID and try again.")
    return row


@operation
def add_tags_to_resource(call: Call, ResourceType: str, ResourceId: str,
                         Tags: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_AddTagsToResource.html"""
    row = _tagged(call, ResourceType, ResourceId)
    row.tags = check_tags(row.tags, {tag["Key"]: tag["Value"] for tag in Tags})
    call.put(row)
    return {}


@operation
def remove_tags_from_resource(call: Call, ResourceType: str, ResourceId: str, TagKeys: Sequence[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_RemoveTagsFromResource.html"""
    row = _tagged(call, ResourceType, ResourceId)
    row.tags = {key: value for key, value in row.tags.items() if key not in TagKeys}
    call.put(row)
    return {}


@operation
def list_tags_for_resource(call: Call, ResourceType: str, ResourceId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ListTagsForResource.html"""
    row = _tagged(call, ResourceType, ResourceId)
    return {"TagList": [{"Key": key, "Value": value} for key, value in sorted(row.tags.items())]}
