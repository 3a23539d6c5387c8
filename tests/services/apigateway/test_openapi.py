"""OpenAPI files become APIs and come back; documentation; custom domain names."""

from __future__ import annotations

import json
from typing import Any

import httpx
import yaml

from conftest import Cloud
from services.apigateway.conftest import Api
from services.apigateway.test_definitions import refusal, replace

PETS: dict[str, Any] = {
    "swagger": "2.0", "info": {"title": "pets", "version": "1.2", "description": "d"}, "basePath": "/v1",
    "x-amazon-apigateway-binary-media-types": ["image/png"],
    "x-amazon-apigateway-request-validators": {"body": {"validateRequestBody": True, "validateRequestParameters": False}},
    "x-amazon-apigateway-request-validator": "body",
    "x-amazon-apigateway-gateway-responses": {"BAD_REQUEST_BODY": {
        "statusCode": 422, "responseTemplates": {"application/json": "wrong"}}},
    "securityDefinitions": {"key": {"type": "apiKey", "name": "x-api-key", "in": "header"}},
    "definitions": {"Pet": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}},
                    "Pets": {"type": "array", "items": {"$ref": "#/definitions/Pet"}}},
    "paths": {
        "/pets/{id}": {
            "parameters": [{"name": "id", "in": "path", "required": True, "type": "string"}],
            "get": {"responses": {"200": {"description": "", "schema": {"$ref": "#/definitions/Pet"}}},
                    "x-amazon-apigateway-integration": {
                        "type": "mock", "requestTemplates": {"application/json": '{"statusCode": 200}'},
                        "responses": {"default": {"statusCode": "200", "responseTemplates": {
                            "application/json": "{\"id\": \"$input.params('id')\"}"}}}}}},
        "/pets": {"post": {
            "operationId": "add", "parameters": [{"in": "body", "name": "pets", "schema": {"$ref": "#/definitions/Pets"}}],
            "responses": {"200": {"description": ""}}, "x-amazon-apigateway-integration": {
                "type": "mock", "requestTemplates": {"application/json": '{"statusCode": 200}'},
                "responses": {"default": {"statusCode": "200", "responseParameters": {"method.response.header.X-Own": "'v'"},
                                          "responseTemplates": {"application/json": "added"}}}}}},
        "/secret": {"x-amazon-apigateway-any-method": {
            "security": [{"key": []}], "responses": {}, "x-amazon-apigateway-integration": {"type": "mock"}}}}}


def imported(cloud: Cloud, said: dict[str, Any], **more: Any) -> Api:
    """An API of a file."""
    client = cloud.client("apigateway")
    made = client.import_rest_api(body=json.dumps(said).encode(), **more)
    api = Api.__new__(Api)
    api.cloud, api.client, api.id, api.root = cloud, client, made["id"], made["rootResourceId"]
    return api


def test_a_file_becomes_an_api_that_serves(cloud: Cloud) -> None:
    api = imported(cloud, PETS)
    told = api.client.get_rest_api(restApiId=api.id)
    assert (told["name"], told["version"], told["binaryMediaTypes"]) == ("pets", "1.2", ["image/png"])
    api.deploy()
    assert api.ask("/pets/7").json() == {"id": "7"}
    added = api.ask("/pets", "POST", json=[{"name": "a"}])
    assert (added.text, added.headers["x-own"]) == ("added", "v")
    wrong = api.ask("/pets", "POST", json=[{}])
    assert (wrong.status_code, wrong.text) == (422, "wrong")
    assert api.ask("/secret", "DELETE").status_code == 403
    prepended = imported(cloud, PETS, parameters={"basepath": "prepend"})
    assert "/v1/pets" in {each["path"] for each in prepended.client.get_resources(restApiId=prepended.id)["items"]}


