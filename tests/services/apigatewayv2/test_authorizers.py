"""Who may ask: signatures, tokens, functions."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from joserfc import jwt
from joserfc.jwk import RSAKey

from conftest import Cloud, Start, new_account
from cumulet.services.apigatewayv2 import tokens

SIMPLE = """
asked = 0
def handler(event, context):
    global asked
    asked += 1
    if event['identitySource'] == ['broken']:
        return 'no'
    if event['identitySource'] == ['unknown']:
        raise Exception('Unauthorized')
    return {'isAuthorized': event['identitySource'][0] == 'good', 'context': {'asked': asked, 'route': event['routeArn']}}
"""
POLICY = """
def handler(event, context):
    return {'principalId': 'me', 'context': {'plan': 'gold'}, 'policyDocument': {'Version': '2012-10-17', 'Statement': [
        {'Effect': 'Allow', 'Action': 'execute-api:Invoke', 'Resource': event['methodArn'].replace('/b', '/a')}]}}
"""
ECHO = "def handler(event, context): return event"


def guarded(api: Any, uri: str, **more: Any) -> str:
    return str(api.client.create_authorizer(**{
        "ApiId": api.id, "Name": "guard", "AuthorizerType": "REQUEST", "AuthorizerPayloadFormatVersion": "2.0",
        "IdentitySource": ["$request.header.X-Token"], "EnableSimpleResponses": True,
        "AuthorizerUri": f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{uri}/invocations",
        **more})["AuthorizerId"])


def test_a_function_says_yes_or_no_and_is_not_asked_again_for_a_while(api: Any, function: Any, cloud: Cloud) -> None:
    guard = guarded(api, function(SIMPLE, "guard"), AuthorizerResultTtlInSeconds=300)
    api.route("GET /a", api.integration(function(ECHO)), AuthorizationType="CUSTOM", AuthorizerId=guard)

    def asked() -> int:
        return int(api.ask("/a", headers={"X-Token": "good"}).json()["requestContext"]["authorizer"]["lambda"]["asked"])

    assert (asked(), asked()) == (1, 1)
    bad = api.ask("/a", headers={"X-Token": "bad"})
    assert (bad.status_code, bad.json()) == (403, {"message": "Forbidden"})
    for headers in ({}, {"X-Token": "unknown"}):
        none = api.ask("/a", headers=headers)
        assert (none.status_code, none.json()) == (401, {"message": "Unauthorized"})
    broken = api.ask("/a", headers={"X-Token": "broken"})
    assert (broken.status_code, broken.json()) == (500, {"message": "Internal Server Error"})
    cloud.clock.advance(301)
    again = asked()
    assert again > 1
    api.client.reset_authorizers_cache(ApiId=api.id, StageName="$default")
    assert asked() > again


def test_a_function_may_answer_with_a_policy(api: Any, function: Any) -> None:
    guard = guarded(api, function(POLICY, "guard"), AuthorizerPayloadFormatVersion="1.0", EnableSimpleResponses=False)
    target = api.integration(function(ECHO))
    for key in ("GET /a", "GET /b"):
        api.route(key, target, AuthorizationType="CUSTOM", AuthorizerId=guard)
    told = api.ask("/a", headers={"X-Token": "t"}).json()["requestContext"]["authorizer"]["lambda"]
    assert told == {"plan": "gold", "principalId": "me"}
    assert api.ask("/b", headers={"X-Token": "t"}).status_code == 403


KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
KEYS = json.dumps({"keys": [KEY.as_dict(private=False)]}).encode()


def token(**claims: Any) -> str:
    now = int(time.time())
    said = {"iss": "https://issuer.example", "aud": "app", "sub": "me", "exp": now + 60, "iat": now - 1, **claims}
    return jwt.encode({"alg": "RS256", "kid": "k1"}, said, KEY)


@pytest.mark.parametrize(("claims", "problem"), [
    ({"iss": "https://other.example"}, "invalid issuer"), ({"aud": "other"}, "invalid audience"),
    ({"exp": 1}, "the token has expired"), ({"nbf": 1e11}, "the token is not valid yet"),
    ({"exp": "soon"}, "exp, nbf and iat must be numbers")])
def test_tokens_are_refused_for_what_they_say(claims: dict[str, Any], problem: str) -> None:
    with pytest.raises(tokens.Refused, match=problem):
        tokens.check(tokens.read("Bearer " + token(**claims)), KEYS, "https://issuer.example", ["app"], [], time.time())


def test_tokens_must_be_signed_by_the_issuer_and_have_a_scope() -> None:
    def check(text: str, scopes: list[str]) -> None:
        tokens.check(tokens.read(text), KEYS, "https://issuer.example/", ["app"], scopes, time.time())

    check(token(scope="read write"), ["write"])
    with pytest.raises(tokens.Refused) as problem:
        check(token(scope="read"), ["write"])
    assert problem.value.status == 403
    head, body, signature = token().split(".")
    for forged in (f"{head}.{body}.{signature[:-4]}AAAA", f"eyJhbGciOiJub25lIn0.{body}.", "x.y.z", "none"):
        with pytest.raises(tokens.Refused):
            check(forged, [])


def test_tokens_of_an_issuer_open_routes(api: Any, function: Any, cloud: Cloud) -> None:
    iam, sts = cloud.client("iam"), cloud.client("sts")
    iam.enable_outbound_web_identity_federation()
    given = sts.get_web_identity_token(Audience=["app"], SigningAlgorithm="RS256", DurationSeconds=600)["WebIdentityToken"]
    issuer = str(tokens.read(given).claims["iss"])
    guard = api.client.create_authorizer(
        ApiId=api.id, Name="issuer", AuthorizerType="JWT", IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": issuer, "Audience": ["app"]})["AuthorizerId"]
    target = api.integration(function(ECHO))
    api.route("GET /a", target, AuthorizationType="JWT", AuthorizerId=guard)
    api.route("GET /b", target, AuthorizationType="JWT", AuthorizerId=guard, AuthorizationScopes=["admin"])
    event = api.ask("/a", headers={"Authorization": f"Bearer {given}"}).json()
    assert event["requestContext"]["authorizer"]["jwt"]["claims"]["aud"]
    scopes = api.ask("/b", headers={"Authorization": f"Bearer {given}"})
    assert (scopes.status_code, scopes.json()) == (403, {"message": "Forbidden"})
    assert 'error="insufficient_scope"' in scopes.headers["www-authenticate"]
    for headers in ({}, {"Authorization": "Bearer x"}, {"Authorization": f"Bearer {given[:-5]}AAAAA"}):
        refused = api.ask("/a", headers=headers)
        assert (refused.status_code, refused.json()) == (401, {"message": "Unauthorized"})


def test_signatures_open_routes_to_who_may(start_cloud: Start) -> None:
    cloud = Cloud(start_cloud(iam="enforce"), new_account())
    client, iam = cloud.client("apigatewayv2"), cloud.client("iam")
    api = client.create_api(Name="a", ProtocolType="HTTP")["ApiId"]
    client.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    target = client.create_integration(ApiId=api, IntegrationType="HTTP_PROXY", IntegrationMethod="GET",
                                       PayloadFormatVersion="1.0", IntegrationUri=cloud.endpoint + "/_cumulet/health")
    client.create_route(ApiId=api, RouteKey="GET /a", AuthorizationType="AWS_IAM",
                        Target="integrations/" + target["IntegrationId"])
    iam.create_user(UserName="u")
    key = iam.create_access_key(UserName="u")["AccessKey"]
    host = f"{api}.execute-api.localhost"

    def signed(secret: str) -> httpx.Response:
        asked = AWSRequest("GET", f"http://{host}/a", headers={"Host": host})
        SigV4Auth(Credentials(key["AccessKeyId"], secret), "execute-api", "us-east-1").add_auth(asked)
        return httpx.get(cloud.endpoint + "/a", headers=dict(asked.headers))

    assert httpx.get(cloud.endpoint + "/a", headers={"Host": host}).json() == {"message": "Forbidden"}
    assert signed(key["SecretAccessKey"]).status_code == 403
    iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "execute-api:Invoke",
         "Resource": f"arn:aws:execute-api:us-east-1:{cloud.account}:{api}/$default/GET/a"}]}))
    assert signed(key["SecretAccessKey"]).status_code == 200
    assert signed("wrong").status_code == 403
