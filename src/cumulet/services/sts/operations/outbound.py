"""Tokens that tell other services who one is here."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation, organization, principals

from ..resources import Session
from ..sessions import Listed, invalid, tags_of

_NAMESPACE = "https://sts.amazonaws.com/"


@operation
def get_web_identity_token(call: Call, Audience: list[str], SigningAlgorithm: str, DurationSeconds: int = 300,
                           Tags: Listed = []) -> dict[str, Any]:
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_GetWebIdentityToken.html"""
    issuers, who = principals.issuers, call.principal
    row = issuers.of_account(call)
    if row is None or not row.enabled:
        raise error.OutboundWebIdentityFederationDisabledException(
            "Outbound web identity federation is not enabled for this account.")
    if SigningAlgorithm not in issuers.ALGORITHMS:
        raise invalid(f"Invalid SigningAlgorithm: {SigningAlgorithm}. Valid values are {', '.join(issuers.ALGORITHMS)}")
    session = call.table(Session).get(who.access_key)
    expires = int(call.now) + DurationSeconds
    if session is not None and expires > session.expires:
        raise error.SessionDurationEscalationException(
            "The requested token duration would extend the session beyond its original expiration time.")
    own: dict[str, Any] = {"aws_account": call.account, "source_region": call.region}
    if (place := organization.org_id(call.tx, call.account)) is not None:
        own |= {"org_id": place, "ou_path": (organization.org_paths(call.tx, call.account) or [""])[0]}
    if tags := principals.tags_of(call.tx, who):
        own["principal_tags"] = tags
    if asked := tags_of(Tags):
        own["request_tags"] = asked
    claims = {"iss": issuers.url(call, row), "aud": Audience[0] if len(Audience) == 1 else Audience,
              "sub": who.arn if who.kind == "federated" else who.subject, "iat": int(call.now), "exp": expires,
              "jti": call.uuid(), _NAMESPACE: own}
    return {"WebIdentityToken": issuers.sign(call, row, SigningAlgorithm, claims), "Expiration": float(expires)}
