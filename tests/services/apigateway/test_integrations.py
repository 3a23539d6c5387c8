"""What stands behind methods: functions, web servers, other services; and who may call."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from conftest import Cloud, Start, new_account
from services.apigateway.conftest import Api
from services.kinesis.streams import Stream
from services.lambda_.conftest import ROLE, zipped

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


def function(cloud: Cloud, body: str, name: str = "f", role: str = ROLE) -> str:
    """The URI of a new function."""
    arn = cloud.client("lambda").create_function(
        FunctionName=name, Role=role, Runtime="python3.11", Handler="app.handler", Timeout=10,
        Code={"ZipFile": zipped({"app.py": body})})["FunctionArn"]
    return f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"


def proxied(api: Api, uri: str, path: str = "/{p+}", **more: Any) -> dict[str, str]:
    named = api.method(path, "ANY", **more)
    api.client.put_integration(**named, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    return named


def role(cloud: Cloud, *actions: str) -> str:
    """A role that API Gateway may take, which may do these."""
    iam = cloud.client("iam")
    arn = iam.create_role(RoleName="gateway", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    iam.put_role_policy(RoleName="gateway", PolicyName="p", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}))
    return str(arn)


def test_functions_behind_proxies(api: Api) -> None:
    uri = function(api.cloud, """
import json
def handler(event, context):
    path = event["path"]
    if path.endswith("binary"):
        return {"statusCode": 200, "headers": {"Content-Type": "image/png"}, "body": "AP8=", "isBase64Encoded": True}
    if path.endswith("bad"):
        return ["no answer"]
    if path.endswith("fail"):
        raise ValueError("x")
    return {"statusCode": 201, "headers": {"X-Own": "v"}, "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]},
            "body": json.dumps(event)}
""")
    proxied(api, uri)
    api.client.update_rest_api(restApiId=api.id, patchOperations=[
        {"op": "add", "path": "/binaryMediaTypes/image~1png"}])
    api.deploy(variables={"v": "1"})
    answer = api.ask("/a/b%20c?x=1&x=2", "POST", json={"k": 1}, headers={"X-Sent": "s"})
    assert (answer.status_code, answer.headers["x-own"], answer.headers.get_list("set-cookie")) == (201, "v", ["a=1", "b=2"])
    event = answer.json()
    assert (event["resource"], event["path"], event["httpMethod"]) == ("/{p+}", "/a/b c", "POST")
    assert event["pathParameters"] == {"p": "a/b c"}
    assert (event["queryStringParameters"], event["multiValueQueryStringParameters"]) == ({"x": "2"}, {"x": ["1", "2"]})
    assert (json.loads(event["body"]), event["isBase64Encoded"], event["stageVariables"]) == ({"k": 1}, False, {"v": "1"})
    assert event["headers"]["X-Sent"] == "s"
    assert event["multiValueHeaders"]["X-Sent"] == ["s"]
    context = event["requestContext"]
    assert (context["stage"], context["path"], context["apiId"]) == ("test", "/test/a/b%20c", api.id)
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    binary = api.ask("/x", "POST", content=b"\x00\xff", headers={"Content-Type": "image/png"}).json()
    assert (base64.b64decode(binary["body"]), binary["isBase64Encoded"]) == (b"\x00\xff", True)
    assert api.ask("/binary", headers={"Accept": "image/png"}).content == b"\x00\xff"
    assert api.ask("/binary", headers={"Accept": "text/plain"}).content == b"AP8="
    for path in ("/bad", "/fail"):
        assert (api.ask(path).status_code, api.ask(path).json()) == (502, {"message": "Internal server error"})


def test_functions_behind_templates(api: Api) -> None:
    uri = function(api.cloud, """
def handler(event, context):
    if event["n"] > 9:
        raise ValueError("[BadRequest] too large")
    return {"twice": event["n"] * 2}
