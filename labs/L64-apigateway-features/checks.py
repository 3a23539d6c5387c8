"""The APIs are called as a client calls them."""

import json
from typing import Any

from cumulet.faces.labs.room import Room, Wrong
from cumulet.faces.labs.websocket import Refused, Socket


def _api(room: Room, name: str) -> str:
    """The id of an API."""
    found = [api["id"] for api in room.client("apigateway").get_rest_apis(limit=500)["items"] if api["name"] == name]
    if len(found) != 1:
        raise Wrong(f"there are {len(found)} REST APIs of the name {name}")
    return str(found[0])


def _ask(room: Room, api: str, path: str, headers: dict[str, str] | None = None, method: str = "GET") -> tuple[int, bytes]:
    return room.get(f"{api}.execute-api.localhost", path, headers, method)


def mock(room: Room) -> None:
    """Both stages greet, each by its own variable."""
    api = _api(room, "features")
    for stage, greeter in (("dev", "Ann"), ("prod", "Ben")):
        status, body = _ask(room, api, f"/{stage}/hello/Eve")
        if status != 200 or json.loads(body) != {"hello": "Eve", "from": greeter}:
            raise Wrong(f"/{stage}/hello/Eve answers {status} {body.decode()}")


def cache(room: Room) -> None:
    """The same answer twice, and how long it is kept."""
    api = _api(room, "features")
    stage: dict[str, Any] = room.client("apigateway").get_stage(restApiId=api, stageName="prod")
    settings = next((said for way, said in stage.get("methodSettings", {}).items() if way.strip("/~1").startswith("time")), {})
    if not stage.get("cacheClusterEnabled") or not settings.get("cachingEnabled"):
        raise Wrong("GET /time of prod is not cached")
    if settings.get("cacheTtlInSeconds") != 300:
        raise Wrong(f"GET /time of prod is cached for {settings.get('cacheTtlInSeconds')} seconds")
    first, second = _ask(room, api, "/prod/time"), _ask(room, api, "/prod/time")
    if first != second or first[0] != 200:
        raise Wrong(f"/prod/time answers {first[1].decode()}, then {second[1].decode()}")


def throttle(room: Room) -> None:
    """Ten calls at once are too many."""
    api = _api(room, "features")
    statuses = [_ask(room, api, "/dev/time")[0] for _ in range(10)]
    if 429 not in statuses:
        raise Wrong(f"ten calls of /dev/time at once answer {statuses}")


def quota(room: Room) -> None:
    """The plan, its key, and that nobody comes in without."""
    api, client = _api(room, "features"), room.client("apigateway")
    plan = next((each for each in client.get_usage_plans(limit=500)["items"] if each["name"] == "basic"), None)
    if plan is None or plan.get("quota", {}).get("limit") != 3 or plan["quota"]["period"] != "DAY":
        raise Wrong("there is no usage plan basic with a quota of three a day")
    if {"apiId": api, "stage": "prod"} not in [{"apiId": each["apiId"], "stage": each["stage"]} for each in plan["apiStages"]]:
        raise Wrong("the plan basic does not have the stage prod")
    if "customer" not in [key["name"] for key in client.get_usage_plan_keys(usagePlanId=plan["id"])["items"]]:
        raise Wrong("the plan basic does not have the key customer")
    if _ask(room, api, "/prod/paid")[0] != 403:
        raise Wrong("/prod/paid lets in who has no key")


def imported(room: Room) -> None:
    """Pets with and without a name."""
    api = _api(room, "pets")
    for pet, wanted in ((b"{}", 400), (b'{"name": "Rex"}', 200)):
        status = _post(room, api, "/prod/pets", pet)
        if status != wanted:
            raise Wrong(f"POST /pets of {pet.decode()} answers {status}, not {wanted}")


def _post(room: Room, api: str, path: str, body: bytes) -> int:
    client = room.client("apigateway")
    resource = next((each for each in client.get_resources(restApiId=api, limit=500)["items"] if each["path"] == "/pets"), None)
    if resource is None:
        raise Wrong("the API pets has no /pets")
    client.get_stage(restApiId=api, stageName="prod")
    return int(client.test_invoke_method(restApiId=api, resourceId=resource["id"], httpMethod="POST", body=body.decode(),
                                         headers={"Content-Type": "application/json"})["status"])


def guarded(room: Room) -> None:
    """Strangers stay outside."""
    api = _api(room, "features")
    for headers, wanted in (({}, 401), ({"Authorization": "please"}, 403), ({"Authorization": "open sesame"}, 200)):
        status, body = _ask(room, api, "/prod/token", headers)
        if status != wanted:
            raise Wrong(f"/prod/token with {headers} answers {status} {body.decode()}, not {wanted}")
    if _ask(room, api, "/prod/signed")[0] != 403:
        raise Wrong("/prod/signed lets in who did not sign")


def chat(room: Room) -> None:
    """Two come in, one speaks, both hear it; the table knows who is there."""
    found = [api for api in room.client("apigatewayv2").get_apis()["Items"] if api["Name"] == "chat"]
    if [api["ProtocolType"] for api in found] != ["WEBSOCKET"]:
        raise Wrong("there is no WebSocket API of the name chat, or there are several")

    def connect() -> Socket:
        return room.connect(f"{found[0]['ApiId']}.execute-api.localhost", "/prod")

    def people() -> int:
        return int(room.client("dynamodb").scan(TableName="people", ConsistentRead=True)["Count"])

    try:
        before = people()
        with connect() as ann, connect() as ben:
            if people() != before + 2:
                raise Wrong(f"the table people has {people()} items, with {before + 2} connections open")
            ann.send(json.dumps({"action": "say", "text": "hello"}))
            if (heard := [ann.receive(), ben.receive()]) != ["hello"] * 2:
                raise Wrong(f'after {{"action":"say","text":"hello"}} of one client two were sent {heard}')
        room.wait(lambda: people() == before, 10)
    except (Refused, OSError) as problem:
        raise Wrong(f"chat: {problem}") from None
