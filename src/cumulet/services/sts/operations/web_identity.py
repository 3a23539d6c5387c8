"""Becoming a role by a token of an OpenID Connect provider."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation, principals

from .. import trust, web_identity
from ..sessions import Listed, policies
from ..web_identity import Token


@operation
async def assume_role_with_web_identity(call: Call, RoleArn: str, RoleSessionName: str, WebIdentityToken: str,
                                        PolicyArns: Listed = [], Policy: str | None = None,
                                        DurationSeconds: int | None = None) -> dict[str, Any]:
    """The issuer is asked for its keys each time, and the token's times are those of the wall.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
    """
    token = web_identity.read(WebIdentityToken)
    audience = await call.run(_expected, RoleArn, token)
    keys = await _keys(call, token.issuer)
    web_identity.verify(WebIdentityToken, token, keys, call.cloud.clock.wall())
    return await call.run(_become, RoleArn, RoleSessionName, token, audience, (Policy, PolicyArns, DurationSeconds))


async def _keys(call: Call, issuer: str) -> bytes:
    """The issuer's keys, from where its discovery document says they are."""
    discovery = await call.fetch(f"{issuer}/.well-known/openid-configuration")
    keys = None if discovery is None else await call.fetch(web_identity.keys_address(issuer, discovery))
    if keys is None:
        raise error.IDPCommunicationErrorException(f"The identity provider {issuer} could not be asked for its keys.")
    return keys


def _expected(call: Call, role_arn: str, token: Token) -> str:
    """The token's audience, when the role's account knows the issuer and the audience."""
    there, _ = trust.find(call, role_arn)
    row = there.table(principals.OIDCProvider).get(_provider_arn(there, token))
    if row is None:
        raise web_identity.invalid(f"No OpenIDConnect provider found in your account for {token.issuer}")
    for audience in token.audiences:
        if audience in row.ClientIdList:
            return audience
    raise web_identity.invalid("Incorrect token audience")


def _provider_arn(there: Call, token: Token) -> str:
    return there.arn(principals.OIDCProvider(Arn="", Url=token.provider))


def _become(call: Call, role_arn: str, name: str, token: Token, audience: str,
            wanted: tuple[str | None, Listed, int | None]) -> dict[str, Any]:
    there, role = trust.find(call, role_arn)
    if role is None:
        raise trust.refused(call.operation)
    policy, arns, seconds = wanted
    tags, transitive, source_identity = web_identity.session_tags(token)
    wish = trust.Wish(name, trust.seconds_for(role, seconds), policies(there, policy, arns), tags, {}, transitive,
                      source_identity)
    provider, keys = _provider_arn(there, token), web_identity.conditions(token, audience)
    trust.believe(there, role, provider, keys, wish)
    made = trust.become(there, role, wish._replace(keys=trust.carried(provider, keys)))
    return {**made, "SubjectFromWebIdentityToken": token.subject, "Provider": token.issuer,
            "Audience": audience}
