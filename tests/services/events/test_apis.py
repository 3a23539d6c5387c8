"""API destinations: requests that really go out, signed in as their connections say."""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from conftest import Cloud
from services.sqs.queues import refused

from .conftest import Inbox, put


class Elsewhere:
    """Somebody's server: what it was asked, and what it answers."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.statuses: list[int] = []
        seen = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                parts = urlsplit(self.path)
                seen.asked.append({"method": self.command, "path": parts.path, "query": parse_qs(parts.query),
                                   "headers": dict(self.headers), "body": body})
                token = parts.path == "/token"
                status = 200 if token or not seen.statuses else seen.statuses.pop(0)
                told = json.dumps({"access_token": f"t{len(seen.asked)}", "expires_in": 3600}).encode() if token else b"{}"
                self.send_response(status)
                self.send_header("Content-Length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            do_POST = do_PUT = do_GET = _answer

            def log_message(self, *args: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    found = Elsewhere()
    yield found
    found.stop()


def route(events: Any, url: str, parameters: dict[str, Any], kind: str, method: str = "POST", rate: int = 300,
          **target: Any) -> None:
    """A connection, a destination, a rule and its target."""
    connection = events.create_connection(Name="c", AuthorizationType=kind, AuthParameters=parameters)["ConnectionArn"]
    arn = events.create_api_destination(Name="d", ConnectionArn=connection, InvocationEndpoint=url, HttpMethod=method,
                                        InvocationRateLimitPerSecond=rate)["ApiDestinationArn"]
    events.put_rule(Name="r", EventPattern='{"source": ["my.app"]}')
    events.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": arn, "RoleArn": "arn:aws:iam::000000000000:role/r", **target}])


BASIC = {"BasicAuthParameters": {"Username": "u", "Password": "hidden"}}


def test_basic_authorization_and_parameters(cloud: Cloud, events: Any, elsewhere: Elsewhere) -> None:
    fixed = {"HeaderParameters": [{"Key": "X-Fixed", "Value": "1"}],
             "QueryStringParameters": [{"Key": "q", "Value": "a b", "IsValueSecret": True}],
             "BodyParameters": [{"Key": "more", "Value": "yes"}]}
    route(events, elsewhere.url + "/orders/*/items", {**BASIC, "InvocationHttpParameters": fixed}, "BASIC", "PUT",
          HttpParameters={"PathParameterValues": ["7/8"], "HeaderParameters": {"X-Own": "2", "X-Fixed": "0"},
                          "QueryStringParameters": {"p": "1"}}, InputPath="$.detail")
    put(events, {"n": 1})
    cloud.clock.idle()
    (asked,) = elsewhere.asked
    assert (asked["method"], asked["path"]) == ("PUT", "/orders/7%2F8/items")
    assert asked["query"] == {"q": ["a b"], "p": ["1"]}
    assert json.loads(asked["body"]) == {"n": 1, "more": "yes"}
    assert asked["headers"]["Authorization"] == "Basic " + b64encode(b"u:hidden").decode()
    assert (asked["headers"]["X-Fixed"], asked["headers"]["X-Own"]) == ("1", "2")
    told = events.describe_connection(Name="c")["AuthParameters"]
    assert told["BasicAuthParameters"] == {"Username": "u"}
    assert told["InvocationHttpParameters"]["QueryStringParameters"] == [{"Key": "q", "IsValueSecret": True}]


def test_keys(cloud: Cloud, events: Any, elsewhere: Elsewhere) -> None:
    route(events, elsewhere.url + "/x", {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "k1"}}, "API_KEY")
    put(events)
    cloud.clock.idle()
    assert elsewhere.asked[0]["headers"]["X-Key"] == "k1"
    events.update_connection(Name="c", AuthParameters={"ApiKeyAuthParameters": {"ApiKeyName": "X-Key", "ApiKeyValue": "k2"}})
    events.update_api_destination(Name="d", HttpMethod="GET", InvocationEndpoint=elsewhere.url + "/y")
    put(events)
    cloud.clock.idle()
    assert [elsewhere.asked[1][name] for name in ("method", "path")] == ["GET", "/y"]
    assert elsewhere.asked[1]["headers"]["X-Key"] == "k2"


def test_oauth_tokens_are_kept_and_renewed(cloud: Cloud, events: Any, elsewhere: Elsewhere) -> None:
    route(events, elsewhere.url + "/x", {"OAuthParameters": {
        "AuthorizationEndpoint": elsewhere.url + "/token", "HttpMethod": "POST",
        "ClientParameters": {"ClientID": "id", "ClientSecret": "hidden"},
        "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "s"}]}}}, "OAUTH_CLIENT_CREDENTIALS")
    assert events.describe_connection(Name="c")["ConnectionState"] == "AUTHORIZING"
    for _ in range(2):
        put(events)
        cloud.clock.idle()
    assert [asked["path"] for asked in elsewhere.asked] == ["/token", "/x", "/x"]
    assert parse_qs(elsewhere.asked[0]["body"]) == {
        "grant_type": ["client_credentials"], "client_id": ["id"], "client_secret": ["hidden"], "scope": ["s"]}
    assert [asked["headers"]["Authorization"] for asked in elsewhere.asked[1:]] == ["Bearer t1"] * 2
    assert events.describe_connection(Name="c")["ConnectionState"] == "AUTHORIZED"
    elsewhere.statuses = [401]
    put(events)
    cloud.clock.idle()
    assert [asked["path"] for asked in elsewhere.asked[3:]] == ["/x", "/token", "/x"]
    cloud.clock.advance(3600)
    put(events)
    cloud.clock.idle()
    assert [asked["path"] for asked in elsewhere.asked[6:]] == ["/token", "/x"]


def test_what_may_pass_is_tried_again(cloud: Cloud, events: Any, elsewhere: Elsewhere) -> None:
    dead = Inbox(cloud, "dead")
    route(events, elsewhere.url + "/x", BASIC, "BASIC", DeadLetterConfig={"Arn": dead.arn},
          RetryPolicy={"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 3600})
    elsewhere.statuses = [500, 429]
    put(events)
    cloud.clock.idle()
    cloud.clock.advance(10)
    assert len(elsewhere.asked) == 3
    assert dead.messages() == []
    elsewhere.statuses = [503, 503, 503, 503]
    put(events)
    cloud.clock.idle()
    cloud.clock.advance(60)
    assert len(elsewhere.asked) == 6
    (message,) = dead.messages()
    told = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert (told["EXHAUSTED_RETRY_CONDITION"], told["RETRY_ATTEMPTS"]) == ("MaximumRetryAttempts", "2")
    elsewhere.statuses = [400]
    put(events)
    cloud.clock.idle()
    assert len(elsewhere.asked) == 7
    assert len(dead.messages()) == 1


def test_a_destination_is_asked_no_faster_than_its_rate(cloud: Cloud, events: Any, elsewhere: Elsewhere) -> None:
    route(events, elsewhere.url + "/x", BASIC, "BASIC", rate=1)
    events.put_events(Entries=[{"Source": "my.app", "DetailType": "t", "Detail": "{}"}] * 10)
    cloud.clock.idle()
    assert 1 <= len(elsewhere.asked) <= 3
    cloud.clock.advance(5)
    assert 5 <= len(elsewhere.asked) <= 8
    cloud.clock.advance(5)
    assert len(elsewhere.asked) == 10


def test_connections_and_destinations_are_listed_and_deleted(cloud: Cloud, events: Any, elsewhere: Elsewhere) -> None:
    route(events, elsewhere.url, BASIC, "BASIC")
    events.create_connection(Name="other", AuthorizationType="API_KEY", AuthParameters={
        "ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "v"}})
    assert [c["Name"] for c in events.list_connections()["Connections"]] == ["c", "other"]
    assert [c["Name"] for c in events.list_connections(NamePrefix="o")["Connections"]] == ["other"]
    first = events.list_connections(Limit=1)
    assert [c["Name"] for c in events.list_connections(NextToken=first["NextToken"])["Connections"]] == ["other"]
    (told,) = events.list_api_destinations(NamePrefix="d")["ApiDestinations"]
    assert (told["Name"], told["ApiDestinationState"], told["InvocationRateLimitPerSecond"]) == ("d", "ACTIVE", 300)
    assert events.deauthorize_connection(Name="c")["ConnectionState"] == "DEAUTHORIZING"
    assert events.describe_api_destination(Name="d")["ApiDestinationState"] == "INACTIVE"
    put(events)
    cloud.clock.idle()
    assert elsewhere.asked == []
    events.delete_api_destination(Name="d")
    events.delete_connection(Name="c")
    for which, words in ((events.describe_api_destination, "api-destination 'd'"), (events.describe_connection, "'d'")):
        with refused("ResourceNotFoundException", words):
            which(Name="d")
    with refused("ResourceAlreadyExistsException", "Connection other already exists."):
        events.create_connection(Name="other", AuthorizationType="BASIC", AuthParameters=BASIC)
    with refused("ValidationException", "the authorization type is BASIC"):
        events.create_connection(Name="third", AuthorizationType="BASIC", AuthParameters={
            "ApiKeyAuthParameters": {"ApiKeyName": "k", "ApiKeyValue": "v"}})
    with refused("ResourceNotFoundException", "Connection 'c' does not exist."):
        events.create_api_destination(Name="e", HttpMethod="POST", InvocationEndpoint="https://example.com", ConnectionArn=
                                      f"arn:aws:events:us-east-1:{cloud.account}:connection/c/{'0' * 36}")
