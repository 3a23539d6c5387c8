"""HTTP APIs: requests reach functions by their routes, and their answers go back."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

ECHO = "def handler(event, context): return event"
PLAIN = "import json\ndef handler(event, context): return {'statusCode': 200, 'body': json.dumps(event)}"


def test_quick_create_makes_an_api_that_answers(cloud: Any, function: Any) -> None:
    client = cloud.client("apigatewayv2")
    made = client.create_api(Name="quick", ProtocolType="HTTP", Target=function(ECHO))
    assert made["ApiEndpoint"].startswith("http://" + made["ApiId"] + ".execute-api.localhost:")
    event = httpx.post(cloud.endpoint + "/a/b%20c?x=1&x=2&y=", json={"k": 1}, headers={
        "Host": made["ApiEndpoint"].partition("//")[2], "X-Own": "v", "Cookie": "a=1; b=2"}).json()
    assert (event["version"], event["routeKey"], event["rawPath"]) == ("2.0", "$default", "/a/b c")
    assert event["queryStringParameters"] == {"x": "1,2", "y": ""}
    assert (event["headers"]["x-own"], event["cookies"]) == ("v", ["a=1", "b=2"])
    assert (json.loads(event["body"]), event["isBase64Encoded"]) == ({"k": 1}, False)
    context = event["requestContext"]
    assert (context["accountId"], context["apiId"], context["stage"]) == (cloud.account, made["ApiId"], "$default")
    assert (context["http"]["method"], context["domainPrefix"]) == ("POST", made["ApiId"])
    [route] = client.get_routes(ApiId=made["ApiId"])["Items"]
    assert (route["RouteKey"], route["ApiGatewayManaged"]) == ("$default", True)
    assert client.get_stage(ApiId=made["ApiId"], StageName="$default")["ApiGatewayManaged"] is True


def test_the_most_specific_route_answers(api: Any, function: Any) -> None:
    target = api.integration(function(ECHO))
    for key in ("GET /pets/{id}", "ANY /pets/{id}", "GET /pets/dog", "ANY /{proxy+}", "GET /", "POST /pets"):
        api.route(key, target)

    def routed(path: str, method: str = "GET") -> tuple[str, Any]:
        event = api.ask(path, method).json()
        return event["routeKey"], event.get("pathParameters")

    assert routed("/pets/dog") == ("GET /pets/dog", None)
    assert routed("/pets/a%2Fb") == ("GET /pets/{id}", {"id": "a/b"})
    assert routed("/pets/7", "PUT") == ("ANY /pets/{id}", {"id": "7"})
    assert routed("/pets/7/toys") == ("ANY /{proxy+}", {"proxy": "pets/7/toys"})
    assert routed("/") == ("GET /", None)
    answer = api.ask("/", "POST")
    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})
    assert answer.headers["apigw-requestid"]
    api.route("$default", target)
    assert routed("/", "POST") == ("$default", None)


def test_stages_are_named_by_the_path_and_serve_their_deployment(api: Any, function: Any) -> None:
    client = api.client
    api.route("GET /where", api.integration(function(ECHO)))
    deployment = client.create_deployment(ApiId=api.id, Description="first")["DeploymentId"]
    client.create_stage(ApiId=api.id, StageName="dev", DeploymentId=deployment, StageVariables={"color": "blue"})
    event = api.ask("/dev/where").json()
    assert (event["rawPath"], event["requestContext"]["stage"], event["stageVariables"]) == (
        "/dev/where", "dev", {"color": "blue"})
    [route] = client.get_routes(ApiId=api.id)["Items"]
    client.update_route(ApiId=api.id, RouteId=route["RouteId"], RouteKey="GET /there")
    assert api.ask("/there").status_code == 200                      # $default deploys by itself
    assert (api.ask("/dev/there").status_code, api.ask("/dev/where").status_code) == (404, 200)
    client.create_deployment(ApiId=api.id, StageName="dev")
    assert (api.ask("/dev/there").status_code, api.ask("/dev/where").status_code) == (200, 404)
    for path in (f"/_aws/execute-api/{api.id}/dev/there", f"/restapis/{api.id}/dev/_user_request_/there"):
        assert httpx.get(api.cloud.endpoint + path).json()["routeKey"] == "GET /there"


def test_format_1_tells_as_rest_apis_do(api: Any, function: Any) -> None:
    text = ("import json\ndef handler(event, context):\n return {'statusCode': 201, 'body': json.dumps(event),"
            " 'headers': {'X-One': '1'}, 'multiValueHeaders': {'Set-Cookie': ['a=1', 'b=2']}}")
    api.route("GET /pets/{id}", api.integration(function(text), PayloadFormatVersion="1.0"))
    answer = api.ask("/pets/7?x=1&x=2")
    event = answer.json()
    assert (answer.status_code, answer.headers["x-one"]) == (201, "1")
    assert answer.headers.get_list("set-cookie") == ["a=1", "b=2"]
    assert (event["version"], event["resource"], event["path"], event["httpMethod"]) == ("1.0", "/pets/{id}", "/pets/7", "GET")
    assert event["multiValueQueryStringParameters"] == {"x": ["1", "2"]}
    assert (event["queryStringParameters"], event["pathParameters"]) == ({"x": "2"}, {"id": "7"})
    assert (event["body"], event["requestContext"]["resourcePath"]) == (None, "/pets/{id}")


def test_bodies_that_are_no_text_go_and_come_in_base64(api: Any, function: Any) -> None:
    text = ("def handler(event, context):\n assert event['isBase64Encoded']\n"
            " return {'statusCode': 200, 'isBase64Encoded': True, 'body': event['body'],"
            " 'headers': {'Content-Type': 'image/png'}}")
    api.route("POST /image", api.integration(function(text)))
    data = bytes(range(256))
    answer = api.ask("/image", "POST", content=data, headers={"Content-Type": "image/png"})
    assert (answer.content, answer.headers["content-type"]) == (data, "image/png")


@pytest.mark.parametrize(("text", "said"), [
    ("def handler(event, context): raise ValueError('no')", {"message": "Internal Server Error"}),
    ("def handler(event, context): return {'statusCode': 'x'}", {"message": "Internal Server Error"})])
def test_functions_that_fail_are_told_as_aws_tells_it(api: Any, function: Any, text: str, said: Any) -> None:
    api.route("GET /", api.integration(function(text)))
    answer = api.ask()
    assert (answer.status_code, answer.json()) == (500, said)


def test_functions_that_take_too_long_are_not_waited_for(api: Any, function: Any) -> None:
    text = "import time\ndef handler(event, context): time.sleep(1)"
    api.route("GET /", api.integration(function(text), TimeoutInMillis=300))
    answer = api.ask()
    assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})


def test_stage_variables_choose_the_function(api: Any, function: Any) -> None:
    function("def handler(event, context): return 'one'", "one")
    arn = function("def handler(event, context): return 'two'", "two")
    api.client.update_stage(ApiId=api.id, StageName="$default", StageVariables={"which": "one"})
    uri = arn.replace("two", "${stageVariables.which}")
    api.route("GET /", api.integration(f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{uri}/invocations"))
    assert api.ask().text == "one"
    api.client.update_stage(ApiId=api.id, StageName="$default", StageVariables={"which": "two"})
    assert api.ask().text == "two"


def test_pages_of_other_origins_may_ask(new_api: Any, function: Any) -> None:
    api = new_api(Target=function(PLAIN), CorsConfiguration={
        "AllowOrigins": ["https://good.example", "http://*"], "AllowMethods": ["GET", "PUT"], "AllowHeaders": ["x-own"],
        "ExposeHeaders": ["x-told"], "MaxAge": 60, "AllowCredentials": True})
    asked = api.ask("/", "OPTIONS", headers={"Origin": "https://good.example", "Access-Control-Request-Method": "PUT"})
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-methods"] == "GET,PUT"
    assert asked.headers["access-control-allow-headers"] == "x-own"
    assert asked.headers["access-control-max-age"] == "60"
    answer = api.ask(headers={"Origin": "http://any.example"})
    assert answer.headers["access-control-allow-origin"] == "http://any.example"
    assert (answer.headers["access-control-allow-credentials"], answer.headers["access-control-expose-headers"]) == (
        "true", "x-told")
    assert "access-control-allow-origin" not in api.ask(headers={"Origin": "https://bad.example"}).headers
    api.client.delete_cors_configuration(ApiId=api.id)
    assert "access-control-allow-origin" not in api.ask(headers={"Origin": "http://any.example"}).headers
    assert "CorsConfiguration" not in api.client.get_api(ApiId=api.id)


def test_limits_of_a_route_refuse_what_is_too_much(api: Any, function: Any) -> None:
    api.route("GET /", api.integration(function(ECHO)))
    api.client.update_stage(ApiId=api.id, StageName="$default", RouteSettings={
        "GET /": {"ThrottlingRateLimit": 0.001, "ThrottlingBurstLimit": 2}})
    assert [api.ask().status_code for _ in range(3)] == [200, 200, 429]
    assert api.ask().json() == {"message": "Too Many Requests"}
    api.client.delete_route_settings(ApiId=api.id, StageName="$default", RouteKey="GET /")
    assert api.ask().status_code == 200


def test_an_api_that_is_gone_or_closed_does_not_answer(api: Any, function: Any) -> None:
    api.route("GET /", api.integration(function(ECHO)))
    api.client.update_api(ApiId=api.id, DisableExecuteApiEndpoint=True)
    assert (api.ask().status_code, api.ask().json()) == (404, {"message": "Not Found"})
    api.client.delete_api(ApiId=api.id)
    assert (api.ask().status_code, api.ask().json()) == (403, {"message": "Forbidden"})
