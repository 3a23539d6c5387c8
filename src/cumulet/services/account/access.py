"""Whose account a call is about: one's own, or a member's. Who may speak for members, the operations know (standing.py)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Guard, organization


def targets(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]]:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsaccountmanagement.html"""
    member = members.get("AccountId")
    place = organization.organization_of(call.tx, call.account)
    if member and place is not None:
        return [("", f"arn:aws:account::{place.management}:account/{place.id}/{member}")]
    return [("", f"arn:aws:account::{call.account}:account")]


def guard(call: Call, arn: str) -> Guard:
    """Nobody's in particular: a delegated administrator's own policies decide, though the ARN names the manager."""
    return Guard()


def keys(call: Call, members: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsaccountmanagement.html"""
    named = {"account:alternatecontacttypes": "AlternateContactType", "account:targetregion": "RegionName"}
    return {key: str(members[name]) for key, name in named.items() if members.get(name)}
