"""Tags of buses and rules: how many, and what they may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .names import invalid

_MOST = 50


def checked(old: Mapping[str, str], new: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The tags after these were added."""
    if any(tag["Key"].lower().startswith("aws:") for tag in new):
        raise invalid("Tag keys must not start with aws:")
    tags = {**old, **{tag["Key"]: tag["Value"] for tag in new}}
    if len(tags) > _MOST:
        raise invalid(f"A resource can have {_MOST} tags at most.")
    return tags
