"""Tags of what S3 Control makes: as the API has them, and their limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cumulet.kernel import error

_MOST = 50


def checked(tags: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """A list of tags, or an error."""
    found = {one["Key"]: one["Value"] for one in tags}
    if len(found) < len(tags):
        raise error.named("InvalidTag", "There are duplicate tag keys in your request. Remove the duplicate tag keys and try "
                          "again.", 400)
    return limited(found)


def limited(tags: dict[str, str]) -> dict[str, str]:
    """The tags of one resource: none of AWS's own, fifty at most."""
    if any(key.startswith("aws:") for key in tags):
        raise error.named("InvalidTags", "Tag keys cannot start with AWS reserved prefix for system tags.", 400)
    if len(tags) > _MOST:
        raise error.named("TooManyTags", f"The number of tags exceeds the limit of {_MOST} tags. Remove some tags and try "
                          "again.", 400)
    return tags


def told(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]
