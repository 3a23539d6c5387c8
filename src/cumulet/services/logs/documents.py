"""Policies as they are given: a JSON object with statements."""

from __future__ import annotations

import json
from typing import Any


def is_policy(text: str) -> bool:
    """Is it one? What its statements say is read when it decides."""
    try:
        said: Any = json.loads(text)
    except ValueError:
        return False
    return isinstance(said, dict) and bool(said.get("Statement"))