""")
    named = api.method("/double", "POST")
    client = api.client
    client.put_integration(**named, type="AWS", integrationHttpMethod="POST", uri=uri, requestTemplates={
        "application/json": "{\"n\": $input.path('$.number')}"})
    for status in ("200", "400"):
        client.put_method_response(**named, statusCode=status)
    client.put_integration_response(**named, statusCode="200", responseTemplates={
        "application/json": "{\"result\": $input.path('$.twice')}"})
    client.put_integration_response(**named, statusCode="400", selectionPattern=r"\[BadRequest\].*", responseTemplates={
        "application/json": "{\"problem\": \"$input.path('$.errorMessage')\"}"})
    api.deploy()
    assert api.ask("/double", "POST", json={"number": 4}).json() == {"result": 8}
    refused = api.ask("/double", "POST", json={"number": 10})
    assert (refused.status_code, refused.json()) == (400, {"problem": "[BadRequest] too large"})


class Echo(BaseHTTPRequestHandler):
    """Tells what it was sent."""

    def do_GET(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        body = json.dumps({"verb": self.command, "path": self.path, "own": self.headers.get("X-Own"),
                           "body": self.rfile.read(size).decode()}).encode()
        self.send_response(418 if "tea" in self.path else 200)
        self.send_header("X-Told", "t")
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_GET

    def log_message(self, *args: Any) -> None:
        """In silence."""


@pytest.fixture
def server() -> Iterator[str]:
    found = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = Thread(target=found.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{found.server_port}"
    found.shutdown()
    found.server_close()
    thread.join(5)


def test_web_servers(api: Api, server: str) -> None:
    client = api.client
    named = api.method("/proxy/{rest+}", "ANY", requestParameters={"method.request.path.rest": True})
    client.put_integration(**named, type="HTTP_PROXY", integrationHttpMethod="ANY", uri=f"{server}/{{rest}}",
                           requestParameters={
        "integration.request.path.rest": "method.request.path.rest", "integration.request.header.X-Own": "'set'"})
    named = api.method("/mapped", "POST")
    client.put_method_response(**named, statusCode="200", responseParameters={"method.response.header.X-Back": True})
    client.put_method_response(**named, statusCode="500")
    client.put_integration(**named, type="HTTP", integrationHttpMethod="PUT", uri=f"{server}/${{stageVariables.where}}",
                           requestTemplates={"application/json": "sent $input.path('$.a')"},
                           requestParameters={"integration.request.querystring.q": "method.request.querystring.p"})
    client.put_integration_response(**named, statusCode="200", responseParameters={
        "method.response.header.X-Back": "integration.response.header.X-Told"})
    client.put_integration_response(**named, statusCode="500", selectionPattern="4\\d{2}", responseTemplates={
        "application/json": "pot"})
    named = api.method("/nobody")
    client.put_integration(**named, type="HTTP_PROXY", integrationHttpMethod="GET", uri="http://127.0.0.1:9/")
    api.deploy(variables={"where": "here"})
    answer = api.ask("/proxy/a/b?x=1", "POST", content="hello")
    assert answer.json() == {"verb": "POST", "path": "/a/b?x=1", "own": "set", "body": "hello"}
    assert answer.headers["x-told"] == "t"
    assert api.ask("/proxy/tea").status_code == 418
    mapped = api.ask("/mapped?p=5", "POST", json={"a": 1})
    assert (mapped.json()["verb"], mapped.json()["path"], mapped.json()["body"]) == ("PUT", "/here?q=5", "sent 1")
    assert mapped.headers["x-back"] == "t"
    api.client.update_stage(restApiId=api.id, stageName="test", patchOperations=[
        {"op": "replace", "path": "/variables/where", "value": "tea"}])
    pot = api.ask("/mapped", "POST", json={"a": 1})
    assert (pot.status_code, pot.text) == (500, "pot")
    assert (api.ask("/nobody").status_code, api.ask("/nobody").headers["x-amzn-errortype"]) == (
        504, "InternalServerErrorException")


def test_other_services(api: Api) -> None:
    cloud, client = api.cloud, api.client
    credentials = role(cloud, "sqs:*", "dynamodb:*", "s3:*", "sns:*", "kinesis:*")
    stream = Stream(cloud)
    queue = cloud.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    cloud.client("dynamodb").create_table(
        TableName="things", BillingMode="PAY_PER_REQUEST", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    cloud.client("s3").create_bucket(Bucket=f"b-{cloud.account}")

    def integrated(path: str, verb: str, target: str, template: str, answer: str = "", **more: Any) -> None:
        named = api.method(path, verb)
        client.put_method_response(**named, statusCode="200")
        client.put_integration(**named, type="AWS", credentials=credentials, integrationHttpMethod=more.pop("by", "POST"),
                               uri=f"arn:aws:apigateway:us-east-1:{target}",
                               requestTemplates={"application/json": template}, **more)
        client.put_integration_response(**named, statusCode="200", **(
            {"responseTemplates": {"application/json": answer}} if answer else {}))

    integrated("/send", "POST", f"sqs:path/{cloud.account}/q", "Action=SendMessage&MessageBody=$util.urlEncode($input.body)",
               requestParameters={"integration.request.header.Content-Type": "'application/x-www-form-urlencoded'"})
    integrated("/items", "POST", "dynamodb:action/PutItem",
               '{"TableName": "things", "Item": {"id": {"S": "$input.path(\'$.id\')"}}}')
    integrated("/items/{id}", "GET", "dynamodb:action/GetItem",
               '{"TableName": "things", "Key": {"id": {"S": "$input.params(\'id\')"}}}',
               "{\"found\": \"$input.path('$.Item.id.S')\"}")
    integrated("/files/{key}", "PUT", f"s3:path/b-{cloud.account}/{{key}}", "$input.body", by="PUT",
               requestParameters={"integration.request.path.key": "method.request.path.key"})
    integrated("/events", "POST", "kinesis:action/PutRecord",
               '{"StreamName": "stream", "Data": "$util.base64Encode($input.json(\'$.n\'))", '
               '"PartitionKey": "$input.path(\'$.key\')"}')
    api.deploy()
    assert api.ask("/events", "POST", json={"n": 5, "key": "k"}).json()["ShardId"] == "shardId-000000000000"
    assert [(record["PartitionKey"], record["Data"]) for record in stream.records()] == [("k", b"5")]
    assert api.ask("/send", "POST", json={"a": 1}).status_code == 200
    assert json.loads(cloud.client("sqs").receive_message(QueueUrl=queue)["Messages"][0]["Body"]) == {"a": 1}
    assert api.ask("/items", "POST", json={"id": "7"}).status_code == 200
    assert api.ask("/items/7").json() == {"found": "7"}
    assert api.ask("/files/k", "PUT", json={"in": "bucket"}).status_code == 200
    stored = cloud.client("s3").get_object(Bucket=f"b-{cloud.account}", Key="k")["Body"].read()
    assert json.loads(stored) == {"in": "bucket"}


def test_token_authorizers_are_asked_and_remembered(api: Api) -> None:
    uri = function(api.cloud, """
