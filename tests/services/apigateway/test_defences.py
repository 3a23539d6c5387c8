"""What clients and templates may try: other spellings of a path, keys that run together, words of authorizers that are none,
templates that grow, functions that are late."""

from __future__ import annotations

import json

import httpx
import pytest

from conftest import Cloud, Start, new_account
from services.apigateway.conftest import Api
from services.apigateway.test_integrations import function, proxied, server

__all__ = ["server"]


def test_a_denied_path_is_denied_however_it_is_written(start_cloud: Start) -> None:
    api = Api(Cloud(start_cloud(iam="enforce"), new_account()))
    api.mock("/open", body="ok")
    api.mock("/files/{path+}", body="ok")
    statements = [{"Effect": effect, "Principal": "*", "Action": "execute-api:Invoke", "Resource": resource} for
                  effect, resource in (("Allow", "execute-api:/*"), ("Deny", "execute-api:/test/GET/open"),
                                       ("Deny", "execute-api:/test/GET/files/own/*"))]
    api.client.update_rest_api(restApiId=api.id, patchOperations=[
        {"op": "replace", "path": "/policy", "value": json.dumps({"Version": "2012-10-17", "Statement": statements})}])
    api.deploy()
    assert api.ask("/files/all/x").text == "ok"
    for path in ("/open", "/%6fpen", "/open/", "//open", "/files/own/x", "/files/%6fwn/x", "/files/own%2Fx", "//files/own/x"):
        assert (path, api.ask(path).status_code) == (path, 403)


def test_identities_do_not_run_together(api: Api) -> None:
    uri = function(api.cloud, """
def handler(event, context):
    effect = "Allow" if event["queryStringParameters"] == {"a": "x\\x1fy", "b": "z"} else "Deny"
    return {"principalId": "me", "policyDocument": {"Version": "2012-10-17", "Statement": [
        {"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}]}}
""")
    authorizer = api.client.create_authorizer(
        restApiId=api.id, name="a", type="REQUEST", authorizerUri=uri,
        identitySource="method.request.querystring.a, method.request.querystring.b")["id"]
    api.mock("/a", body="in", method={"authorizationType": "CUSTOM", "authorizerId": authorizer})
    api.deploy()
    assert api.ask("/a?a=x%1Fy&b=z").text == "in"
    assert api.ask("/a?a=x&b=y%1Fz").status_code == 403


def test_keys_of_a_cache_do_not_run_together(api: Api) -> None:
    names = [f"method.request.querystring.{name}" for name in "ab"]
    api.mock("/a", body="$input.params('a') $input.params('b')", method={"requestParameters": dict.fromkeys(names, False)},
             cacheKeyParameters=names)
    api.deploy(cacheClusterEnabled=True, cacheClusterSize="0.5")
    api.patch_stage(**{"/*/*/caching/enabled": "true"})
    first = api.ask("/a", params={"a": f"1\x1f{names[1]}=2", "b": ""})
    second = api.ask("/a", params={"a": "1", "b": f"2\x1f{names[1]}="})
    assert first.text != second.text


@pytest.mark.parametrize("policy", [
    '"no object"', "None", "[]", "{}", "{'Statement': 5}", "{'Statement': [{'Effect': 'Allow'}]}",
    "{'Version': '2012-10-17', 'Statement': [{'Effect': 'Yes', 'Action': '*', 'Resource': '*'}]}",
    "{'Version': '2012-10-17', 'Statement': [{'Effect': 'Allow', 'Action': {'a': 1}, 'Resource': '*'}]}"])
def test_words_that_are_no_policy_let_nobody_in(api: Api, policy: str) -> None:
    uri = function(api.cloud, f"def handler(event, context): return {{'principalId': 'me', 'policyDocument': {policy}}}")
    authorizer = api.client.create_authorizer(restApiId=api.id, name="a", type="TOKEN", authorizerUri=uri,
                                              identitySource="method.request.header.Auth")["id"]
    api.mock("/a", body="in", method={"authorizationType": "CUSTOM", "authorizerId": authorizer})
    api.deploy()
    assert api.ask("/a", headers={"Auth": "t"}).status_code in (403, 500)


