"""What clients may try, and what an API leaves behind when it goes."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from conftest import Cloud, Start, new_account
from services.apigatewayv2.conftest import ECHO, HttpApi
from services.apigatewayv2.test_authorizers import guarded
from services.apigatewayv2.test_domains import domain
from services.apigatewayv2.test_integrations import backend

__all__ = ["backend", "domain"]


def test_a_denied_path_is_denied_however_it_is_written(start_cloud: Start) -> None:
    cloud = Cloud(start_cloud(iam="enforce"), new_account())
    api = HttpApi(cloud)
    api.route("GET /pets/{id}", api.integration(cloud.endpoint + "/_cumulet/health"), AuthorizationType="AWS_IAM")
    iam = cloud.client("iam")
    iam.create_user(UserName="u")
    key = iam.create_access_key(UserName="u")["AccessKey"]
    where = f"arn:aws:execute-api:us-east-1:{cloud.account}:{api.id}/$default/GET/pets"
    iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": effect, "Action": "execute-api:Invoke", "Resource": resource}
        for effect, resource in (("Allow", f"{where}/*"), ("Deny", f"{where}/own"))]}))

    def signed(path: str, asked: str = "") -> int:
        request = AWSRequest("GET", f"http://{api.host}{path}", headers={"Host": api.host})
        SigV4Auth(Credentials(key["AccessKeyId"], key["SecretAccessKey"]), "execute-api", "us-east-1").add_auth(request)
        return httpx.get(cloud.endpoint + (asked or path), headers=dict(request.headers)).status_code

    assert [signed(path) for path in ("/pets/all", "/pets/own", "/pets/%6fwn")] == [200, 403, 403]
    assert signed("/pets/all", "/pets/other") == 403


@pytest.mark.parametrize("policy", [
    '"no object"', "None", "[]", "{}", "{'Statement': 5}", "{'Statement': [{'Effect': 'Allow'}]}",
    "{'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': {'a': 1}, 'Resource': '*'}]}"])
def test_words_that_are_no_policy_let_nobody_in(api: Any, function: Any, policy: str) -> None:
    said = f"def handler(event, context): return {{'principalId': 'me', 'policyDocument': {policy}}}"
    guard = guarded(api, function(said, "guard"), AuthorizerPayloadFormatVersion="1.0", EnableSimpleResponses=False)
    api.route("GET /a", api.integration(function(ECHO)), AuthorizationType="CUSTOM", AuthorizerId=guard)
    assert api.ask("/a", headers={"X-Token": "t"}).status_code in (403, 500)


def test_a_parameter_stays_within_its_segment(api: Any, backend: str) -> None:
    api.route("GET /one/{id}", api.integration(backend + "/users/{id}/x"))
    api.route("GET /all/{rest+}", api.integration(backend + "/files/{rest}"))
    assert "/users/a%2F..%2Fb/x" in api.ask("/one/a%2F..%2Fb").text
    assert "/files/a/b" in api.ask("/all/a/b").text


def test_an_api_that_a_domain_name_leads_to_stays(api: Any, function: Any, cloud: Cloud, domain: str) -> None:
    client = api.client
    guard = guarded(api, function("def handler(event, context): return {'isAuthorized': True}", "guard"),
                    AuthorizerResultTtlInSeconds=300)
    api.route("GET /a", api.integration(function(ECHO)), AuthorizationType="CUSTOM", AuthorizerId=guard)
    assert api.ask("/a", headers={"X-Token": "t"}).status_code == 200
    mapping = client.create_api_mapping(ApiId=api.id, DomainName=domain, Stage="$default")["ApiMappingId"]
    with pytest.raises(client.exceptions.BadRequestException) as problem:
        client.delete_api(ApiId=api.id)
    assert problem.value.response["Error"]["Message"] == (
        f"Deleting API {api.id} failed. Please remove all API mappings for the API from your custom domain names.")
    client.delete_api_mapping(DomainName=domain, ApiMappingId=mapping)
    client.delete_api(ApiId=api.id)
    client.delete_domain_name(DomainName=domain)
    for host in (api.host, domain):
        assert httpx.get(f"{cloud.endpoint}/a", headers={"Host": host, "X-Token": "t"}).status_code in (403, 404)
