"""Tags of certificates: how many, and what they may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cumulet.kernel import error

MOST = 50


def added(old: Mapping[str, str], new: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The tags of a certificate after these came."""
    if len({tag["Key"] for tag in new}) != len(new):
        raise error.InvalidTagException("Duplicate tag keys found. Please note that tag keys are case insensitive.")
    for tag in new:
        if tag["Key"].lower().startswith("aws:") or tag.get("Value", "").lower().startswith("aws:"):
            raise error.InvalidTagException("AWS internal tags cannot be changed with this API")
    tags = {**old, **{tag["Key"]: tag.get("Value", "") for tag in new}}
    if len(tags) > MOST:
        raise error.TooManyTagsException(f"Too many tags. The maximum number of tags is {MOST}.")
    return tags


def removed(old: Mapping[str, str], gone: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """What stays: a tag that is given with a value goes only when it has this value."""
    tags = dict(old)
    for tag in gone:
        if tag["Key"] in tags and tag.get("Value", tags[tag["Key"]]) == tags[tag["Key"]]:
            del tags[tag["Key"]]
    return tags


def listed(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in sorted(tags.items())]
