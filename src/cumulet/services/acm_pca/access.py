"""What guards an authority: its own policy."""

from __future__ import annotations

import json

from cumulet.kernel import Call, Guard, parse_arn

from .resources import CertificateAuthority


def _of_acm(arn: str) -> str:
    """ACM comes as a service for what it has asked its caller's rights for, and renews by CreatePermission, which it asks
    for itself: no policy has to name it."""
    statement = {"Effect": "Allow", "Principal": {"Service": "acm.amazonaws.com"}, "Action": "acm-pca:*", "Resource": arn}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def guard(call: Call, arn: str) -> Guard | None:
    """Owner, policy and tags of an authority."""
    parts = parse_arn(arn)
    if parts is None or not parts.resource.startswith("certificate-authority/"):
        return None
    row = call.elsewhere(parts.account, parts.region).table(CertificateAuthority).get(arn.partition("/certificate/")[0])
    if row is None:
        return Guard(owner=parts.account)
    policies = ((f"policy of {row.Arn}", row.policy), ("ACM's own part", _of_acm(arn))) if row.policy is not None else ()
    return Guard(owner=parts.account, policies=policies, tags=tuple(row.tags.items()))
