"""The control API's description, for generators of clients and for people: `/_cumulet/openapi.json`."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

_TEXT = Path(__file__).with_name("openapi.yaml")


@lru_cache(maxsize=1)
def described() -> dict[str, Any]:
    """The description, in OpenAPI 3.1."""
    import yaml

    return dict(yaml.safe_load(_TEXT.read_text(encoding="utf-8")))
