"""The function is invoked, the API asked as a browser asks, the page read."""

import json

from cumulet.faces.labs.room import Room, Wrong


def _api(room: Room) -> str:
    """The host of the API."""
    apis = room.client("apigatewayv2").get_apis()["Items"]
    found = [api["ApiId"] for api in apis if api["Name"] == "greetings"]
    if not found:
        raise Wrong('there is no API "greetings"')
    return f"{found[0]}.execute-api.localhost"


def _origin(room: Room) -> str:
    return f"http://site-{room.account}.s3-website.localhost:{room.endpoint.rpartition(':')[2]}"


def function(room: Room) -> None:
    """As API Gateway would invoke it."""
    event = {"version": "2.0", "queryStringParameters": {"name": "Grace"}}
    answer = room.client("lambda").invoke(FunctionName="greeter", Payload=json.dumps(event))
    said = json.loads(answer["Payload"].read())
    if said.get("statusCode") != 200 or "Hello, Grace!" not in str(said.get("body")):
        raise Wrong(f"greeter answers {said}")


def api(room: Room) -> None:
    """Over HTTP."""
    status, body = room.get(_api(room), "/greeting?name=Ada")
    if status != 200 or b"Hello, Ada!" not in body:
        raise Wrong(f"GET /greeting?name=Ada is answered {status} {body!r}")


def cors(room: Room) -> None:
    """What a browser asks before it lets a page read."""
    config = room.client("apigatewayv2").get_api(ApiId=_api(room).partition(".")[0]).get("CorsConfiguration", {})
    if config.get("AllowOrigins") != [_origin(room)]:
        raise Wrong(f"the API allows the origins {config.get('AllowOrigins')}, and should allow {_origin(room)} alone")


def page(room: Room) -> None:
    """It is a page, and knows the API."""
    status, body = room.get(f"site-{room.account}.s3-website.localhost", "/")
    if status != 200 or b'id="ask"' not in body or b'id="said"' not in body:
        raise Wrong(f"the website answers {status}, or its page lacks #ask and #said")
    if _api(room).encode() not in body:
        raise Wrong(f"the page does not ask {_api(room)}")
