"""Tags of all kinds."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, Resource, error, operation

from ..filters import matches
from ..tagging import KINDS, MOST, checked, find


@operation
def create_tags(call: Call, Resources: list[str], Tags: list[dict[str, str]]) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html"""
    tags = checked(Tags)
    for row in [find(call, identifier) for identifier in Resources]:
        _set(call, row, row.tags | tags)


@operation
def delete_tags(call: Call, Resources: list[str], Tags: list[dict[str, str]] | None = None) -> None:
    """A tag given with a value goes only if it has that value; no tags: all go.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTags.html
    """
    for row in [find(call, identifier) for identifier in Resources]:
        gone = {t["Key"] for t in Tags or () if "Value" not in t or row.tags.get(t["Key"]) == t["Value"]}
        _set(call, row, {k: v for k, v in row.tags.items() if Tags and k not in gone})


def _set(call: Call, row: Resource, tags: dict[str, str]) -> None:
    if len(tags) > MOST:
        raise error.TagLimitExceeded(f"The maximum number of tags for a resource is {MOST}")
    row.tags = tags
    call.put(row)


@operation
def describe_tags(call: Call, Filters: list[dict[str, Any]] | None = None,
                  page: Page[dict[str, str]] = Page(1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeTags.html"""
    found = []
    for prefix, (kind, cls) in sorted(KINDS.items()):
        for row in call.table(cls).iterate():
            identifier = next(v for v in (getattr(row, f) for f in row.__struct_fields__)
                              if isinstance(v, str) and v.startswith(prefix + "-"))
            found += [{"Key": k, "Value": v, "ResourceId": identifier, "ResourceType": kind} for k, v in row.tags.items()]
    found = [t for t in found if matches(Filters, {"key": t["Key"], "value": t["Value"], "resource-id": t["ResourceId"],
                                                   "resource-type": t["ResourceType"]}, {t["Key"]: t["Value"]})]
    found.sort(key=lambda t: (t["ResourceId"], t["Key"]))
    if page.after is not None:
        found = [t for t in found if [t["ResourceId"], t["Key"]] > list(page.after)]
    return {"Tags": page.cut(found, lambda t: [t["ResourceId"], t["Key"]])}
