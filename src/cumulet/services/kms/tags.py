"""Tags of keys: what they may be, and how many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cumulet.kernel import error

_MOST = 50


def added(old: Mapping[str, str], new: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The tags of a key after these were added."""
    names = [tag["TagKey"] for tag in new]
    if len(set(names)) != len(names):
        raise error.TagException("Duplicate tag keys")
    if any(name.lower().startswith("aws:") for name in names):
        raise error.TagException("aws: prefixed tag key names are not allowed for external use.")
    tags = {**old, **{tag["TagKey"]: tag["TagValue"] for tag in new}}
    if len(tags) > _MOST:
        raise error.TagException("Too many tags")
    return tags
