"""The control API is described as it is: every route, every parameter, every answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from conftest import Cloud, Start
from cumulet.faces import faults, states
from cumulet.faces.control import ROUTES, Control
from cumulet.faces.described import described

TEXT = described()
VERBS = ("get", "post", "put", "delete")
ASKED = {"suggest": "principal=arn:aws:iam::111122223333:user/ann", "showSnapshot": "name=described",
         "diffSnapshots": "name=described", "exportSnapshot": "name=described",
         "call": "id=last", "explain": "principal=arn:aws:iam::111122223333:root&action=s3:ListAllMyBuckets&resource=*"}
KINDS: dict[str, Any] = {"object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool}


def look_up(found: dict[str, Any]) -> dict[str, Any]:
    """What stands behind a $ref."""
    while "$ref" in found:
        place: Any = TEXT
        for part in found["$ref"].removeprefix("#/").split("/"):
            place = place[part]
        found = place
    return found


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, verbs in TEXT["paths"].items():
        for verb in verbs:
            yield verb.upper(), path, verbs[verb]


def wrong(value: Any, schema: dict[str, Any], at: str = "") -> list[str]:
    """Where an answer is not as its schema says: the words of JSON Schema that the description uses."""
    schema = look_up(schema)
    if ("const" in schema and value != schema["const"]) or ("enum" in schema and value not in schema["enum"]):
        return [f"{at}: {value!r}"]
    kind = schema.get("type")
    if kind and not (isinstance(value, KINDS[kind]) and (kind == "boolean") == isinstance(value, bool)):
        return [f"{at}: {value!r} is no {kind}"]
    if kind == "array":
        return [each for n, one in enumerate(value) for each in wrong(one, schema.get("items", {}), f"{at}[{n}]")]
    if kind != "object":
        return []
    known, others = schema.get("properties", {}), schema.get("additionalProperties", {})
    found = [f"{at}.{name} is missing" for name in schema.get("required", ()) if name not in value]
    for name, inner in value.items():
        if name not in known and others is False:
            found.append(f"{at}.{name} is not described")
        else:
            found += wrong(inner, known.get(name, others if isinstance(others, dict) else {}), f"{at}.{name}")
    return found


def test_every_route_is_described_and_none_is_invented() -> None:
    assert {(verb, path) for verb, path, _ in operations()} == set(ROUTES)
    ids = [operation["operationId"] for _, _, operation in operations()]
    assert len(ids) == len(set(ids))
    assert {verb.lower() for verb, _, _ in operations()} <= set(VERBS)


@pytest.mark.parametrize(("verb", "path"), ROUTES)
def test_what_a_route_says_that_it_takes_is_described(verb: str, path: str) -> None:
    """Docstrings of routes name parameters as `?name=` and members of bodies as `"name"`."""
    route = {**ROUTES, **states.ROUTES, **faults.ROUTES}[verb, path]
    said = route.__doc__ or ""
    operation = TEXT["paths"][path][verb.lower()]
    parameters = {look_up(each)["name"] for each in operation.get("parameters", ())}
    body = look_up(operation.get("requestBody", {})).get("content", {}).get("application/json", {}).get("schema", {})
    assert set(re.findall(r"[?&](\w+)=", said)) <= parameters | set(body.get("properties", ()))
    if verb == "POST":
        braces = " ".join(re.findall(r"\{.*?\}", said, re.DOTALL))
        assert set(re.findall(r'"(\w+)":', braces)) <= set(body.get("properties", ())) | {"off", "audit", "enforce"}


@pytest.fixture(scope="module")
def endpoint(start_cloud: Start) -> str:
    """A cloud that nobody else uses, with something in two accounts: the routes change all of it."""
    thread = start_cloud()
    cloud = Cloud(thread, "111122223333")
    cloud.client("sqs").create_queue(QueueName="described")
    topic = cloud.client("sns").create_topic(Name="described")["TopicArn"]
    cloud.client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="ann@example.com")
    cloud.client("iam").create_user(UserName="ann")
    key = cloud.client("iam").create_access_key(UserName="ann")["AccessKey"]
    cloud.client("sqs", key=key["AccessKeyId"], secret=key["SecretAccessKey"]).list_queues()
    Cloud(thread, "444455556666").client("s3").create_bucket(Bucket="described")
    return cloud.endpoint


def asked(endpoint: str, verb: str, path: str, query: str = "", body: Any = None) -> tuple[int, str, bytes]:
    data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
    try:
        with urlopen(Request(f"{endpoint}{path}?{query}", data, method=verb)) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read()
    except HTTPError as problem:
        return problem.code, problem.headers["Content-Type"], problem.read()


def examples() -> Iterator[Any]:
    """All reading, and all that has examples, in the order of the description; what takes away comes last."""
    late = ("/_cumulet/reset", "/_localstack/state/reset", "/_cumulet/forks/rm", "/_cumulet/snapshots/rm")
    for verb, path, operation in sorted(operations(), key=lambda each: each[1] in late):
        content = look_up(operation.get("requestBody", {})).get("content", {}).get("application/json", {})
        for name, example in content.get("examples", {"": {"value": None}} if verb == "GET" else {}).items():
            yield pytest.param(verb, path, example["value"], id=f"{operation['operationId']}-{name}")


@pytest.mark.parametrize(("verb", "path", "body"), list(examples()))
def test_answers_are_as_described(endpoint: str, store_url: str, verb: str, path: str, body: Any) -> None:
    operation = TEXT["paths"][path][verb.lower()]
    status, kind, answer = asked(endpoint, verb, path, ASKED.get(operation["operationId"], ""), body)
    told = look_up(operation["responses"][str(status)])["content"][kind]["schema"]
    if not (store_url and path.startswith("/_cumulet/forks")):                # PostgreSQL has no forks at another port
        assert status == 200, answer
    if kind == "application/json":
        assert wrong(json.loads(answer), told) == []


@pytest.mark.parametrize(("path", "query", "body"), [
    ("/_cumulet/stop", "", {}), ("/_cumulet/time", "", {"sideways": 1}), ("/_cumulet/explain", "", {"principal": "nobody"}),
    ("/_cumulet/snapshots/import", "name=described-2", b"no archive")])
def test_errors_are_as_described(endpoint: str, path: str, query: str, body: Any) -> None:
    status, kind, answer = asked(endpoint, "POST", path, query, body)
    told = look_up(TEXT["paths"][path]["post"]["responses"][str(status)])["content"][kind]["schema"]
    assert status == 400
    assert wrong(json.loads(answer), told) == []


def test_it_is_served(endpoint: str) -> None:
    assert json.loads(asked(endpoint, "GET", "/_cumulet/openapi.json")[2]) == TEXT
    assert Control.description.__doc__