def test_functions_that_are_late_are_not_waited_for(api: Api) -> None:
    uri = function(api.cloud, "import time\ndef handler(event, context): time.sleep(5)")
    named = proxied(api, uri)
    api.client.update_integration(**named, patchOperations=[{"op": "replace", "path": "/timeoutInMillis", "value": "100"}])
    api.deploy()
    late = api.ask("/x")
    assert (late.status_code, late.json()) == (504, {"message": "Endpoint request timed out"})


GROWING = {
    "text": "#set($s='ab')#foreach($i in [1..60])#set($s=\"$s$s\")#end$s.length()",
    "sum": "#set($s='ab')#foreach($i in [1..60])#set($s=$s+$s)#end$s.length()",
    "number": "#set($n=10)#foreach($i in [1..60])#set($n=$n*$n)#end$n",
    "list": "#set($r=[1,2])#foreach($i in [1..60])#set($x=$r.addAll($r))#end$r.size()",
    "macro": "#macro(m)#m()#end#m()"}


@pytest.mark.parametrize("name", sorted(GROWING))
def test_templates_do_not_grow_without_end(api: Api, name: str) -> None:
    api.mock("/a", body=GROWING[name])
    api.deploy()
    assert api.ask("/a").json() == {"message": "Internal server error"}


def test_a_parameter_stays_within_its_segment(api: Api, server: str) -> None:
    for path, uri in (("/one/{id}", "/users/{id}/x"), ("/all/{rest+}", "/files/{rest}")):
        name = "id" if "{id}" in path else "rest"
        named = api.method(path, "GET", requestParameters={f"method.request.path.{name}": True})
        api.client.put_integration(**named, type="HTTP_PROXY", integrationHttpMethod="GET", uri=server + uri,
                                   requestParameters={f"integration.request.path.{name}": f"method.request.path.{name}"})
    api.deploy()
    assert api.ask("/one/a%2F..%2Fb").json()["path"] == "/users/a%2F..%2Fb/x"
    assert api.ask("/all/a/b").json()["path"] == "/files/a/b"


def test_a_value_does_not_become_a_header(api: Api, server: str) -> None:
    named = api.method("/h", "GET", requestParameters={"method.request.querystring.q": False})
    api.client.put_method_response(**named, statusCode="200", responseParameters={"method.response.header.X-Q": False})
    api.client.put_integration(**named, type="HTTP", integrationHttpMethod="GET", uri=server, requestParameters={
        "integration.request.header.X-Other": "method.request.querystring.q"})
    api.client.put_integration_response(**named, statusCode="200")
    api.mock("/back", body="#set($context.responseOverride.header.X-Q = $input.params('q'))ok")
    api.deploy()
    broken = {"q": "a\r\nX-Own: evil"}
    assert "evil" not in api.ask("/h", params=broken).text
    answer = api.ask("/back", params=broken)
    assert "x-own" not in answer.headers


def test_an_api_that_a_domain_name_leads_to_stays(api: Api) -> None:
    client, name = api.client, f"kept{api.cloud.account}.example.com"
    certificate = api.cloud.client("acm").request_certificate(DomainName=name)["CertificateArn"]
    api.mock(body="ok")
    api.deploy()
    said = {"domainName": name, "regionalCertificateArn": certificate, "endpointConfiguration": {"types": ["REGIONAL"]}}
    client.create_domain_name(**said)
    second = api.cloud.client("apigatewayv2")
    second.create_api_mapping(ApiId=api.id, DomainName=name, Stage="test", ApiMappingKey="k")
    with pytest.raises(client.exceptions.BadRequestException) as problem:
        client.delete_rest_api(restApiId=api.id)
    assert problem.value.response["Error"]["Message"] == (
        f"Deleting RestApi {api.id} failed. Please remove all base path mappings related to the RestApi in your domains: "
        f"{name}.")
    client.delete_domain_name(domainName=name)
    client.delete_rest_api(restApiId=api.id)
    assert api.ask().status_code == 403
    client.create_domain_name(**said)
    assert second.get_api_mappings(DomainName=name)["Items"] == []
    assert httpx.get(f"{api.cloud.endpoint}/k", headers={"Host": name}).status_code == 403
