"""Tags: what may become one, and how they change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cumulet.kernel import Call, Resource, error

_MOST = 50


def check(before: Mapping[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """The tags of a resource with these besides."""
    if any(key.lower().startswith("aws:") for key in more):
        raise error.InvalidArgumentException("Tag keys that begin with aws: are reserved for use by AWS.")
    tags = {**before, **more}
    if len(tags) > _MOST:
        raise error.InvalidArgumentException(f"Failed to add tags: a resource must not have more than {_MOST} tags.")
    return tags


def add(call: Call, row: Resource, more: Mapping[str, str]) -> None:
    """Tag a resource, or change its tags."""
    row.tags = check(row.tags, more)
    call.put(row)


def remove(call: Call, row: Resource, keys: Sequence[str]) -> None:
    row.tags = {key: value for key, value in row.tags.items() if key not in keys}
    call.put(row)


def shown(row: Resource) -> list[dict[str, str]]:
    """Tags in a result, in order of their keys."""
    return [{"Key": key, "Value": value} for key, value in sorted(row.tags.items())]
