"""Becoming a role by an assertion of a SAML provider."""

from __future__ import annotations

import re
from typing import Any

from cumulet.kernel import Call, operation, principals

from .. import saml, trust
from ..saml import Assertion
from ..sessions import Listed, policies

_SHORTEST = 900
_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII).fullmatch


@operation(name="AssumeRoleWithSAML")
def assume_role_with_saml(call: Call, RoleArn: str, PrincipalArn: str, SAMLAssertion: str, PolicyArns: Listed = [],
                          Policy: str | None = None, DurationSeconds: int | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html"""
    there, role = trust.find(call, RoleArn)
    provider = there.table(principals.SAMLProvider).get(PrincipalArn)
    if provider is None or role is None:
        raise trust.refused("AssumeRoleWithSAML")
    now = call.cloud.clock.wall()
    private = [there.unseal(sealed, b"saml" + PrincipalArn.encode()) for _, _, sealed in provider.keys]
    trusted = saml.Trusted(provider.issuer, provider.certificates, private, provider.AssertionEncryptionMode == "Required")
    said = saml.read(SAMLAssertion, trusted, now)
    if not any({part.strip() for part in pair.split(",")} == {RoleArn, PrincipalArn} for pair in said.ours("Role")):
        raise trust.refused("AssumeRoleWithSAML")
    seconds = trust.seconds_for(role, DurationSeconds)
    if said.until:
        seconds = max(_SHORTEST, min(seconds, int(said.until - now)))
    wish = trust.Wish(_session_name(said), seconds, policies(there, Policy, PolicyArns), said.tags(), {},
                      tuple(said.ours("TransitiveTagKeys")), "".join(said.ours("SourceIdentity")[:1]))
    qualifier = saml.qualifier(said.issuer, there.account, str(provider.Name))
    keys = {"saml:iss": [said.issuer], "saml:aud": [said.recipient], "saml:sub": [said.subject],
            "saml:sub_type": [said.subject_type], "saml:namequalifier": [qualifier],
            "saml:doc": [f"{there.account}/{provider.Name}"]}
    trust.believe(there, role, PrincipalArn, keys, wish)
    kept = trust.carried(PrincipalArn, {key: keys[key] for key in ("saml:namequalifier", "saml:sub", "saml:sub_type")})
    return {**trust.become(there, role, wish._replace(keys=kept)), "Subject": said.subject, "SubjectType": said.subject_type,
            "Issuer": said.issuer, "Audience": said.recipient, "NameQualifier": qualifier}


def _session_name(said: Assertion) -> str:
    names = said.ours("RoleSessionName")
    if len(names) != 1:
        raise saml.invalid("RoleSessionName is required in AuthnResponse")
    if not _NAME(names[0]):
        raise saml.invalid("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
    return names[0]
