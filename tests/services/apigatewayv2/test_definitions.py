"""APIs as OpenAPI documents: they come in, go out, and mean the same."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
import yaml
from botocore.exceptions import ClientError

from conftest import Cloud

SHOP = """
openapi: 3.0.1
info: {title: shop, version: "2.0", description: pets}
servers: [{url: "https://example.com/{base}", variables: {base: {default: v1}}}]
tags: [{name: team, x-amazon-apigateway-tag-value: blue}]
x-amazon-apigateway-cors: {allowOrigins: ["https://shop.example"], allowMethods: [GET]}
components:
  securitySchemes:
    tokens:
      type: oauth2
      x-amazon-apigateway-authorizer:
        type: jwt
        identitySource: $request.header.Authorization
        jwtConfiguration: {issuer: "https://issuer.example", audience: [app]}
    iam: {type: apiKey, name: Authorization, in: header, x-amazon-apigateway-authtype: awsSigv4}
  x-amazon-apigateway-integrations:
    backend: {type: http_proxy, httpMethod: ANY, uri: "BACKEND", payloadFormatVersion: 1.0, timeoutInMillis: 5000}
paths:
  /pets:
    get:
      operationId: listPets
      x-amazon-apigateway-integration: {$ref: "#/components/x-amazon-apigateway-integrations/backend"}
    post:
      security: [{tokens: [write]}]
      x-amazon-apigateway-integration: {$ref: "#/components/x-amazon-apigateway-integrations/backend"}
  /pets/{id}:
    x-amazon-apigateway-any-method:
      security: [{iam: []}]
      x-amazon-apigateway-integration: {$ref: "#/components/x-amazon-apigateway-integrations/backend"}
  /$default:
    x-amazon-apigateway-any-method:
      x-amazon-apigateway-integration: {$ref: "#/components/x-amazon-apigateway-integrations/backend"}
"""


@pytest.fixture
def document(cloud: Cloud) -> str:
    return SHOP.replace("BACKEND", cloud.endpoint + "/_cumulet/health")


def keys(client: Any, api: str) -> dict[str, str]:
    return {route["RouteKey"]: route["AuthorizationType"] for route in client.get_routes(ApiId=api)["Items"]}


def test_a_document_becomes_an_api_that_answers(cloud: Cloud, document: str) -> None:
    client = cloud.client("apigatewayv2")
    made = client.import_api(Body=document)
    assert (made["Name"], made["Version"], made["Description"], made["Tags"]) == ("shop", "2.0", "pets", {"team": "blue"})
    assert made["CorsConfiguration"] == {"AllowOrigins": ["https://shop.example"], "AllowMethods": ["GET"]}
    api = made["ApiId"]
    assert keys(client, api) == {"GET /pets": "NONE", "POST /pets": "JWT", "ANY /pets/{id}": "AWS_IAM", "$default": "NONE"}
    [guard] = client.get_authorizers(ApiId=api)["Items"]
    assert guard["JwtConfiguration"] == {"Issuer": "https://issuer.example", "Audience": ["app"]}
    client.create_stage(ApiId=api, StageName="$default", AutoDeploy=True)
    host = {"Host": f"{api}.execute-api.localhost"}
    assert httpx.get(cloud.endpoint + "/pets", headers=host).status_code == 200
    assert httpx.post(cloud.endpoint + "/pets", headers=host).status_code == 401
    assert httpx.get(cloud.endpoint + "/pets/1", headers=host).status_code == 403


def test_what_is_exported_can_be_imported_again(cloud: Cloud, document: str) -> None:
    client = cloud.client("apigatewayv2")
    first = client.import_api(Body=document)["ApiId"]
    exported = client.export_api(ApiId=first, OutputType="JSON", Specification="OAS30")["body"].read().decode()
    said = json.loads(exported)
    assert said["paths"]["/pets"]["get"]["operationId"] == "listPets"
    assert said["paths"]["/pets/{id}"]["x-amazon-apigateway-any-method"]["parameters"][0]["name"] == "id"
    second = client.import_api(Body=exported)["ApiId"]
    assert keys(client, second) == keys(client, first)
    plain = yaml.safe_load(client.export_api(ApiId=first, OutputType="YAML", Specification="OAS30",
                                             IncludeExtensions=False)["body"].read())
    assert "x-amazon-apigateway-integration" not in plain["paths"]["/pets"]["get"]
    client.create_stage(ApiId=first, StageName="dev", AutoDeploy=True)
    client.update_stage(ApiId=first, StageName="dev", AutoDeploy=False)
    client.create_route(ApiId=first, RouteKey="GET /later")
    for members, there in (({}, True), ({"StageName": "dev"}, False)):
        body = client.export_api(ApiId=first, OutputType="JSON", Specification="OAS30", **members)["body"].read()
        assert ("/later" in json.loads(body)["paths"]) is there


def test_a_document_takes_the_place_of_what_an_api_was(cloud: Cloud, document: str) -> None:
    client = cloud.client("apigatewayv2")
    api = client.create_api(Name="before", ProtocolType="HTTP", Target="https://example.com", Tags={"k": "v"})["ApiId"]
    told = client.reimport_api(ApiId=api, Body=document, Basepath="prepend")
    assert (told["ApiId"], told["Name"], told["Tags"]) == (api, "shop", {"k": "v"})
    assert "GET /v1/pets" in keys(client, api)
    answer = httpx.get(cloud.endpoint + "/v1/pets", headers={"Host": f"{api}.execute-api.localhost"})
    assert answer.status_code == 200                                 # its stage deploys by itself


@pytest.mark.parametrize(("body", "words"), [
    ("{", "Unable to parse"), ('{"swagger": "2.0"}', "Unsupported OpenAPI version"), ('{"openapi": "3.0.1"}', "title"),
    ('{"openapi": "3.0.1", "info": {"title": "x"}, "paths": [1]}', "of another kind"),
    ('{"openapi": "3.0.1", "info": {"title": "x"}, "paths": {"/a": {"get": {"x-amazon-apigateway-integration":'
     ' {"type": "mock"}}}}}', "not supported for HTTP"),
    ('{"openapi": "3.0.1", "info": {"title": "x"}, "paths": {"/a": {"get": {"x-amazon-apigateway-integration":'
     ' {"type": "http_proxy", "nonsense": 1}}}}}', "Invalid integration")])
def test_what_is_no_document_is_refused_and_leaves_nothing(cloud: Cloud, body: str, words: str) -> None:
    client = cloud.client("apigatewayv2")
    with pytest.raises(ClientError) as problem:
        client.import_api(Body=body)
    assert problem.value.response["Error"]["Code"] == "BadRequestException"
    assert words in problem.value.response["Error"]["Message"]
    assert client.get_apis()["Items"] == []


def test_warnings_are_told_or_refused(cloud: Cloud) -> None:
    client = cloud.client("apigatewayv2")
    body = json.dumps({"openapi": "3.0.1", "info": {"title": "x"}, "paths": {"/a": {"get": {}}}})
    assert client.import_api(Body=body)["Warnings"] == ["No integration was found for the route GET /a"]
    with pytest.raises(ClientError) as problem:
        client.import_api(Body=body, FailOnWarnings=True)
    assert "Warnings found during import" in problem.value.response["Error"]["Message"]