def test_a_file_is_merged_or_takes_the_place(cloud: Cloud) -> None:
    api = imported(cloud, PETS)
    more = {"openapi": "3.0.1", "info": {"title": "more", "version": "2"},
            "components": {"schemas": {"Toy": {"type": "object"}}},
            "paths": {"/toys": {"get": {"responses": {"200": {"description": "", "content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/Toy"}}}}}, "x-amazon-apigateway-integration": {
                    "type": "http_proxy", "httpMethod": "GET", "uri": "http://example.com/"}}}}}

    def paths() -> set[str]:
        return {each["path"] for each in api.client.get_resources(restApiId=api.id)["items"]}

    api.client.put_rest_api(restApiId=api.id, mode="merge", body=yaml.safe_dump(more).encode())
    assert {"/pets/{id}", "/toys"} <= paths()
    api.client.put_rest_api(restApiId=api.id, mode="overwrite", body=json.dumps(more).encode())
    assert paths() == {"/", "/toys"}
    assert api.client.get_rest_api(restApiId=api.id)["name"] == "more"
    method = api.client.get_method(restApiId=api.id, resourceId=api.path("/toys"), httpMethod="GET")
    assert method["methodIntegration"]["type"] == "HTTP_PROXY"
    assert method["methodResponses"]["200"]["responseModels"] == {"application/json": "Toy"}


def test_files_that_are_odd_are_refused_or_warned_of(cloud: Cloud) -> None:
    client = cloud.client("apigateway")
    assert refusal(client.import_rest_api, body=b"nothing")[0] == "BadRequestException"
    assert refusal(client.import_rest_api, body=b'{"info": {"title": "x"}}') == ("BadRequestException", "Invalid OpenAPI input")
    odd = {"swagger": "2.0", "info": {"title": "x"}, "paths": {"/": {"get": {
        "parameters": [{"name": "f", "in": "formData", "type": "string"}], "responses": {}}}}}
    count = len(client.get_rest_apis()["items"])
    assert refusal(client.import_rest_api, body=json.dumps(odd).encode(), failOnWarnings=True)[0] == "BadRequestException"
    assert len(client.get_rest_apis()["items"]) == count
    assert client.import_rest_api(body=json.dumps(odd).encode())["warnings"] == ["Parameter 'f' in 'formData' is not supported"]


def test_what_is_exported_can_be_imported_again(cloud: Cloud) -> None:
    api = imported(cloud, PETS)
    api.deploy()
    client, where = api.client, {"restApiId": api.id, "stageName": "test"}
    for kind in ("swagger", "oas30"):
        answer = client.get_export(**where, exportType=kind, parameters={"extensions": "apigateway"})
        assert answer["contentType"] == "application/json"
        said = json.loads(answer["body"].read())
        assert set(said["paths"]) == {"/pets", "/pets/{id}", "/secret"}
        again = imported(cloud, said)
        again.deploy()
        assert again.ask("/pets/7").json() == {"id": "7"}
        assert again.ask("/pets", "POST", json=[{}]).status_code == 422
        assert again.ask("/secret").status_code == 403
    plain = client.get_export(**where, exportType="oas30", accepts="application/yaml")
    told = yaml.safe_load(plain["body"].read())
    assert told["servers"][0]["variables"]["basePath"]["default"] == "test"
    assert "x-amazon-apigateway-integration" not in told["paths"]["/pets"]["post"]
    assert refusal(client.get_export, **where, exportType="raml")[0] == "BadRequestException"


