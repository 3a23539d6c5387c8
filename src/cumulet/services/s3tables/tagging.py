"""Tags of table buckets and tables."""

from __future__ import annotations

from collections.abc import Mapping

from .faults import bad_request

_MOST = 50


def tagged(old: Mapping[str, str], new: Mapping[str, str] | None) -> dict[str, str]:
    """The tags after these were added."""
    if any(key.lower().startswith("aws:") for key in new or ()):
        raise bad_request("Tag keys that begin with aws: are reserved.")
    tags = {**old, **(new or {})}
    if len(tags) > _MOST:
        raise bad_request(f"A resource can have {_MOST} tags at most.")
    return tags
