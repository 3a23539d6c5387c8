"""The screens of API Gateway as a person uses them, in Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from conftest import Cloud
from cumulet.faces.labs.room import Room

from .browser import Person
from .mocks import mock
from .test_packages import ROLE

ECHO = "def handler(event, context):\n    return {'statusCode': 200, 'body': event['rawPath'] + ' ' + event['body']}\n"


@pytest.fixture
def rest(console: Cloud) -> str:
    """A REST API whose GET /greetings/{name} is a mock, not deployed yet; its id."""
    client = console.client("apigateway")
    made = client.create_rest_api(name="greetings", description="says hello")
    api, parent = made["id"], made["rootResourceId"]
    for part in ("greetings", "{name}"):
        parent = client.create_resource(restApiId=api, parentId=parent, pathPart=part)["id"]
    mock(client, restApiId=api, resourceId=parent, httpMethod="GET")
    return str(api)


def test_a_rest_api_is_deployed_and_tried(person: Person, console: Cloud, rest: str) -> None:
    person.go("apigateway")
    person.tab.get_by_role("link", name="greetings", exact=True).click()
    expect(person.row("/greetings/{name}")).to_contain_text("GET")
    expect(person.row("/greetings/{name}")).to_contain_text("MOCK")
    person.tab_named("Stages")
    person.press("Deploy")
    person.field("Stage name").fill("live")
    person.confirm("Deploy")
    expect(person.row("live")).to_contain_text(f"{console.endpoint}/_aws/execute-api/{rest}/live")
    person.tab_named("Test")
    person.field("Path and query").fill("/greetings/Ann")
    person.field("Headers").fill("x-word: please")
    person.press("Send request")
    person.sees("Status 200")
    expect(person.tab.locator("pre[aria-label=Answer]")).to_contain_text('"hello": "Ann"')
    expect(person.tab.locator("pre[aria-label=Answer]")).to_contain_text('"heard": "please"')
    person.tab_named("Stages")
    person.pick("live")
    person.press("Delete")
    person.confirm()
    person.sees("live is deleted.")
    assert console.client("apigateway").get_stages(restApiId=rest)["item"] == []
    person.go("apigateway")
    person.pick("greetings")
    person.press("Delete")
    person.confirm(word="greetings")
    person.sees("greetings is deleted.")
    assert console.client("apigateway").get_rest_apis()["items"] == []


def test_an_http_api_of_a_function_is_made_and_tried(person: Person, console: Cloud) -> None:
    console.client("lambda").create_function(FunctionName="echo", Role=ROLE, Runtime="python3.11", Handler="app.handler",
                                             Code={"ZipFile": Room.zipped({"app.py": ECHO})})
    person.go("apigateway")
    person.press("Create API")
    person.field("API name").fill("echo")
    person.field("Function").fill(f"arn:aws:lambda:us-east-1:{console.account}:function:echo")
    person.field("API name").click()
    person.press("Create API")
    person.sees("echo is there.")
    person.tab.get_by_role("link", name="echo", exact=True).click()
    expect(person.row("$default")).to_contain_text(f"{console.account}:function:echo")
    person.tab_named("Test")
    person.choose("Method", "POST")
    person.field("Path and query").fill("/a/b?c=d")
    person.field("Body").fill("hello")
    person.press("Send request")
    expect(person.tab.locator("pre[aria-label=Answer]")).to_have_text("/a/b hello")


def test_one_talks_to_a_websocket_api(person: Person, console: Cloud) -> None:
    client = console.client("apigatewayv2")
    api = client.create_api(Name="chat", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action")["ApiId"]
    target = client.create_integration(ApiId=api, IntegrationType="MOCK", TemplateSelectionExpression="200",
                                       RequestTemplates={"200": '{"statusCode": 200}'})["IntegrationId"]
    client.create_route(ApiId=api, RouteKey="say", Target=f"integrations/{target}")
    client.create_stage(ApiId=api, StageName="live", AutoDeploy=True)
    person.go(f"apigateway/apis/{api}")
    expect(person.row("say")).to_contain_text("MOCK")
    person.tab_named("Test")
    person.press("Connect")
    person.sees("connected to live")
    person.field("Message").fill('{"action": "sing"}')
    person.press("Send message")
    expect(person.tab.locator("pre[aria-label=Messages]")).to_contain_text("Forbidden")
    person.press("Disconnect")
    person.sees("ended: 1005")
