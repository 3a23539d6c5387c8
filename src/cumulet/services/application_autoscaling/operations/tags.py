"""Tags of scalable targets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, error, operation

from ..resources import ScalableTarget

_MOST = 50


def merged(old: Mapping[str, str], new: Mapping[str, str], arn: str) -> dict[str, str]:
    """Tags with some more; raises when AWS would take them no more."""
    if any(name.lower().startswith("aws:") for name in new):
        raise error.ValidationException("Tag keys starting with aws: are reserved for system use")
    tags = {**old, **new}
    if len(tags) > _MOST:
        raise error.TooManyTagsException(f"A scalable target can have {_MOST} tags at most", ResourceName=arn)
    return tags


def _target(call: Call, arn: str) -> ScalableTarget:
    row = call.table(ScalableTarget).find("identity", arn.rpartition("/")[2])
    if row is None or call.arn(row) != arn:
        raise error.ResourceNotFoundException(f"No scalable target found for ARN: {arn}", ResourceName=arn)
    return row


@operation
def tag_resource(call: Call, ResourceARN: str, Tags: dict[str, str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TagResource.html"""
    row = _target(call, ResourceARN)
    row.tags = merged(row.tags, Tags, ResourceARN)
    call.put(row)
    return {}


@operation
def untag_resource(call: Call, ResourceARN: str, TagKeys: list[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_UntagResource.html"""
    row = _target(call, ResourceARN)
    row.tags = {name: value for name, value in row.tags.items() if name not in TagKeys}
    call.put(row)
    return {}


@operation
def list_tags_for_resource(call: Call, ResourceARN: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_ListTagsForResource.html"""
    return {"Tags": _target(call, ResourceARN).tags}
