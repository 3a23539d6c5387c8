"""Becoming a role by asking in one's own name."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Principal, error, operation

from .. import trust
from ..factors import second_factor
from ..sessions import HOUR, Listed, invalid, policies, tags_of


@operation
def assume_role(call: Call, RoleArn: str, RoleSessionName: str, PolicyArns: Listed = [], Policy: str | None = None,
                DurationSeconds: int | None = None, Tags: Listed = [], TransitiveTagKeys: list[str] = [],
                ExternalId: str | None = None, SerialNumber: str | None = None, TokenCode: str | None = None,
                SourceIdentity: str | None = None) -> dict[str, Any]:
    """Whether the role trusts the caller, and this external id, has been decided by access.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    """
    who = call.principal
    there, role = trust.find(call, RoleArn)
    if role is None:
        raise error.AccessDenied(f"User: {who.arn} is not authorized to perform: sts:AssumeRole on resource: {RoleArn}", 403)
    if who.kind == "role" and (DurationSeconds or HOUR) > HOUR:
        raise invalid("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
    seconds = trust.seconds_for(role, DurationSeconds)
    given = tags_of(Tags)
    inherited = _inherited(who, given, TransitiveTagKeys)
    if who.source_identity and SourceIdentity not in (None, who.source_identity):
        raise error.AccessDenied("The source identity of a session cannot be changed", 403)
    mfa_at = second_factor(call, who, SerialNumber, TokenCode).mfa_at if SerialNumber or TokenCode else 0.0
    return trust.become(there, role, trust.Wish(
        RoleSessionName, seconds, policies(there, Policy, PolicyArns), given, inherited, tuple(TransitiveTagKeys),
        SourceIdentity or who.source_identity, mfa_at))


def _inherited(who: Principal, given: dict[str, str], transitive: list[str]) -> dict[str, str]:
    """The tags that a session hands on; they cannot be given anew."""
    if unknown := [key for key in transitive if key not in given]:
        raise invalid(f"The specified transitive tag key must be included in the requested tags: {', '.join(unknown)}")
    inherited = {k: v for k, v in who.tags if k in who.transitive}
    if {k.lower() for k in inherited} & {k.lower() for k in given}:
        raise invalid("One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key"
                      " from the calling session.")
    return inherited
