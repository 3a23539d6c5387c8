"""Regions, and how far an opt-in is."""

from __future__ import annotations

from cumulet.kernel import organization

BY_DEFAULT = frozenset({
    "ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1",
    "eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1",
    "us-west-2"})
OPTIONAL = frozenset({
    "af-south-1", "ap-east-1", "ap-east-2", "ap-south-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5",
    "ap-southeast-6", "ap-southeast-7", "ca-west-1", "eu-central-2", "eu-south-1", "eu-south-2", "il-central-1",
    "me-central-1", "me-south-1", "mx-central-1"})


def status(name: str, row: organization.Account, now: float) -> str:
    """ENABLED_BY_DEFAULT, or how far the last wish is."""
    if name in BY_DEFAULT:
        return "ENABLED_BY_DEFAULT"
    wanted, since = row.regions.get(name, (False, 0.0))
    if now < since + organization.OPT_TAKES:
        return "ENABLING" if wanted else "DISABLING"
    return "ENABLED" if wanted else "DISABLED"
