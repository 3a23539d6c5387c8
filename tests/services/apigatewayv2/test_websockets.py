"""WebSocket APIs, with a real client: connections, messages by their routes, and the way back."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from conftest import Cloud, Start, new_account

CHAT = """
import json, os, boto3
def handler(event, context):
    context = event['requestContext']
    if context['eventType'] == 'CONNECT':
        query = event.get('queryStringParameters') or {}
        return {'statusCode': 401 if query.get('no') else 200,
                'headers': {k: v for k, v in event['headers'].items() if k == 'sec-websocket-protocol'}}
    if context['routeKey'] == 'fail':
        raise ValueError('no')
    return {'statusCode': 200, 'body': json.dumps({k: event.get(k) if k == 'body' else context.get(k)
                                                   for k in ('routeKey', 'eventType', 'connectionId', 'stage', 'body')})}
"""


class Chat:
    """A WebSocket API with a stage `dev`."""

    def __init__(self, cloud: Cloud, function: Any, text: str = CHAT) -> None:
        self.cloud, self.client = cloud, cloud.client("apigatewayv2")
        self.id = self.client.create_api(Name="chat", ProtocolType="WEBSOCKET",
                                         RouteSelectionExpression="$request.body.action")["ApiId"]
        self.target = "integrations/" + self.client.create_integration(
            ApiId=self.id, IntegrationType="AWS_PROXY", IntegrationUri=function(text))["IntegrationId"]
        self.client.create_stage(ApiId=self.id, StageName="dev", AutoDeploy=True)

    def route(self, key: str, answers: bool = False, **more: Any) -> str:
        if answers:
            more["RouteResponseSelectionExpression"] = "$default"
        made = self.client.create_route(**{"ApiId": self.id, "RouteKey": key, "Target": self.target, **more})["RouteId"]
        if answers:
            self.client.create_route_response(ApiId=self.id, RouteId=made, RouteResponseKey="$default")
        return str(made)

    @contextlib.contextmanager
    def connected(self, query: str = "", **more: Any) -> Iterator[ClientConnection]:
        port = int(self.cloud.endpoint.rpartition(":")[2])
        with connect(f"ws://{self.id}.execute-api.localhost:{port}/dev{query}", **more,
                     sock=socket.create_connection(("127.0.0.1", port))) as client:
            yield client

    def manage(self, **more: Any) -> Any:
        return self.cloud.client("apigatewaymanagementapi", **more)


@pytest.fixture
def chat(cloud: Cloud, function: Any) -> Chat:
    return Chat(cloud, function)


def said(client: ClientConnection, message: Any) -> Any:
    client.send(message if isinstance(message, str | bytes) else json.dumps(message))
    return json.loads(client.recv(timeout=10))


def test_messages_go_by_their_routes_and_answers_come_back(chat: Chat) -> None:
    chat.route("say", answers=True)
    with chat.connected() as client:
        told = said(client, {"action": "say", "text": "hello"})
        assert (told["routeKey"], told["eventType"], told["stage"]) == ("say", "MESSAGE", "dev")
        assert json.loads(told["body"]) == {"action": "say", "text": "hello"}
        refused = said(client, {"action": "sing"})
        assert (refused["message"], refused["connectionId"]) == ("Forbidden", told["connectionId"])
        chat.route("$default", answers=True)
        assert said(client, "no JSON")["routeKey"] == "$default"
        chat.route("fail")
        assert said(client, {"action": "fail"})["message"] == "Internal server error"


def test_connect_may_refuse_and_choose_a_protocol(chat: Chat) -> None:
    chat.route("$connect")
    with chat.connected(subprotocols=["chat"]) as client:
        assert client.subprotocol == "chat"
    with pytest.raises(InvalidStatus) as problem, chat.connected("?no=1"):
        pass
    assert problem.value.response.status_code == 401


def test_backends_reach_clients_by_their_connections(chat: Chat) -> None:
    chat.route("say", answers=True)
    manage = chat.manage()
    with chat.connected(user_agent_header="tester") as client:
        id = said(client, {"action": "say"})["connectionId"]
        manage.post_to_connection(ConnectionId=id, Data=b"hello")
        assert client.recv(timeout=5) == "hello"
        manage.post_to_connection(ConnectionId=id, Data=b"\xff\xfe")
        assert client.recv(timeout=5) == b"\xff\xfe"
        found = manage.get_connection(ConnectionId=id)
        assert (found["Identity"]["UserAgent"], found["Identity"]["SourceIp"]) == ("tester", "127.0.0.1")
        assert found["LastActiveAt"] >= found["ConnectedAt"]
        with pytest.raises(ClientError) as large:
            manage.post_to_connection(ConnectionId=id, Data=b"x" * 131_073)
        assert large.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 413)
        manage.delete_connection(ConnectionId=id)
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=5)
    with pytest.raises(ClientError) as gone:
        manage.post_to_connection(ConnectionId=id, Data=b"hello")
    assert gone.value.response["Error"]["Code"] == "GoneException"
    assert gone.value.response["ResponseMetadata"]["HTTPStatusCode"] == 410


def test_the_management_is_reached_at_the_stage_as_well(chat: Chat) -> None:
    chat.route("say", answers=True)
    with chat.connected() as client:
        id = said(client, {"action": "say"})["connectionId"]
        import boto3
        manage = boto3.client("apigatewaymanagementapi", region_name="us-east-1", aws_secret_access_key="test",
                              aws_access_key_id=chat.cloud.account, endpoint_url=f"{chat.cloud.endpoint}/dev")
        manage.post_to_connection(ConnectionId=id, Data=b"hello")
        assert client.recv(timeout=5) == "hello"


def test_disconnections_are_told(chat: Chat, cloud: Cloud, function: Any) -> None:
    queue = cloud.client("sqs").create_queue(QueueName="told")["QueueUrl"]
    arn = function("import json, boto3\ndef handler(event, context):\n"
                   f" boto3.client('sqs').send_message(QueueUrl='{queue}', MessageBody=json.dumps(event))\n"
                   " return {'statusCode': 200}", "goodbye")
    target = chat.client.create_integration(ApiId=chat.id, IntegrationType="AWS_PROXY", IntegrationUri=arn)["IntegrationId"]
    chat.route("$disconnect", Target=f"integrations/{target}")
    with chat.connected():
        pass
    [message] = cloud.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"]
    context = json.loads(message["Body"])["requestContext"]
    assert (context["eventType"], context["routeKey"]) == ("DISCONNECT", "$disconnect")


def test_silent_and_old_connections_are_ended(chat: Chat) -> None:
    chat.route("say", answers=True)
    with chat.connected() as client:
        said(client, {"action": "say"})
        for _ in range(3):
            chat.cloud.clock.advance(400)
            said(client, {"action": "say"})
        chat.cloud.clock.advance(601)
        with pytest.raises(ConnectionClosed) as ended:
            client.recv(timeout=5)
        assert ended.value.rcvd is not None
        assert ended.value.rcvd.code == 1001


def test_a_connection_ends_when_its_api_is_gone(chat: Chat) -> None:
    chat.route("say", answers=True)
    with chat.connected() as client:
        said(client, {"action": "say"})
        chat.client.delete_api(ApiId=chat.id)
        client.send('{"action": "say"}')
        with pytest.raises(ConnectionClosed) as ended:
            client.recv(timeout=5)
        assert ended.value.rcvd is not None
        assert ended.value.rcvd.code == 1001


def test_messages_beyond_the_limit_end_the_connection(chat: Chat) -> None:
    chat.route("$default", answers=True)
    with chat.connected() as client:
        assert said(client, "x" * 100_000)["routeKey"] == "$default"
        client.send("x" * 131_073)
        with pytest.raises(ConnectionClosed) as ended:
            client.recv(timeout=5)
        assert ended.value.rcvd is not None
        assert ended.value.rcvd.code == 1009


def test_a_model_refuses_messages_of_another_shape(chat: Chat) -> None:
    chat.client.create_model(ApiId=chat.id, Name="speech", ContentType="application/json", Schema=json.dumps(
        {"type": "object", "required": ["text"], "properties": {"text": {"type": "string"}}}))
    chat.route("say", answers=True, RequestModels={"$default": "speech"}, ModelSelectionExpression="$default")
    with chat.connected() as client:
        assert said(client, {"action": "say", "text": 7})["message"] == "Invalid request body"
        assert said(client, {"action": "say", "text": "hello"})["routeKey"] == "say"


def test_a_function_says_who_may_connect(chat: Chat, function: Any) -> None:
    guard = function("""