calls = 0
def handler(event, context):
    global calls
    calls += 1
    token = event["authorizationToken"]
    if token == "nobody": raise Exception("Unauthorized")
    if token == "broken": return {"no": "policy"}
    if token == "none": return {"principalId": "me", "policyDocument": {"Version": "2012-10-17", "Statement": [
        {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": []}]}}
    effect = "Allow" if token.startswith("good") else "Deny"
    return {"principalId": "me", "context": {"calls": calls, "token": token}, "policyDocument": {"Version": "2012-10-17",
        "Statement": [{"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"].split("/")[0] + "/*"}]}}
""")
    client = api.client
    authorizer = client.create_authorizer(restApiId=api.id, name="a", type="TOKEN", authorizerUri=uri,
                                          identitySource="method.request.header.Auth", identityValidationExpression="[a-z0-9]+")
    api.mock("/a", body='{"calls": "$context.authorizer.calls", "who": "$context.authorizer.principalId"}',
             method={"authorizationType": "CUSTOM", "authorizerId": authorizer["id"]})
    api.deploy()

    def ask(token: str) -> httpx.Response:
        return api.ask("/a", headers={"Auth": token})

    assert ask("good").json() == {"calls": "1", "who": "me"}
    assert ask("good").json()["calls"] == "1"
    api.cloud.clock.advance(301)
    assert ask("good").json()["calls"] == "2"
    client.flush_stage_authorizers_cache(restApiId=api.id, stageName="test")
    assert ask("good").json()["calls"] == "3"
    for answer in (api.ask("/a"), ask("NOT VALID"), ask("nobody")):
        assert (answer.status_code, answer.json()) == (401, {"message": "Unauthorized"})
    denied = ask("bad")
    assert (denied.status_code, denied.json()) == (
        403, {"Message": "User is not authorized to access this resource with an explicit deny"})
    assert ask("none").json() == {"Message": "User is not authorized to access this resource"}
    assert (ask("broken").status_code, ask("broken").json()) == (500, {"message": None})
    tested = client.test_invoke_authorizer(restApiId=api.id, authorizerId=authorizer["id"], headers={"Auth": "good2"})
    assert (tested["clientStatus"], tested["principalId"]) == (0, "me")
    assert json.loads(tested["policy"])["Statement"][0]["Effect"] == "Allow"
    assert tested["authorization"]["token"] == ["good2"]
    assert client.test_invoke_authorizer(restApiId=api.id, authorizerId=authorizer["id"])["clientStatus"] == 401


def test_request_authorizers_see_the_request(api: Api) -> None:
    uri = function(api.cloud, """
def handler(event, context):
    allow = event["queryStringParameters"] == {"q": "1"} and event["headers"]["X-Who"] == "me"
    return {"principalId": event["headers"]["X-Who"], "policyDocument": {"Version": "2012-10-17", "Statement": [
        {"Action": "execute-api:Invoke", "Effect": "Allow" if allow else "Deny", "Resource": event["methodArn"]}]}}
""")
    authorizer = api.client.create_authorizer(
        restApiId=api.id, name="a", type="REQUEST", authorizerUri=uri,
        identitySource="method.request.header.X-Who, method.request.querystring.q")["id"]
    api.mock("/a", body="in", method={"authorizationType": "CUSTOM", "authorizerId": authorizer})
    api.deploy()
    assert api.ask("/a?q=1", headers={"X-Who": "me"}).text == "in"
    assert api.ask("/a?q=2", headers={"X-Who": "me"}).status_code == 403
    assert api.ask("/a?q=1").status_code == 401


def test_iam_and_resource_policies(start_cloud: Start) -> None:
    api = Api(Cloud(start_cloud(iam="enforce"), new_account()))
    api.mock("/iam", body='{"who": "$context.identity.userArn"}', method={"authorizationType": "AWS_IAM"})
    api.mock("/open", body="ok")
    api.deploy()
    iam = api.cloud.client("iam")
    iam.create_user(UserName="u")
    key = iam.create_access_key(UserName="u")["AccessKey"]

    def signed(secret: str = "") -> httpx.Response:
        host = f"{api.id}.execute-api.localhost:{api.cloud.endpoint.rpartition(':')[2]}"
        asked = AWSRequest("GET", f"http://{host}/test/iam", headers={"Host": host})
        SigV4Auth(Credentials(key["AccessKeyId"], secret or key["SecretAccessKey"]), "execute-api", "us-east-1").add_auth(asked)
        return api.ask("/iam", headers=dict(asked.headers))

    assert (api.ask("/iam").status_code, api.ask("/iam").json()) == (403, {"message": "Missing Authentication Token"})
    assert "is not authorized to perform: execute-api:Invoke" in signed().json()["Message"]
    assert signed("wrong").headers["x-amzn-errortype"] == "InvalidSignatureException"
    iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "execute-api:Invoke",
        "Resource": f"arn:aws:execute-api:us-east-1:{api.cloud.account}:{api.id}/test/GET/iam"}]}))
    assert signed().json() == {"who": f"arn:aws:iam::{api.cloud.account}:user/u"}
    assert api.ask("/open").text == "ok"
    policy = {"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"},
        {"Effect": "Deny", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/test/GET/open",
         "Condition": {"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}}]}
    api.client.update_rest_api(restApiId=api.id, patchOperations=[
        {"op": "replace", "path": "/policy", "value": json.dumps(policy)}])
    api.deploy()
    refused = api.ask("/open")
    assert refused.status_code == 403
    assert "User: anonymous is not authorized to perform: execute-api:Invoke" in refused.json()["Message"]
    assert f"********{api.cloud.account[-4:]}" in refused.json()["Message"]


def test_methods_are_tested_without_a_stage(api: Api) -> None:
    api.mock("/t/{id}", body='{"id": "$input.params(\'id\')", "v": "$stageVariables.v", "stage": "$context.stage"}')
    found = api.client.test_invoke_method(restApiId=api.id, resourceId=api.path("/t/{id}"), httpMethod="GET",
                                          pathWithQueryString="/t/5?q=1", headers={"X-Own": "h"}, stageVariables={"v": "w"})
    assert (found["status"], json.loads(found["body"])) == (200, {"id": "5", "v": "w", "stage": "test-invoke-stage"})
    for line in ("Starting execution for request: ", "HTTP Method: GET, Resource Path: /t/5", "Method request path: {id=5}",
                 "Method request query string: {q=1}", "Successfully completed execution", "Method completed with status: 200"):
        assert line in found["log"]
