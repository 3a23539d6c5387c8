"""Tags of keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Page, operation

from .. import keys, tags


@operation
def tag_resource(call: Call, KeyId: str, Tags: Sequence[Mapping[str, str]]) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html"""
    key = keys.changeable(call, KeyId)
    keys.not_leaving(call, key)
    call.table(type(key)).change(key.KeyId, tags=tags.added(key.tags, Tags))


@operation
def untag_resource(call: Call, KeyId: str, TagKeys: Sequence[str]) -> None:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_UntagResource.html"""
    key = keys.changeable(call, KeyId)
    keys.not_leaving(call, key)
    call.table(type(key)).change(key.KeyId, tags={name: value for name, value in key.tags.items() if name not in TagKeys})


@operation
def list_resource_tags(call: Call, KeyId: str, page: Page[str] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html"""
    key = keys.own(call, KeyId)
    names = [name for name in sorted(key.tags) if page.after is None or name > page.after]
    return {"Tags": [{"TagKey": name, "TagValue": key.tags[name]} for name in page.cut(names, str)]}
