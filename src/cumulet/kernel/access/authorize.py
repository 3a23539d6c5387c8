"""May they? (First form: root.)"""

from __future__ import annotations

from typing import Any

from .contract import Decision

_ROOT = Decision(True, reason="root")


def authorize(call: Any, op: Any, members: dict[str, Any]) -> Decision:
    return _ROOT
