"""Integrations beside functions, and what of requests and answers they change."""

from __future__ import annotations

import base64
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud
from services.kinesis.streams import Stream

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}]})


class Backend(BaseHTTPRequestHandler):
    """Tells what it was asked."""

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        told = json.dumps({"method": self.command, "path": self.path, "body": body.decode(),
                           "headers": {name.lower(): value for name, value in self.headers.items()}}).encode()
        self.send_response(404 if "missing" in self.path else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Backend", "yes")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_GET = do_POST = do_PUT = answer

    def log_message(self, *args: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def backend() -> Any:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_requests_are_handed_on_to_a_server(api: Any, backend: str) -> None:
    api.route("ANY /{proxy+}", api.integration(backend + "/base/{proxy}"))
    answer = api.ask("/a/b?x=1&y=a%20b", "POST", json={"k": 1}, headers={"X-Own": "v"})
    told = answer.json()
    assert (told["method"], told["path"], json.loads(told["body"])) == ("POST", "/base/a/b?x=1&y=a+b", {"k": 1})
    assert (told["headers"]["x-own"], answer.headers["x-backend"]) == ("v", "yes")
    assert f"host={api.host}" in told["headers"]["forwarded"]
    assert api.ask("/missing").status_code == 404


def test_parameters_change_requests_and_answers(api: Any, backend: str) -> None:
    target = api.integration(backend, RequestParameters={
        "append:header.x-id": "$request.path.id", "overwrite:querystring.who": "$request.header.x-user",
        "remove:querystring.secret": "''", "overwrite:path": "/fixed/$context.stage",
        "append:header.x-body": "$request.body.pets[0].name"}, ResponseParameters={
            "200": {"overwrite:statuscode": "202", "append:header.x-seen": "${response.header.x-backend}-$stageVariables.color",
                    "remove:header.x-backend": "''"}})
    api.client.update_stage(ApiId=api.id, StageName="$default", StageVariables={"color": "blue"})
    api.route("POST /pets/{id}", target)
    answer = api.ask("/pets/7?secret=1&keep=2", "POST", json={"pets": [{"name": "Rex"}]}, headers={"X-User": "ann"})
    told = answer.json()
    assert told["path"] == "/fixed/$default?keep=2&who=ann"
    assert (told["headers"]["x-id"], told["headers"]["x-body"]) == ("7", "Rex")
    assert (answer.status_code, answer.headers["x-seen"]) == (202, "yes-$stageVariables.color")
    assert "x-backend" not in answer.headers


def test_functions_get_what_parameters_say(api: Any, function: Any) -> None:
    target = api.integration(function("def handler(event, context): return event"), RequestParameters={
        "overwrite:header.x-own": "changed", "append:querystring.more": "$context.routeKey", "overwrite:path": "/other"})
    api.route("GET /a", target)
    event = api.ask("/a?x=1", headers={"X-Own": "v"}).json()
    assert (event["headers"]["x-own"], event["rawPath"]) == ("changed", "/other")
    assert event["queryStringParameters"] == {"x": "1", "more": "GET /a"}


def test_servers_that_are_not_there_are_told(api: Any) -> None:
    api.route("GET /", api.integration("http://127.0.0.1:9"))
    assert (api.ask().status_code, api.ask().json()) == (503, {"message": "Service Unavailable"})


def test_services_are_asked_with_the_rights_of_a_role(api: Any, cloud: Cloud) -> None:
    role = cloud.client("iam").create_role(RoleName="gateway", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    sqs = cloud.client("sqs")
    queue = sqs.create_queue(QueueName="orders")["QueueUrl"]

    def target(subtype: str, **parameters: str) -> str:
        return str(api.client.create_integration(
            ApiId=api.id, IntegrationType="AWS_PROXY", IntegrationSubtype=subtype, PayloadFormatVersion="1.0",
            CredentialsArn=role, RequestParameters=parameters)["IntegrationId"])

    attributes = json.dumps({"from": {"DataType": "String", "StringValue": "${request.header.x-user}"}})
    api.route("POST /orders", target("SQS-SendMessage", QueueUrl=queue, MessageBody="$request.body.order",
                                     MessageAttributes=attributes))
    api.route("POST /events", target("EventBridge-PutEvents", Detail="$request.body", DetailType="made", Source="shop"))
    answer = api.ask("/orders", "POST", json={"order": "tea"}, headers={"X-User": "ann"})
    [message] = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"])["Messages"]
    assert (message["Body"], message["MessageAttributes"]["from"]["StringValue"]) == ("tea", "ann")
    assert answer.json()["MessageId"] == message["MessageId"]
    told = api.ask("/events", "POST", json={"k": 1}).json()
    assert (told["FailedEntryCount"], len(told["Entries"])) == (0, 1)
    stream = Stream(cloud)
    api.route("POST /records", target("Kinesis-PutRecord", StreamName=stream.name, Data="$request.body.data",
                                      PartitionKey="$request.body.key"))
    told = api.ask("/records", "POST", json={"data": base64.b64encode(b"tea").decode(), "key": "ann"}).json()
    assert told["ShardId"] == "shardId-000000000000"
    assert [(record["PartitionKey"], record["Data"]) for record in stream.records()] == [("ann", b"tea")]


@pytest.mark.parametrize(("members", "code", "words"), [
    ({"IntegrationType": "MOCK"}, "BadRequestException", "not supported for HTTP"),
    ({"IntegrationType": "HTTP_PROXY", "IntegrationUri": "http://x", "IntegrationMethod": "GET"}, "BadRequestException",
     "PayloadFormatVersion"),
    ({"IntegrationType": "HTTP_PROXY", "IntegrationUri": "http://x", "IntegrationMethod": "GET", "PayloadFormatVersion": "1.0",
      "RequestParameters": {"append:header.Authorization": "x"}}, "BadRequestException", "restricted"),
    ({"IntegrationType": "HTTP_PROXY", "IntegrationUri": "http://x", "IntegrationMethod": "GET", "PayloadFormatVersion": "1.0",
      "RequestParameters": {"add:header.x": "x"}}, "BadRequestException", "Invalid mapping expression"),
    ({"IntegrationType": "AWS_PROXY", "IntegrationSubtype": "SQS-SendMessage", "PayloadFormatVersion": "1.0",
      "CredentialsArn": "arn:aws:iam::000000000000:role/r", "RequestParameters": {"QueueUrl": "x"}}, "BadRequestException",
     "MessageBody is required"),
    ({"IntegrationType": "AWS_PROXY", "IntegrationUri": "arn:aws:lambda:us-east-1:000000000000:function:f",
      "PayloadFormatVersion": "2.0", "ConnectionType": "VPC_LINK", "ConnectionId": "none"}, "NotFoundException", "VPC link")])
def test_what_is_no_integration_is_refused(api: Any, members: dict[str, Any], code: str, words: str) -> None:
    with pytest.raises(ClientError) as problem:
        api.client.create_integration(ApiId=api.id, **members)
    assert problem.value.response["Error"]["Code"] == code
    assert words in problem.value.response["Error"]["Message"]


def test_private_integrations_are_refused_clearly(api: Any) -> None:
    link = api.client.create_vpc_link(Name="link", SubnetIds=["subnet-1"])["VpcLinkId"]
    target = api.integration("http://10.0.0.1", ConnectionType="VPC_LINK", ConnectionId=link)
    api.route("GET /", target)
    answer = api.ask()
    assert answer.status_code == 501
    assert "private integration" in answer.json()["message"]
