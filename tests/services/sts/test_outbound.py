"""Web identity tokens for other services: verified by the keys that the account's issuer publishes."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest
from botocore.exceptions import ClientError
from joserfc import jwt
from joserfc.jwk import KeySet

from conftest import Cloud, Start, new_account
from enforced import own, refused, session, user

OWN = "https://sts.amazonaws.com/"


def failing(call: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as problem:
        call(**members)
    return str(problem.value.response["Error"]["Code"])


def page(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=10) as answer:
        return json.loads(answer.read())


def verified(token: str, audience: str = "https://api.example.com") -> jwt.Token:
    """As any service does it that knows nothing but the issuer and its own name."""
    issuer = json.loads(_part(token))["iss"]
    about = page(issuer + "/.well-known/openid-configuration")
    assert about["issuer"] == issuer
    found = jwt.decode(token, KeySet.import_key_set(page(about["jwks_uri"])), algorithms=about[
        "id_token_signing_alg_values_supported"])
    assert audience in found.claims["aud"]
    return found


def _part(token: str) -> bytes:
    from base64 import urlsafe_b64decode

    return urlsafe_b64decode(token.split(".")[1] + "==")


@pytest.mark.parametrize("algorithm", ["RS256", "ES384"])
def test_a_token_is_verified_by_the_published_keys(cloud: Cloud, algorithm: str) -> None:
    issuer = cloud.client("iam").enable_outbound_web_identity_federation()["IssuerIdentifier"]
    sts = cloud.client("sts", region="eu-west-1", **session(cloud, "app"))
    cloud.client("iam").tag_role(RoleName="app", Tags=[{"Key": "team", "Value": "data"}])
    made = sts.get_web_identity_token(Audience=["https://api.example.com"], SigningAlgorithm=algorithm, DurationSeconds=600,
                                      Tags=[{"Key": "job", "Value": "7"}])
    token = verified(made["WebIdentityToken"])
    assert token.header["alg"] == algorithm
    claims = token.claims
    assert (claims["iss"], claims["sub"]) == (issuer, f"arn:aws:iam::{cloud.account}:role/app")
    assert claims["aud"] == "https://api.example.com"
    assert claims["exp"] - claims["iat"] == 600
    assert made["Expiration"].timestamp() == claims["exp"]
    assert claims[OWN] == {"aws_account": cloud.account, "source_region": "eu-west-1", "principal_tags": {"team": "data"},
                           "request_tags": {"job": "7"}}
    again = sts.get_web_identity_token(Audience=["a", "b"], SigningAlgorithm=algorithm)["WebIdentityToken"]
    assert verified(again, "b").claims["jti"] != claims["jti"]


def test_an_account_turns_it_on_and_off(cloud: Cloud) -> None:
    iam, sts = cloud.client("iam"), cloud.client("sts")
    asked = {"Audience": ["https://api.example.com"], "SigningAlgorithm": "ES384"}
    assert failing(iam.get_outbound_web_identity_federation_info) == "FeatureDisabled"
    assert failing(iam.disable_outbound_web_identity_federation) == "FeatureDisabled"
    assert failing(sts.get_web_identity_token, **asked) == "OutboundWebIdentityFederationDisabledException"
    issuer = iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    assert failing(iam.enable_outbound_web_identity_federation) == "FeatureEnabled"
    assert iam.get_outbound_web_identity_federation_info()["IssuerIdentifier"] == issuer
    assert iam.get_outbound_web_identity_federation_info()["JwtVendingEnabled"]
    token = sts.get_web_identity_token(**asked)["WebIdentityToken"]
    assert failing(sts.get_web_identity_token, **asked | {"SigningAlgorithm": "HS256"}) == "ValidationError"
    iam.disable_outbound_web_identity_federation()
    assert failing(sts.get_web_identity_token, **asked) == "OutboundWebIdentityFederationDisabledException"
    verified(token)                                    # given before: good until it ends
    assert iam.enable_outbound_web_identity_federation()["IssuerIdentifier"] == issuer
    other = cloud.other().client("iam").enable_outbound_web_identity_federation()["IssuerIdentifier"]
    assert other != issuer
    assert page(other + "/.well-known/jwks.json") != page(issuer + "/.well-known/jwks.json")
    with pytest.raises(urllib.error.HTTPError, match="404"):
        page(issuer + "0/.well-known/jwks.json")


def test_a_token_does_not_outlive_its_session(cloud: Cloud) -> None:
    cloud.client("iam").enable_outbound_web_identity_federation()
    sts = cloud.client("sts", **session(cloud, "app", DurationSeconds=900))
    asked = {"Audience": ["x"], "SigningAlgorithm": "ES384"}
    sts.get_web_identity_token(**asked, DurationSeconds=600)
    assert failing(sts.get_web_identity_token, **asked, DurationSeconds=1200) == "SessionDurationEscalationException"


def test_policies_limit_audiences_and_algorithms(start_cloud: Start) -> None:
    cloud = Cloud(start_cloud(iam="enforce"), new_account())
    cloud.client("iam").enable_outbound_web_identity_federation()
    sts = cloud.client("sts", **user(cloud, "ann", own("sts:GetWebIdentityToken", Condition={
        "ForAllValues:StringEquals": {"sts:IdentityTokenAudience": "good"}, "StringEquals": {"sts:SigningAlgorithm": "ES384"},
        "NumericLessThanEquals": {"sts:DurationSeconds": "300"}})))
    verified(sts.get_web_identity_token(Audience=["good"], SigningAlgorithm="ES384")["WebIdentityToken"], "good")
    for audience, algorithm, seconds in ((["bad"], "ES384", 300), (["good"], "RS256", 300), (["good"], "ES384", 301)):
        refused(sts.get_web_identity_token, Audience=audience, SigningAlgorithm=algorithm, DurationSeconds=seconds)


def test_a_reset_takes_the_issuer_along(cloud: Cloud) -> None:
    issuer = cloud.client("iam").enable_outbound_web_identity_federation()["IssuerIdentifier"]
    cloud.thread.call(cloud.kernel.reset(cloud.account))
    with pytest.raises(urllib.error.HTTPError, match="404"):
        page(issuer + "/.well-known/jwks.json")
    assert cloud.client("iam").enable_outbound_web_identity_federation()["IssuerIdentifier"] != issuer
