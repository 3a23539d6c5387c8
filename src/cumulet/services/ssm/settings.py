"""Service settings of the Parameter Store, and what they are when nobody changed them."""

from __future__ import annotations

from cumulet.kernel import Call

from .resources import Setting

DEFAULT_TIER = "/ssm/parameter-store/default-parameter-tier"
THROUGHPUT = "/ssm/parameter-store/high-throughput-enabled"
DEFAULTS = {DEFAULT_TIER: "Standard", THROUGHPUT: "false"}
ALLOWED = {DEFAULT_TIER: ("Standard", "Advanced", "Intelligent-Tiering"), THROUGHPUT: ("true", "false")}


def setting(call: Call, name: str) -> str:
    """What a setting is at present."""
    row = call.table(Setting).get(name)
    return row.value if row is not None else DEFAULTS[name]
