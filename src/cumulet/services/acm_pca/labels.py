"""Tags of authorities: how many, and what they may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cumulet.kernel import error

MOST = 50


def added(old: Mapping[str, str], new: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The tags of an authority after these came."""
    if len({tag["Key"] for tag in new}) != len(new):
        raise error.InvalidTagException("Duplicate tag keys found.")
    if any(tag["Key"].lower().startswith("aws:") for tag in new):
        raise error.InvalidTagException("Tag keys must not begin with aws:")
    tags = {**old, **{tag["Key"]: tag.get("Value", "") for tag in new}}
    if len(tags) > MOST:
        raise error.TooManyTagsException(f"You can associate up to {MOST} tags with a private CA.")
    return tags


def removed(old: Mapping[str, str], gone: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """What stays: a tag that is given with a value goes only when it has this value."""
    tags = dict(old)
    for tag in gone:
        if tag["Key"] in tags and tag.get("Value", tags[tag["Key"]]) == tags[tag["Key"]]:
            del tags[tag["Key"]]
    return tags
