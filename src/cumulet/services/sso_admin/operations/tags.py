"""Tags of instances and permission sets."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import standing
from ..resources import Instance, PermissionSet


def _tagged(call: Call, instance: str | None, arn: str) -> tuple[standing.Place, Instance | PermissionSet]:
    parts = arn.split("/")
    owner = arn if ":instance/" in arn else f"arn:aws:sso:::instance/{parts[1]}"
    if instance is not None and instance != owner:
        raise error.ValidationException("The resource does not belong to the instance.")
    place = standing.of(call, owner)
    return place, place.instance if owner == arn else place.set(arn)


@operation
def tag_resource(call: Call, ResourceArn: str, Tags: list[dict[str, str]], InstanceArn: str | None = None) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_TagResource.html"""
    place, row = _tagged(call, InstanceArn, ResourceArn)
    row.tags = standing.tagged(row.tags, Tags)
    place.call.put(row)


@operation
def untag_resource(call: Call, ResourceArn: str, TagKeys: list[str], InstanceArn: str | None = None) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_UntagResource.html"""
    place, row = _tagged(call, InstanceArn, ResourceArn)
    row.tags = {key: value for key, value in row.tags.items() if key not in TagKeys}
    place.call.put(row)


@operation
def list_tags_for_resource(call: Call, ResourceArn: str, InstanceArn: str | None = None,
                           page: Page[Any] = Page(75)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListTagsForResource.html"""
    _, row = _tagged(call, InstanceArn, ResourceArn)
    rest = [key for key in sorted(row.tags) if page.after is None or key > page.after]
    return {"Tags": [{"Key": key, "Value": row.tags[key]} for key in page.cut(rest, str)]}
