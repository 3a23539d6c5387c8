"""What APIs are made of: made, told, listed, changed, ended, and refused where it is wrong."""

from __future__ import annotations

import json
from typing import Any

import airspeed
import pytest
from botocore.exceptions import ClientError

from conftest import Cloud

JWT = {"AuthorizerType": "JWT", "IdentitySource": ["$request.header.Authorization"],
       "JwtConfiguration": {"Issuer": "https://issuer.example", "Audience": ["app"]}}
URL = {"IntegrationType": "HTTP_PROXY", "IntegrationMethod": "GET", "PayloadFormatVersion": "1.0",
       "IntegrationUri": "https://example.com"}


def refused(call: Any, **members: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as problem:
        call(**members)
    said = problem.value.response["Error"]
    return said["Code"], said["Message"]


@pytest.fixture
def client(cloud: Cloud) -> Any:
    return cloud.client("apigatewayv2")


@pytest.fixture
def http(client: Any) -> str:
    return str(client.create_api(Name="http", ProtocolType="HTTP")["ApiId"])


@pytest.fixture
def chat(client: Any) -> str:
    return str(client.create_api(Name="chat", ProtocolType="WEBSOCKET",
                                 RouteSelectionExpression="$request.body.action")["ApiId"])


def test_apis_are_told_listed_changed_and_ended(client: Any) -> None:
    made = client.create_api(Name="a", ProtocolType="HTTP", Description="d", Version="1", Tags={"k": "v"},
                             CorsConfiguration={"AllowOrigins": ["*"]})
    assert (made["RouteSelectionExpression"], made["ApiKeySelectionExpression"]) == (
        "$request.method $request.path", "$request.header.x-api-key")
    client.create_api(Name="b", ProtocolType="HTTP")
    pages = list(client.get_paginator("get_apis").paginate(PaginationConfig={"PageSize": 1}))
    assert sorted(item["Name"] for page in pages for item in page["Items"]) == ["a", "b"]
    assert len(pages) == 2
    changed = client.update_api(ApiId=made["ApiId"], Name="c", Description="e")
    assert (changed["Name"], changed["Description"], changed["Version"], changed["Tags"]) == ("c", "e", "1", {"k": "v"})
    assert client.get_api(ApiId=made["ApiId"])["Name"] == "c"
    client.delete_api(ApiId=made["ApiId"])
    code, message = refused(client.get_api, ApiId=made["ApiId"])
    assert (code, message) == ("NotFoundException", f"Invalid API identifier specified {made['ApiId']}")


@pytest.mark.parametrize(("members", "words"), [
    ({"ProtocolType": "WEBSOCKET"}, "RouteSelectionExpression is required"),
    ({"ProtocolType": "HTTP", "RouteSelectionExpression": "$request.body.action"}, "must be '$request.method $request.path'"),
    ({"ProtocolType": "HTTP", "RouteKey": "GET /"}, "Target must be specified"),
    ({"ProtocolType": "HTTP", "Target": "nowhere"}, "Target must be a Lambda function ARN"),
    ({"ProtocolType": "HTTP", "CorsConfiguration": {"AllowOrigins": ["*"], "AllowCredentials": True}}, "wildcard"),
    ({"ProtocolType": "HTTP", "CorsConfiguration": {"AllowOrigins": ["example.com"]}}, "begin with a scheme")])
def test_what_is_no_api_is_refused(client: Any, members: dict[str, Any], words: str) -> None:
    code, message = refused(client.create_api, Name="x", **members)
    assert code == "BadRequestException"
    assert words in message


def test_what_quick_create_made_can_be_changed(client: Any) -> None:
    api = client.create_api(Name="q", ProtocolType="HTTP", Target="https://one.example", RouteKey="GET /a")["ApiId"]
    client.update_api(ApiId=api, Target="https://two.example", RouteKey="GET /b")
    [integration] = client.get_integrations(ApiId=api)["Items"]
    assert (integration["IntegrationUri"], integration["ApiGatewayManaged"]) == ("https://two.example", True)
    assert client.get_routes(ApiId=api)["Items"][0]["RouteKey"] == "GET /b"


def test_routes_and_their_integrations(client: Any, http: str) -> None:
    target = client.create_integration(ApiId=http, **URL)["IntegrationId"]
    route = client.create_route(ApiId=http, RouteKey="GET /a/{id}", Target=f"integrations/{target}", OperationName="one")
    assert (route["AuthorizationType"], route["ApiKeyRequired"]) == ("NONE", False)
    assert client.get_route(ApiId=http, RouteId=route["RouteId"])["RouteKey"] == "GET /a/{id}"
    assert refused(client.create_route, ApiId=http, RouteKey="GET /a/{id}") == (
        "ConflictException", "Route with key GET /a/{id} already exists for this API")
    for key in ("GET", "FETCH /a", "GET /a/{x", "GET /{p+}/b", "GET /{x}/{x}", "GET /a{x}"):
        assert refused(client.create_route, ApiId=http, RouteKey=key)[0] == "BadRequestException"
    assert refused(client.create_route, ApiId=http, RouteKey="GET /b", Target="integrations/none")[0] == "BadRequestException"
    assert refused(client.delete_integration, ApiId=http, IntegrationId=target)[0] == "ConflictException"
    changed = client.update_integration(ApiId=http, IntegrationId=target, TimeoutInMillis=1000, Description="d",
                                        RequestParameters={"append:header.x": "1"})
    assert (changed["TimeoutInMillis"], changed["RequestParameters"]) == (1000, {"append:header.x": "1"})
    assert "RequestParameters" not in client.update_integration(
        ApiId=http, IntegrationId=target, RequestParameters={"append:header.x": ""})
    assert client.get_integration(ApiId=http, IntegrationId=target)["Description"] == "d"
    client.delete_route(ApiId=http, RouteId=route["RouteId"])
    client.delete_integration(ApiId=http, IntegrationId=target)
    assert client.get_routes(ApiId=http)["Items"] == client.get_integrations(ApiId=http)["Items"] == []


def test_authorizers(client: Any, http: str, chat: str) -> None:
    made = client.create_authorizer(ApiId=http, Name="a", **JWT)["AuthorizerId"]
    assert refused(client.create_authorizer, ApiId=http, Name="a", **JWT)[0] == "ConflictException"
    assert refused(client.create_authorizer, ApiId=chat, Name="a", **JWT)[0] == "BadRequestException"
    assert refused(client.create_authorizer, ApiId=http, Name="b", AuthorizerType="REQUEST",
                   IdentitySource=[])[0] == "BadRequestException"
    route = client.create_route(ApiId=http, RouteKey="GET /", AuthorizationType="JWT", AuthorizerId=made,
                                AuthorizationScopes=["read"])
    assert route["AuthorizationScopes"] == ["read"]
    assert refused(client.delete_authorizer, ApiId=http, AuthorizerId=made)[0] == "ConflictException"
    assert refused(client.update_route, ApiId=http, RouteId=route["RouteId"],
                   AuthorizationType="CUSTOM")[0] == "BadRequestException"
    freed = client.update_route(ApiId=http, RouteId=route["RouteId"], AuthorizationType="NONE")
    assert "AuthorizerId" not in freed
    assert client.update_authorizer(ApiId=http, AuthorizerId=made, Name="c")["Name"] == "c"
    assert client.get_authorizer(ApiId=http, AuthorizerId=made)["JwtConfiguration"] == JWT["JwtConfiguration"]
    assert [item["Name"] for item in client.get_authorizers(ApiId=http)["Items"]] == ["c"]
    client.delete_authorizer(ApiId=http, AuthorizerId=made)
    assert refused(client.get_authorizer, ApiId=http, AuthorizerId=made)[0] == "NotFoundException"


def test_stages_and_deployments(client: Any, http: str) -> None:
    assert refused(client.create_deployment, ApiId=http) == (
        "BadRequestException", "At least one route is required before deploying the Api.")
    client.create_route(ApiId=http, RouteKey="GET /")
    made = client.create_deployment(ApiId=http, Description="first")
    assert (made["DeploymentStatus"], made["AutoDeployed"]) == ("DEPLOYED", False)
    stage = client.create_stage(ApiId=http, StageName="dev", DeploymentId=made["DeploymentId"], Tags={"k": "v"},
                                StageVariables={"a": "1"})
    assert (stage["DeploymentId"], stage["AutoDeploy"]) == (made["DeploymentId"], False)
    assert refused(client.create_stage, ApiId=http, StageName="dev")[0] == "ConflictException"
    assert refused(client.create_stage, ApiId=http, StageName="no stage")[0] == "BadRequestException"
    assert refused(client.delete_deployment, ApiId=http, DeploymentId=made["DeploymentId"])[0] == "BadRequestException"
    changed = client.update_stage(ApiId=http, StageName="dev", AutoDeploy=True, StageVariables={"a": "", "b": "2"},
                                  AccessLogSettings={"DestinationArn": "arn:aws:logs:us-east-1:000000000000:log-group:g",
                                                     "Format": "$context.requestId"})
    assert (changed["AutoDeploy"], changed["StageVariables"]) == (True, {"b": "2"})
    assert changed["DeploymentId"] != made["DeploymentId"]
    client.delete_access_log_settings(ApiId=http, StageName="dev")
    assert "AccessLogSettings" not in client.get_stage(ApiId=http, StageName="dev")
    before = len(client.get_deployments(ApiId=http)["Items"])
    client.create_route(ApiId=http, RouteKey="GET /more")
    assert len(client.get_deployments(ApiId=http)["Items"]) == before + 1
    assert client.update_deployment(ApiId=http, DeploymentId=made["DeploymentId"], Description="x")["Description"] == "x"
    client.delete_deployment(ApiId=http, DeploymentId=made["DeploymentId"])
    assert refused(client.get_deployment, ApiId=http, DeploymentId=made["DeploymentId"])[0] == "NotFoundException"
    assert [item["StageName"] for item in client.get_stages(ApiId=http)["Items"]] == ["dev"]
    client.delete_stage(ApiId=http, StageName="dev")
    assert client.get_stages(ApiId=http)["Items"] == []


def test_models(client: Any, chat: str, http: str) -> None:
    assert refused(client.create_model, ApiId=http, Name="pet", Schema="{}")[0] == "BadRequestException"
    made = client.create_model(ApiId=chat, Name="pet", Schema='{"type": "object"}', Description="d")["ModelId"]
    assert refused(client.create_model, ApiId=chat, Name="pet", Schema="{}")[0] == "ConflictException"
    assert client.update_model(ApiId=chat, ModelId=made, Schema='{"type": "array"}')["Schema"] == '{"type": "array"}'
    assert client.get_model(ApiId=chat, ModelId=made)["ContentType"] == "application/json"
    assert [item["Name"] for item in client.get_models(ApiId=chat)["Items"]] == ["pet"]
    client.update_model(ApiId=chat, ModelId=made, Schema=json.dumps({"type": "object", "properties": {
        "name": {"type": "string"}, "tags": {"type": "array", "items": {"type": "integer"}}}}))
    template = client.get_model_template(ApiId=chat, ModelId=made)["Value"]
    assert template.startswith("#set($inputRoot = $input.path('$'))\n{")
    text = airspeed.Template(template.replace("$input.path('$')", "$given")).merge(
        {"given": {"name": "Rex", "tags": [1, 2]}})
    assert json.loads(text) == {"name": "Rex", "tags": [1, 2]}
    client.delete_model(ApiId=chat, ModelId=made)
    assert refused(client.get_model, ApiId=chat, ModelId=made)[0] == "NotFoundException"


def test_responses_of_routes_and_integrations(client: Any, chat: str, http: str) -> None:
    route = client.create_route(ApiId=chat, RouteKey="say", RequestParameters={"route.request.header.x": {"Required": True}})
    client.delete_route_request_parameter(ApiId=chat, RouteId=route["RouteId"], RequestParameterKey="route.request.header.x")
    assert "RequestParameters" not in client.get_route(ApiId=chat, RouteId=route["RouteId"])
    where = {"ApiId": chat, "RouteId": route["RouteId"]}
    made = client.create_route_response(**where, RouteResponseKey="$default")["RouteResponseId"]
    assert refused(client.create_route_response, **where, RouteResponseKey="$default")[0] == "ConflictException"
    assert client.update_route_response(**where, RouteResponseId=made, ResponseModels={"$default": "pet"})["ResponseModels"]
    assert client.get_route_response(**where, RouteResponseId=made)["RouteResponseKey"] == "$default"
    assert len(client.get_route_responses(**where)["Items"]) == 1
    client.delete_route_response(**where, RouteResponseId=made)
    assert client.get_route_responses(**where)["Items"] == []
    target = client.create_integration(ApiId=chat, IntegrationType="MOCK")["IntegrationId"]
    where = {"ApiId": chat, "IntegrationId": target}
    made = client.create_integration_response(**where, IntegrationResponseKey="/4../")["IntegrationResponseId"]
    assert refused(client.create_integration_response, **where, IntegrationResponseKey="/4../")[0] == "ConflictException"
    assert refused(client.create_integration_response, **where, IntegrationResponseKey="x")[0] == "BadRequestException"
    told = client.update_integration_response(**where, IntegrationResponseId=made, ResponseTemplates={"$default": "{}"})
    assert told["ResponseTemplates"] == {"$default": "{}"}
    assert client.get_integration_response(**where, IntegrationResponseId=made)["IntegrationResponseKey"] == "/4../"
    assert len(client.get_integration_responses(**where)["Items"]) == 1
    client.delete_integration_response(**where, IntegrationResponseId=made)
    assert client.get_integration_responses(**where)["Items"] == []
    assert refused(client.get_route_responses, ApiId=http, RouteId="x")[0] == "BadRequestException"


def test_vpc_links_and_tags(client: Any, http: str) -> None:
    made = client.create_vpc_link(Name="link", SubnetIds=["subnet-1"], SecurityGroupIds=["sg-1"], Tags={"a": "1"})
    assert (made["VpcLinkStatus"], made["SubnetIds"]) == ("AVAILABLE", ["subnet-1"])
    client.create_vpc_link(Name="other", SubnetIds=["subnet-1"])
    first = client.get_vpc_links(MaxResults="1")
    second = client.get_vpc_links(MaxResults="1", NextToken=first["NextToken"])
    assert {item["Name"] for item in first["Items"] + second["Items"]} == {"link", "other"}
    assert "NextToken" not in second
    assert client.update_vpc_link(VpcLinkId=made["VpcLinkId"], Name="renamed")["Name"] == "renamed"
    client.create_stage(ApiId=http, StageName="dev")
    for arn in (f"arn:aws:apigateway:us-east-1::/vpclinks/{made['VpcLinkId']}", f"arn:aws:apigateway:us-east-1::/apis/{http}",
                f"arn:aws:apigateway:us-east-1::/apis/{http}/stages/dev"):
        client.tag_resource(ResourceArn=arn, Tags={"b": "2", "c": "3"})
        client.untag_resource(ResourceArn=arn, TagKeys=["c", "a"])
        assert client.get_tags(ResourceArn=arn)["Tags"] == {"b": "2"}
    assert client.get_api(ApiId=http)["Tags"] == {"b": "2"}
    assert refused(client.tag_resource, ResourceArn="arn:aws:apigateway:us-east-1::/apis/none",
                   Tags={})[0] == "NotFoundException"
    client.delete_vpc_link(VpcLinkId=made["VpcLinkId"])
    assert refused(client.get_vpc_link, VpcLinkId=made["VpcLinkId"])[0] == "NotFoundException"
