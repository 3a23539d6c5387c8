"""An API of mocks with two stages, then each of its features."""

import json
from pathlib import Path
from typing import Any

from cumulet.faces.labs.room import Key, Room

PETS = {
    "swagger": "2.0", "info": {"title": "pets", "version": "1"},
    "x-amazon-apigateway-request-validators": {"body": {"validateRequestBody": True, "validateRequestParameters": False}},
    "x-amazon-apigateway-request-validator": "body",
    "definitions": {"Pet": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}},
    "paths": {"/pets": {"post": {
        "consumes": ["application/json"],
        "parameters": [{"in": "body", "name": "pet", "schema": {"$ref": "#/definitions/Pet"}}],
        "responses": {"200": {"description": "taken in"}}, "x-amazon-apigateway-integration": {
            "type": "mock", "requestTemplates": {"application/json": '{"statusCode": 200}'},
            "responses": {"default": {"statusCode": "200"}}}}}}}


def solve(room: Room) -> None:
    """Methods first, stages after them, features last."""
    client = room.client("apigateway")
    made = client.create_rest_api(name="features", endpointConfiguration={"types": ["REGIONAL"]})
    api, root = made["id"], made["rootResourceId"]
    hello = client.create_resource(restApiId=api, parentId=root, pathPart="hello")["id"]
    name = client.create_resource(restApiId=api, parentId=hello, pathPart="{name}")["id"]
    _mock(client, api, name, '{"hello":"$input.params(\'name\')","from":"$stageVariables.greeter"}')
    _mock(client, api, _child(client, api, root, "time"), "$context.requestId")
    _mock(client, api, _child(client, api, root, "paid"), "thanks", apiKeyRequired=True)
    _mock(client, api, _child(client, api, root, "token"), "in", authorizationType="CUSTOM",
          authorizerId=_guard(room, client, api))
    _mock(client, api, _child(client, api, root, "signed"), "in", authorizationType="AWS_IAM")
    for stage, greeter in (("dev", "Ann"), ("prod", "Ben")):
        client.create_deployment(restApiId=api, stageName=stage, variables={"greeter": greeter})
    _limits(room, client, api)
    _quota(room, client, api)
    _signed(room, api)
    pets = client.import_rest_api(body=json.dumps(PETS).encode(), failOnWarnings=True)["id"]
    client.create_deployment(restApiId=pets, stageName="prod")


def _child(client: Any, api: str, root: str, name: str) -> str:
    return str(client.create_resource(restApiId=api, parentId=root, pathPart=name)["id"])


def _mock(client: Any, api: str, resource: str, body: str, **more: Any) -> None:
    named = {"restApiId": api, "resourceId": resource, "httpMethod": "GET"}
    client.put_method(**named, **{"authorizationType": "NONE", **more})
    client.put_method_response(**named, statusCode="200")
    client.put_integration(**named, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    client.put_integration_response(**named, statusCode="200", responseTemplates={"application/json": body})


def _guard(room: Room, client: Any, api: str) -> str:
    """The authorizer: a function that API Gateway may call."""
    iam = room.client("iam")
    role = iam.create_role(RoleName="guard", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}))["Role"]["Arn"]
    text = Path(__file__).with_name("guard.py").read_text()
    functions = room.client("lambda")
    arn = functions.create_function(FunctionName="guard", Runtime="python3.11", Handler="guard.handler", Role=role, Timeout=30,
                                    Code={"ZipFile": room.zipped({"guard.py": text})})["FunctionArn"]
    made = client.create_authorizer(
        restApiId=api, name="guard", type="TOKEN", identitySource="method.request.header.Authorization",
        authorizerResultTtlInSeconds=0,
        authorizerUri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations")["id"]
    functions.add_permission(FunctionName="guard", StatementId="gateway", Action="lambda:InvokeFunction",
                             Principal="apigateway.amazonaws.com",
                             SourceArn=f"arn:aws:execute-api:us-east-1:{room.account}:{api}/authorizers/{made}")
    return str(made)


def _patch(client: Any, api: str, stage: str, **paths: str) -> None:
    client.update_stage(restApiId=api, stageName=stage, patchOperations=[
        {"op": "replace", "path": path, "value": value} for path, value in paths.items()])


def _limits(room: Room, client: Any, api: str) -> None:
    """A cache on prod, a throttle on dev; the cache ends by the clock."""
    _patch(client, api, "prod", **{"/cacheClusterEnabled": "true", "/cacheClusterSize": "0.5"})
    _patch(client, api, "prod", **{"/~1time/GET/caching/enabled": "true", "/~1time/GET/caching/ttlInSeconds": "300"})
    _patch(client, api, "dev", **{"/~1time/GET/throttling/rateLimit": "1", "/~1time/GET/throttling/burstLimit": "2"})
    first = _ask(room, api, "/prod/time")
    assert _ask(room, api, "/prod/time") == first
    room.advance(301)
    assert _ask(room, api, "/prod/time") != first


def _ask(room: Room, api: str, path: str, **headers: str) -> tuple[int, bytes]:
    return room.get(f"{api}.execute-api.localhost", path, headers)


def _quota(room: Room, client: Any, api: str) -> None:
    plan = client.create_usage_plan(name="basic", quota={"limit": 3, "period": "DAY"},
                                    apiStages=[{"apiId": api, "stage": "prod"}])["id"]
    key = client.create_api_key(name="customer", enabled=True)
    client.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    statuses = [_ask(room, api, "/prod/paid", **{"x-api-key": key["value"]}) for _ in range(4)]
    assert [status for status, _ in statuses] == [200, 200, 200, 429]
    assert json.loads(statuses[-1][1]) == {"message": "Limit Exceeded"}


def _signed(room: Room, api: str) -> None:
    """A user without a permission is refused, and let in with it."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    iam = room.client("iam")
    iam.create_user(UserName="eve")
    key = Key.of(iam.create_access_key(UserName="eve")["AccessKey"])

    def ask() -> int:
        host = f"{api}.execute-api.localhost"
        request = AWSRequest("GET", f"http://{host}/prod/signed", headers={"Host": host})
        SigV4Auth(Credentials(key.id, key.secret), "execute-api", "us-east-1").add_auth(request)
        return room.get(host, "/prod/signed", dict(request.headers))[0]

    assert ask() == 403
    iam.put_user_policy(UserName="eve", PolicyName="call", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "execute-api:Invoke",
        "Resource": f"arn:aws:execute-api:us-east-1:{room.account}:{api}/prod/GET/signed"}}))
    assert ask() == 200
