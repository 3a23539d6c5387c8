"""Tags, by ARN."""

from __future__ import annotations

from cumulet.kernel import Call, operation

from .. import tagging
from ..names import checked_limit


@operation
def tag_resource(call: Call, resourceArn: str, tags: dict[str, str]) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_TagResource.html"""
    found = tagging.find(call, resourceArn)
    tagging.keep(call, found, {**found.tags, **tags})


@operation
def untag_resource(call: Call, resourceArn: str, tagKeys: list[str]) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UntagResource.html"""
    found = tagging.find(call, resourceArn)
    tagging.keep(call, found, {key: value for key, value in found.tags.items() if key not in tagKeys})


@operation
def get_tags(call: Call, resourceArn: str, position: str = "", limit: int | None = None) -> dict[str, dict[str, str]]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetTags.html"""
    tags = sorted(tagging.find(call, resourceArn).tags.items())
    return {"tags": dict([(key, value) for key, value in tags if key > position][:checked_limit(limit)])}
