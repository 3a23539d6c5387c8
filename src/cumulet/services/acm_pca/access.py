"""What guards an authority: its own policy."""

from __future__ import annotations

from cumulet.kernel import Call, Guard, parse_arn

from .resources import CertificateAuthority


def guard(call: Call, arn: str) -> Guard | None:
    """Owner, policy and tags of an authority."""
    parts = parse_arn(arn)
    if parts is None or not parts.resource.startswith("certificate-authority/"):
        return None
    row = call.elsewhere(parts.account, parts.region).table(CertificateAuthority).get(arn.partition("/certificate/")[0])
    if row is None:
        return Guard(owner=parts.account)
    policies = ((f"policy of {row.Arn}", row.policy),) if row.policy is not None else ()
    return Guard(owner=parts.account, policies=policies, tags=tuple(row.tags.items()))