def handler(event, context):
    effect = 'Allow' if event['headers']['x-token'] == 'good' else 'Deny'
    return {'principalId': 'me', 'context': {'name': 'ann'}, 'policyDocument': {'Version': '2012-10-17', 'Statement': [
        {'Effect': effect, 'Action': 'execute-api:Invoke', 'Resource': event['methodArn']}]}}""", "guard")
    authorizer = chat.client.create_authorizer(
        ApiId=chat.id, Name="guard", AuthorizerType="REQUEST", IdentitySource=["route.request.header.x-token"],
        AuthorizerUri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{guard}/invocations")["AuthorizerId"]
    chat.route("$connect", AuthorizationType="CUSTOM", AuthorizerId=authorizer)
    chat.route("$default", answers=True)
    with chat.connected(additional_headers={"X-Token": "good"}) as client:
        assert said(client, "x")["routeKey"] == "$default"
    for headers, status in (({"X-Token": "bad"}, 403), ({}, 401)):
        with pytest.raises(InvalidStatus) as problem, chat.connected(additional_headers=headers):
            pass
        assert problem.value.response.status_code == status


def test_integrations_without_functions_answer(chat: Chat, cloud: Cloud) -> None:
    made = chat.client.create_integration(ApiId=chat.id, IntegrationType="MOCK", RequestTemplates={"$default": "{}"})
    chat.client.create_integration_response(ApiId=chat.id, IntegrationId=made["IntegrationId"],
                                            IntegrationResponseKey="$default",
                                            ResponseTemplates={"$default": '{"mocked": true}'})
    chat.route("mock", answers=True, Target=f"integrations/{made['IntegrationId']}")
    web = chat.client.create_integration(ApiId=chat.id, IntegrationType="HTTP_PROXY", IntegrationMethod="GET",
                                         IntegrationUri=f"{cloud.endpoint}/_cumulet/health",
                                         RequestParameters={"integration.request.header.x-id": "context.connectionId"})
    chat.route("web", answers=True, Target=f"integrations/{web['IntegrationId']}")
    with chat.connected() as client:
        assert said(client, {"action": "mock"}) == {"mocked": True}
        client.send(json.dumps({"action": "web"}))
        assert client.recv(timeout=5)


def test_only_who_may_reaches_connections(start_cloud: Start, function: Any) -> None:
    strict = Cloud(start_cloud(iam="enforce"), new_account())
    iam = strict.client("iam")
    api = strict.client("apigatewayv2").create_api(Name="x", ProtocolType="WEBSOCKET",
                                                   RouteSelectionExpression="$request.body.action")["ApiId"]
    client = strict.client("apigatewayv2")
    client.create_stage(ApiId=api, StageName="dev", AutoDeploy=True)
    made = client.create_integration(ApiId=api, IntegrationType="MOCK")["IntegrationId"]
    client.create_route(ApiId=api, RouteKey="$default", Target=f"integrations/{made}")
    iam.create_user(UserName="u")
    key = iam.create_access_key(UserName="u")["AccessKey"]
    manage = strict.client("apigatewaymanagementapi", key=key["AccessKeyId"], secret=key["SecretAccessKey"])
    port = int(strict.endpoint.rpartition(":")[2])
    with connect(f"ws://{api}.execute-api.localhost:{port}/dev",
                 sock=socket.create_connection(("127.0.0.1", port))) as client:
        client.send("{}")
        end = time.monotonic() + 5
        from cumulet.drivers.sockets.driver import Sockets
        while not (opened := strict.kernel.driver(Sockets)._open) and time.monotonic() < end:
            time.sleep(0.02)
        [id] = opened
        with pytest.raises(ClientError) as refused:
            manage.post_to_connection(ConnectionId=id, Data=b"x")
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
        iam.put_user_policy(UserName="u", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "execute-api:ManageConnections",
             "Resource": f"arn:aws:execute-api:us-east-1:{strict.account}:{api}/dev/POST/@connections/*"}]}))
        manage.post_to_connection(ConnectionId=id, Data=b"x")
        assert client.recv(timeout=5) == "x"
