"""Tags of topics: how many, and what they may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cumulet.kernel import error

from .messages import invalid

MOST = 50


def check_tags(old: Mapping[str, str], new: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The tags of a topic after these were added."""
    added = {tag["Key"]: tag["Value"] for tag in new}
    if len(added) != len(new):
        raise invalid("Duplicated keys are not allowed.")
    if any(key.lower().startswith("aws:") for key in added):
        raise invalid("Tags Reason: Tag keys must not start with aws:")
    tags = {**old, **added}
    if len(tags) > MOST:
        raise error.TagLimitExceededException("Could not complete request: tag quota of per resource exceeded")
    return tags
