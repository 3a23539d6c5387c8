"""What an API is made of: resources, methods, integrations and their answers, each made, told, patched and ended."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud
from services.apigateway.conftest import Api


def refusal(call: Any, **members: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as problem:
        call(**members)
    said = problem.value.response["Error"]
    return said["Code"], said["Message"]


def replace(path: str, value: str, op: str = "replace") -> dict[str, str]:
    return {"op": op, "path": path, "value": value}


def test_an_api_is_made_told_patched_and_ended(cloud: Cloud) -> None:
    client = cloud.client("apigateway")
    made = client.create_rest_api(name="shop", description="d", version="1", tags={"a": "1"},
                                  endpointConfiguration={"types": ["REGIONAL"]})
    api = made["id"]
    assert len(api) == 10
    assert (made["apiKeySource"], made["endpointConfiguration"]["types"], made["tags"]) == ("HEADER", ["REGIONAL"], {"a": "1"})
    told = client.get_rest_api(restApiId=api)
    told.pop("ResponseMetadata")
    made.pop("ResponseMetadata")
    assert told == made
    changed = client.update_rest_api(restApiId=api, patchOperations=[
        replace("/name", "store"), replace("/binaryMediaTypes/image~1png", "", "add"),
        replace("/minimumCompressionSize", "1024"), replace("/endpointConfiguration/types/REGIONAL", "EDGE"),
        replace("/disableExecuteApiEndpoint", "true"), {"op": "remove", "path": "/description"}])
    assert (changed["name"], changed["binaryMediaTypes"], changed["minimumCompressionSize"]) == ("store", ["image/png"], 1024)
    assert changed["endpointConfiguration"]["types"] == ["EDGE"]
    assert changed["disableExecuteApiEndpoint"]
    assert "description" not in changed
    code, message = refusal(client.update_rest_api, restApiId=api, patchOperations=[replace("/nonsense", "1")])
    assert code == "BadRequestException"
    assert message.startswith("Invalid patch path '/nonsense' specified. Must be one of: [/name, ")
    assert client.get_rest_api(restApiId=api)["name"] == "store"
    unset = client.update_rest_api(restApiId=api, patchOperations=[replace("/minimumCompressionSize", "")])
    assert "minimumCompressionSize" not in unset
    client.delete_rest_api(restApiId=api)
    assert refusal(client.get_rest_api, restApiId=api) == (
        "NotFoundException", f"Invalid API identifier specified {cloud.account}:{api}")


def test_apis_are_listed_in_pages_and_copied(cloud: Cloud) -> None:
    client = cloud.client("apigateway")
    ids = {client.create_rest_api(name=f"a{i}")["id"] for i in range(5)}
    pages = list(client.get_paginator("get_rest_apis").paginate(PaginationConfig={"PageSize": 2}))
    assert [len(page["items"]) for page in pages] == [2, 2, 1]
    assert {each["id"] for page in pages for each in page["items"]} == ids
    origin = Api(cloud, description="origin")
    origin.mock("/a/{b}")
    copy = client.create_rest_api(name="copy", cloneFrom=origin.id)
    assert copy["description"] == "origin"
    assert copy["rootResourceId"] != origin.root
    found = client.get_resources(restApiId=copy["id"])["items"]
    assert sorted(each["path"] for each in found) == ["/", "/a", "/a/{b}"]


def test_resources_make_a_tree(api: Api) -> None:
    client = api.client
    deep = api.path("/pets/{id}/toys")
    assert client.get_resource(restApiId=api.id, resourceId=deep)["path"] == "/pets/{id}/toys"
    pets = api.path("/pets")
    assert refusal(client.create_resource, restApiId=api.id, parentId=pets, pathPart="{other}")[0] == "BadRequestException"
    assert refusal(client.create_resource, restApiId=api.id, parentId=api.root, pathPart="pets") == (
        "ConflictException", "Another resource with the same parent already has this name: pets")
    assert "only allow a-zA-Z0-9._-:" in refusal(
        client.create_resource, restApiId=api.id, parentId=pets, pathPart="a b")[1]
    moved = client.update_resource(restApiId=api.id, resourceId=pets, patchOperations=[replace("/pathPart", "animals")])
    assert moved["path"] == "/animals"
    assert client.get_resource(restApiId=api.id, resourceId=deep)["path"] == "/animals/{id}/toys"
    client.delete_resource(restApiId=api.id, resourceId=pets)
    assert [each["path"] for each in client.get_resources(restApiId=api.id)["items"]] == ["/"]
    assert refusal(client.get_resource, restApiId=api.id, resourceId=deep) == (
        "NotFoundException", "Invalid Resource identifier specified")
    assert refusal(client.delete_resource, restApiId=api.id, resourceId=api.root)[0] == "BadRequestException"


def test_methods_and_integrations_are_put_patched_and_deleted(api: Api) -> None:
    client = api.client
    named = api.method("/things", "POST", requestParameters={"method.request.header.X-Own": True})
    assert refusal(client.put_method, **named, authorizationType="NONE") == (
        "ConflictException", "Method already exists for this resource")
    method = client.update_method(**named, patchOperations=[
        replace("/apiKeyRequired", "true"), replace("/requestParameters/method.request.querystring.q", "false", "add")])
    assert method["apiKeyRequired"]
    assert method["requestParameters"] == {"method.request.header.X-Own": True, "method.request.querystring.q": False}
    client.put_method_response(**named, statusCode="200", responseModels={"application/json": "Empty"})
    answer = client.update_method_response(**named, statusCode="200", patchOperations=[
        replace("/responseParameters/method.response.header.X-Told", "true", "add")])
    assert answer["responseParameters"] == {"method.response.header.X-Told": True}
    assert refusal(client.get_integration, **named) == ("NotFoundException", "Invalid Integration identifier specified")
    client.put_integration(**named, type="HTTP", integrationHttpMethod="POST", uri="http://example.com/",
                           requestParameters={"integration.request.header.X-To": "method.request.header.X-Own"})
    changed = client.update_integration(**named, patchOperations=[
        replace("/uri", "http://example.com/b"), replace("/requestTemplates/application~1json", "{}", "add"),
        replace("/timeoutInMillis", "1000"), replace("/cacheKeyParameters/method.request.querystring.q", "", "add")])
    assert (changed["uri"], changed["timeoutInMillis"]) == ("http://example.com/b", 1000)
    assert changed["requestTemplates"] == {"application/json": "{}"}
    assert changed["cacheKeyParameters"] == ["method.request.querystring.q"]
    assert client.get_integration(**named)["requestParameters"] == {
        "integration.request.header.X-To": "method.request.header.X-Own"}
    client.put_integration_response(**named, statusCode="200", selectionPattern="2..",
                                    responseParameters={"method.response.header.X-Told": "'yes'"})
    client.update_integration_response(**named, statusCode="200", patchOperations=[
        replace("/responseTemplates/application~1json", "hello", "add"), replace("/selectionPattern", "")])
    told = client.get_integration_response(**named, statusCode="200")
    assert (told["responseTemplates"], told["selectionPattern"]) == ({"application/json": "hello"}, "")
    assert client.get_method_response(**named, statusCode="200")["responseModels"] == {"application/json": "Empty"}
    full = client.get_method(**named)
    assert full["methodIntegration"]["integrationResponses"]["200"]["responseParameters"] == {
        "method.response.header.X-Told": "'yes'"}
    client.delete_integration_response(**named, statusCode="200")
    client.delete_method_response(**named, statusCode="200")
    for call in (client.get_integration_response, client.get_method_response):
        assert refusal(call, **named, statusCode="200")[0] == "NotFoundException"
    client.delete_integration(**named)
    client.delete_method(**named)
    assert refusal(client.get_method, **named) == ("NotFoundException", "Invalid Method identifier specified")


def test_what_cannot_be_is_refused(api: Api) -> None:
    client, named = api.client, api.method()
    assert "Validation Result" in refusal(
        client.put_method, **{**named, "httpMethod": "PUT"}, authorizationType="NONE",
        requestParameters={"method.request.nothing.x": True})[1]
    assert refusal(client.put_method, **{**named, "httpMethod": "PUT"}, authorizationType="CUSTOM")[0] == "BadRequestException"
    assert refusal(client.put_method, **{**named, "httpMethod": "GOT"}, authorizationType="NONE")[0] == "BadRequestException"
    assert refusal(client.put_integration, **named, type="AWS_PROXY", integrationHttpMethod="POST",
                   uri="arn:aws:apigateway:us-east-1:sqs:path/1/q")[0] == "BadRequestException"
    assert refusal(client.put_integration, **named, type="HTTP", integrationHttpMethod="GET",
                   uri="ftp://example.com") == ("BadRequestException", "Invalid HTTP endpoint specified for URI")
    assert refusal(client.put_integration, **named, type="AWS", integrationHttpMethod="POST",
                   uri="arn:aws:apigateway:us-east-1:states:action/StartExecution")[0] == "NotImplemented"
    client.put_integration(**named, type="MOCK")
    assert refusal(client.put_integration_response, **named, statusCode="200") == (
        "NotFoundException", "Invalid Response status code specified")
    assert "NotImplemented" in refusal(client.put_method, **{**named, "httpMethod": "PUT"},
                                       authorizationType="COGNITO_USER_POOLS", authorizerId="x")[0]


def test_models_validators_and_authorizers(api: Api) -> None:
    client, where = api.client, {"restApiId": api.id}
    assert {each["name"] for each in client.get_models(**where)["items"]} == {"Empty", "Error"}
    client.create_model(**where, name="Toy", contentType="application/json", schema='{"type": "string"}')
    pet = f'{{"type": "object", "properties": {{"toy": {{"$ref": "https://apigateway.amazonaws.com/restapis/{api.id}/models/Toy"}}}}}}'
    client.create_model(**where, name="Pet", contentType="application/json", schema=pet)
    assert '"definitions": {"Toy": {"type": "string"}}' in client.get_model(**where, modelName="Pet", flatten=True)["schema"]
    assert refusal(client.create_model, **where, name="Bad", contentType="application/json",
                   schema='{"type": 7}')[0] == "BadRequestException"
    assert '"toy" : ' in client.get_model_template(**where, modelName="Pet")["value"]
    assert client.update_model(**where, modelName="Toy", patchOperations=[replace("/description", "d")])["description"] == "d"
    api.method("/pets", "POST", requestModels={"application/json": "Pet"})
    assert refusal(client.delete_model, **where, modelName="Pet")[0] == "ConflictException"
    client.delete_model(**where, modelName="Toy")
    assert refusal(client.get_model, **where, modelName="Toy") == (
        "NotFoundException", "Invalid model name specified: Toy")
    made = client.create_request_validator(**where, name="v", validateRequestBody=True)
    named = {**where, "requestValidatorId": made["id"]}
    assert client.update_request_validator(**named, patchOperations=[
        replace("/validateRequestParameters", "true")])["validateRequestParameters"]
    assert client.get_request_validator(**named)["validateRequestParameters"]
    assert [each["name"] for each in client.get_request_validators(**where)["items"]] == ["v"]
    client.delete_request_validator(**named)
    assert refusal(client.get_request_validator, **named)[0] == "NotFoundException"


def test_authorizers_are_kept(api: Api) -> None:
    client, where = api.client, {"restApiId": api.id}
    function = f"arn:aws:lambda:us-east-1:{api.cloud.account}:function:f"
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{function}"
    made = client.create_authorizer(**where, name="a", type="TOKEN", authorizerUri=f"{uri}/invocations",
                                    identitySource="method.request.header.Auth")
    named = {**where, "authorizerId": made["id"]}
    assert client.get_authorizer(**named)["authorizerResultTtlInSeconds"] == 300
    assert client.update_authorizer(**named, patchOperations=[
        replace("/authorizerResultTtlInSeconds", "0")])["authorizerResultTtlInSeconds"] == 0
    assert [each["id"] for each in client.get_authorizers(**where)["items"]] == [made["id"]]
    assert refusal(client.create_authorizer, **where, name="b", type="TOKEN", authorizerUri="x",
                   identitySource="method.request.header.Auth")[0] == "BadRequestException"
    assert refusal(client.create_authorizer, **where, name="b", type="COGNITO_USER_POOLS",
                   providerARNs=["arn:aws:cognito-idp:us-east-1:1:userpool/p"])[0] == "NotImplemented"
    client.delete_authorizer(**named)
    assert client.get_authorizers(**where)["items"] == []


def test_gateway_responses_have_defaults(api: Api) -> None:
    client, named = api.client, {"restApiId": api.id, "responseType": "THROTTLED"}
    assert client.get_gateway_response(**named)["defaultResponse"]
    client.put_gateway_response(**named, statusCode="503", responseTemplates={"application/json": "later"})
    assert client.get_gateway_response(**named)["statusCode"] == "503"
    changed = client.update_gateway_response(**named, patchOperations=[
        replace("/responseParameters/gatewayresponse.header.Retry-After", "'1'", "add")])
    assert changed["responseParameters"] == {"gatewayresponse.header.Retry-After": "'1'"}
    found = client.get_paginator("get_gateway_responses").paginate(restApiId=api.id, PaginationConfig={"PageSize": 10})
    listed = [each for page in found for each in page["items"]]
    assert len(listed) == 21
    assert [each["responseType"] for each in listed if not each["defaultResponse"]] == ["THROTTLED"]
    client.delete_gateway_response(**named)
    assert client.get_gateway_response(**named)["statusCode"] == "429"
    assert refusal(client.delete_gateway_response, **named)[0] == "NotFoundException"


def test_stages_serve_deployments(api: Api) -> None:
    client, where = api.client, {"restApiId": api.id}
    assert refusal(client.create_deployment, **where) == ("BadRequestException", "The REST API doesn't contain any methods")
    named = api.method("/a")
    assert refusal(client.create_deployment, **where) == ("BadRequestException", "No integration defined for method")
    client.put_integration(**named, type="MOCK")
    first = client.create_deployment(**where, description="first")["id"]
    stage = client.create_stage(**where, stageName="prod", deploymentId=first, variables={"v": "1"}, tags={"a": "1"})
    assert (stage["cacheClusterStatus"], stage["variables"]) == ("NOT_AVAILABLE", {"v": "1"})
    assert refusal(client.create_stage, **where, stageName="prod", deploymentId=first) == (
        "ConflictException", "Stage already exists")
    second = api.deploy("prod")
    assert client.get_stage(**where, stageName="prod")["deploymentId"] == second
    changed = client.update_stage(**where, stageName="prod", patchOperations=[
        replace("/*/*/throttling/rateLimit", "10"), replace("/~1a/GET/caching/enabled", "true"),
        replace("/variables/w", "2", "add"), {"op": "remove", "path": "/variables/v"}])
    assert changed["methodSettings"]["*/*"]["throttlingRateLimit"] == 10
    assert changed["methodSettings"]["~1a/GET"]["cachingEnabled"]
    assert changed["variables"] == {"w": "2"}
    assert [each["stageName"] for each in client.get_stages(**where, deploymentId=second)["item"]] == ["prod"]
    assert client.get_stages(**where, deploymentId=first)["item"] == []
    told = client.get_deployment(**where, deploymentId=second, embed=["apisummary"])
    assert told["apiSummary"] == {"/a": {"GET": {"authorizationType": "NONE", "apiKeyRequired": False}}}
    assert client.update_deployment(**where, deploymentId=first,
                                    patchOperations=[replace("/description", "old")])["description"] == "old"
    assert {each["id"] for each in client.get_deployments(**where)["items"]} == {first, second}
    assert refusal(client.delete_deployment, **where, deploymentId=second) == (
        "BadRequestException", "Active stages pointing to this deployment must be moved or deleted")
    client.delete_stage(**where, stageName="prod")
    client.delete_deployment(**where, deploymentId=second)
    assert refusal(client.get_stage, **where, stageName="prod") == ("NotFoundException", "Invalid stage identifier specified")
    assert refusal(client.get_deployment, **where, deploymentId=second)[0] == "NotFoundException"


def test_tags_by_arn(api: Api) -> None:
    client = api.client
    api.mock()
    api.deploy()
    whole = f"arn:aws:apigateway:us-east-1::/restapis/{api.id}"
    for arn in (whole, f"{whole}/stages/test"):
        client.tag_resource(resourceArn=arn, tags={"a": "1", "b": "2"})
        client.untag_resource(resourceArn=arn, tagKeys=["a"])
        assert client.get_tags(resourceArn=arn)["tags"] == {"b": "2"}
    assert client.get_rest_api(restApiId=api.id)["tags"] == {"b": "2"}
    assert refusal(client.get_tags, resourceArn="arn:aws:sqs:us-east-1:1:q")[0] == "BadRequestException"