def test_documentation_has_parts_and_versions(api: Api) -> None:
    client, where = api.client, {"restApiId": api.id}
    api.mock("/pets")
    api.deploy()
    assert refusal(client.create_documentation_version, **where, documentationVersion="1")[0] == "BadRequestException"
    made = client.create_documentation_part(**where, location={"type": "METHOD", "path": "/pets", "method": "GET"},
                                            properties='{"summary": "all pets"}')
    assert refusal(client.create_documentation_part, **where, location={"type": "METHOD", "path": "/pets", "method": "GET"},
                   properties="{}")[0] == "ConflictException"
    named = {**where, "documentationPartId": made["id"]}
    client.update_documentation_part(**named, patchOperations=[replace("/properties", '{"summary": "some"}')])
    assert json.loads(client.get_documentation_part(**named)["properties"]) == {"summary": "some"}
    found = client.get_documentation_parts(**where, type="METHOD", path="/pets")["items"]
    assert [each["id"] for each in found] == [made["id"]]
    missing = client.get_documentation_parts(**where, locationStatus="UNDOCUMENTED", type="RESOURCE")["items"]
    assert {each["location"]["path"] for each in missing} == {"/", "/pets"}
    brought = client.import_documentation_parts(**where, mode="merge", body=json.dumps({
        "swagger": "2.0", "info": {"title": "x"}, "x-amazon-apigateway-documentation": {"documentationParts": [
            {"location": {"type": "API"}, "properties": {"description": "whole"}}]}}).encode())
    assert len(brought["ids"]) == 1
    client.create_documentation_version(**where, documentationVersion="1", stageName="test", description="d")
    assert client.get_stage(**where, stageName="test")["documentationVersion"] == "1"
    exported = json.loads(client.get_export(**where, stageName="test", exportType="swagger")["body"].read())
    assert len(exported["x-amazon-apigateway-documentation"]["documentationParts"]) == 2
    version = {**where, "documentationVersion": "1"}
    assert client.update_documentation_version(**version, patchOperations=[replace("/description", "e")])["description"] == "e"
    assert client.get_documentation_version(**version)["description"] == "e"
    assert [each["version"] for each in client.get_documentation_versions(**where)["items"]] == ["1"]
    assert refusal(client.delete_documentation_version, **version)[0] == "BadRequestException"
    client.delete_stage(**where, stageName="test")
    client.delete_documentation_version(**version)
    assert refusal(client.get_documentation_version, **version)[0] == "NotFoundException"
    client.delete_documentation_part(**named)
    assert refusal(client.get_documentation_part, **named)[0] == "NotFoundException"


def test_domain_names_lead_to_stages(api: Api) -> None:
    client, name = api.client, f"api{api.cloud.account}.example.com"
    certificate = api.cloud.client("acm").request_certificate(DomainName=name)["CertificateArn"]
    api.mock("/who", body="$context.domainName $context.path")
    api.deploy()
    assert refusal(client.create_domain_name, domainName=name)[0] == "BadRequestException"
    made = client.create_domain_name(domainName=name, regionalCertificateArn=certificate,
                                     endpointConfiguration={"types": ["REGIONAL"]}, tags={"a": "1"})
    assert made["domainNameStatus"] == "AVAILABLE"
    assert made["regionalDomainName"].endswith(".execute-api.us-east-1.amazonaws.com")
    assert refusal(client.create_domain_name, domainName=name, regionalCertificateArn=certificate,
                   endpointConfiguration={"types": ["REGIONAL"]}) == (
        "BadRequestException", "The domain name you provided already exists.")
    client.create_base_path_mapping(domainName=name, basePath="v1", restApiId=api.id, stage="test")
    client.create_base_path_mapping(domainName=name, restApiId=api.id)

    def ask(path: str) -> httpx.Response:
        return httpx.get(f"{api.cloud.endpoint}{path}", headers={"Host": name})

    assert ask("/v1/who").text == f"{name} /v1/who"
    assert ask("/test/who").text == f"{name} /test/who"
    named = {"domainName": name, "basePath": "v1"}
    assert refusal(client.create_base_path_mapping, **named, restApiId=api.id) == (
        "ConflictException", "Base path already exists for this domain name")
    assert client.update_base_path_mapping(**named, patchOperations=[replace("/basePath", "v2")])["basePath"] == "v2"
    assert refusal(client.get_base_path_mapping, **named)[0] == "NotFoundException"
    assert ask("/v2/who").text == f"{name} /v2/who"
    assert [each["basePath"] for each in client.get_base_path_mappings(domainName=name)["items"]] == ["(none)", "v2"]
    assert client.get_base_path_mapping(domainName=name, basePath="(none)")["restApiId"] == api.id
    client.delete_base_path_mapping(domainName=name, basePath="v2")
    assert ask("/v2/who").status_code == 403
    assert client.update_domain_name(domainName=name, patchOperations=[
        replace("/securityPolicy", "TLS_1_0")])["securityPolicy"] == "TLS_1_0"
    assert client.get_domain_name(domainName=name)["tags"] == {"a": "1"}
    assert [each["domainName"] for each in client.get_domain_names()["items"]] == [name]
    client.delete_domain_name(domainName=name)
    assert refusal(client.get_domain_name, domainName=name)[0] == "NotFoundException"
