"""An API of mocks with two stages, then each of its features; a chat beside it."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from cumulet.faces.labs.room import Key, Room, Wrong
from cumulet.faces.labs.websocket import Refused

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
    _chat(room)


def _child(client: Any, api: str, root: str, name: str) -> str:
    return str(client.create_resource(restApiId=api, parentId=root, pathPart=name)["id"])


def _mock(client: Any, api: str, resource: str, body: str, **more: Any) -> None:
    named = {"restApiId": api, "resourceId": resource, "httpMethod": "GET"}
    client.put_method(**named, **{"authorizationType": "NONE", **more})
    client.put_method_response(**named, statusCode="200")
    client.put_integration(**named, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    client.put_integration_response(**named, statusCode="200", responseTemplates={"application/json": body})


def _function(room: Room, name: str) -> str:
    """The file beside this one as a function, with a role of the same name."""
    role = room.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}}))["Role"]["Arn"]
    text = Path(__file__).with_name(f"{name}.py").read_text()
    return str(room.client("lambda").create_function(
        FunctionName=name, Runtime="python3.11", Handler=f"{name}.handler", Role=role, Timeout=30,
        Code={"ZipFile": room.zipped({f"{name}.py": text})})["FunctionArn"])


def _may_call(room: Room, name: str, source: str) -> None:
    """API Gateway may call the function, for this part of an API."""
    room.client("lambda").add_permission(
        FunctionName=name, StatementId="gateway", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:us-east-1:{room.account}:{source}")


def _guard(room: Room, client: Any, api: str) -> str:
    """The authorizer: a function that API Gateway may call."""
    arn = _function(room, "guard")
    made = client.create_authorizer(
        restApiId=api, name="guard", type="TOKEN", identitySource="method.request.header.Authorization",
        authorizerResultTtlInSeconds=0,
        authorizerUri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations")["id"]
    _may_call(room, "guard", f"{api}/authorizers/{made}")
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


def _chat(room: Room) -> None:
    """A table of who is there, a function for three routes, and two who talk."""
    room.client("dynamodb").create_table(
        TableName="people", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    client = room.client("apigatewayv2")
    api = client.create_api(Name="chat", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action")["ApiId"]
    target = client.create_integration(ApiId=api, IntegrationType="AWS_PROXY", IntegrationUri=_function(room, "chat"))
    for route in ("$connect", "$disconnect", "say"):
        client.create_route(ApiId=api, RouteKey=route, Target=f"integrations/{target['IntegrationId']}")
    client.create_stage(ApiId=api, StageName="prod", AutoDeploy=True)

    host = f"{api}.execute-api.localhost"
    with suppress(Refused):
        room.connect(host, "/prod").close()
        raise Wrong("somebody came in although API Gateway may not call the function")
    _may_call(room, "chat", f"{api}/*")
    room.client("iam").put_role_policy(RoleName="chat", PolicyName="talk", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": ["dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:Scan"],
             "Resource": f"arn:aws:dynamodb:us-east-1:{room.account}:table/people"},
            {"Effect": "Allow", "Action": "execute-api:ManageConnections",
             "Resource": f"arn:aws:execute-api:us-east-1:{room.account}:{api}/*"}]}))
    with room.connect(host, "/prod") as ann, room.connect(host, "/prod") as ben:
        ben.send(json.dumps({"action": "say", "text": "Is anybody here?"}))
        assert [ann.receive(), ben.receive()] == ["Is anybody here?"] * 2
