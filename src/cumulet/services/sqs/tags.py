"""Tags of queues: how many, and what they may be."""

from __future__ import annotations

from collections.abc import Mapping

from cumulet.kernel import error

MOST = 50


def check_tags(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, str]:
    """The tags of a queue after these were added."""
    for key, value in new.items():
        if not 1 <= len(key) <= 128:
            raise error.InvalidParameterValue(f"Tag keys must be between 1 and 128 characters in length: '{key}'.")
        if len(value) > 256:
            raise error.InvalidParameterValue(f"Tag values may not exceed 256 characters: '{value}'.")
        if key.lower().startswith("aws:"):
            raise error.InvalidParameterValue(f"Tag keys must not start with 'aws:': '{key}'.")
    tags = {**old, **new}
    if len(tags) > MOST:
        raise error.InvalidParameterValue(f"Too many tags: a queue may have {MOST} tags.")
    return tags
