"""Tags as they come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .standing import constraint, invalid

_MOST = 50


def tagged(old: Mapping[str, str], given: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The old tags with the new ones on top."""
    keys = [t["Key"] for t in given]
    if len(set(keys)) != len(keys):
        raise invalid("DUPLICATE_TAG_KEY", "You have specified a tag key more than once.")
    if any(key.lower().startswith("aws:") for key in keys):
        raise invalid("INVALID_SYSTEM_TAGS_PARAMETER", "You specified a tag key that is a system tag. You can't add, edit, or"
                      " delete system tag keys because they're reserved for AWS use.")
    tags = {**old, **{t["Key"]: t["Value"] for t in given}}
    if len(tags) > _MOST:
        raise constraint("MAX_TAG_LIMIT_EXCEEDED", f"You have exceeded the number of tags allowed on this resource: {_MOST}.")
    return tags
