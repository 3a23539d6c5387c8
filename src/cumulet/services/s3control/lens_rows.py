"""What exists of Storage Lens: its configurations (dashboards), and groups of objects."""

from __future__ import annotations

from typing import Any

import msgspec

from cumulet.kernel import stored


@stored(key=("name",))
class LensConfiguration(msgspec.Struct, kw_only=True):
    """A configuration, in its home region. said: as it was put."""

    name: str
    said: dict[str, Any]
    tags: dict[str, str] = {}


@stored(key=("name",))
class LensGroup(msgspec.Struct, kw_only=True):
    """A group of objects. filter: which ones, as it was put."""

    name: str
    filter: dict[str, Any]
    tags: dict[str, str] = {}
