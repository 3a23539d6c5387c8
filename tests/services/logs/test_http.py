"""The endpoints for plain HTTP: each format, and who may use them, by signature and by bearer token."""

from __future__ import annotations

import gzip
import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest

from conftest import Cloud
from services.logs.conftest import Post

NAMES = "?logGroup=app&logStream=one"


@pytest.fixture
def read(logs: Any, group: str) -> Callable[[], list[tuple[int, str]]]:
    """What is in the stream."""

    def read() -> list[tuple[int, str]]:
        found = logs.get_log_events(logGroupName=group, logStreamName="one", startFromHead=True)["events"]
        return [(event["timestamp"], event["message"]) for event in found]

    return read


def test_a_collectors_events(cloud: Cloud, post: Post, read: Any) -> None:
    now = int(cloud.clock.now())
    body = (f'{{"event":"a","time":{now - 5}.25,"host":"h"}} {{"event":{{"b":1}},"time":"{now - 4}"}}\n'
            f'[{{"event":3,"time":{now - 3}}},{{"message":"none"}}] "text"')
    assert post("/services/collector/event" + NAMES, body) == (200, {})
    assert read() == [((now - 5) * 1000 + 250, f'{{"event":"a","time":{now - 5}.25,"host":"h"}}'),
                      ((now - 4) * 1000, f'{{"event":{{"b":1}},"time":"{now - 4}"}}'),
                      ((now - 3) * 1000, f'{{"event":3,"time":{now - 3}}}')]
    assert post("/services/collector/event" + NAMES, '{"event":"now","time":"soon"}')[0] == 200
    assert abs(read()[-1][0] / 1000 - cloud.clock.now()) < 5
    assert post("/services/collector/event" + NAMES, '{"event":"half \\ud800"}') == (200, {})
    assert read()[-1][1] == '{"event":"half ?"}'
    assert post("/services/collector/event", '{"event":"named"}', x_aws_log_group="app", x_aws_log_stream="one") == (200, {})
    assert read()[-1][1] == '{"event":"named"}'
    assert post("/services/collector/event" + NAMES, '{"event":')[0] == 400
    assert post("/services/collector/event" + NAMES, "{}", Content_Type="text/plain")[0] == 415


def test_lines_of_json(cloud: Cloud, post: Post, read: Any) -> None:
    at = int(cloud.clock.now() * 1000) - 60_000
    body = (f'{{"timestamp":{at}, "level":"INFO"}}\r\n\n[{{"timestamp":{at + 1},"m":"a"}},{{"timestamp":{at + 2},"m":"b"}}]\n'
            f'[]\nnot json\n"half \\ud800"\n"plain"\n42\nnull')
    assert post("/ingest/bulk", gzip.compress(body.encode()), Content_Type="application/x-ndjson", Content_Encoding="gzip",
                x_aws_log_group="app", x_aws_log_stream="one") == (200, {})
    found = read()
    assert found[:3] == [(at, f'{{"timestamp":{at}, "level":"INFO"}}'), (at + 1, f'{{"timestamp":{at + 1},"m":"a"}}'),
                         (at + 2, f'{{"timestamp":{at + 2},"m":"b"}}')]
    assert sorted(message for _, message in found[3:]) == ["42", "null", "plain"]


def test_structured_json(cloud: Cloud, post: Post, read: Any) -> None:
    at = int(cloud.clock.now() * 1000) - 60_000
    assert post("/ingest/json" + NAMES, [{"timestamp": at + 9, "m": "late"}, "text", 42, {"timestamp": at, "m": "early"}]) == (
        200, {})
    assert post("/ingest/json", {"timestamp": at + 10, "m": "last"}, x_aws_log_group="app", x_aws_log_stream="one") == (200, {})
    assert post("/ingest/json" + NAMES, []) == (200, {})
    assert post("/ingest/json" + NAMES, '"hello"') == (200, {})
    assert read() == [(at, f'{{"timestamp":{at},"m":"early"}}'), (at + 9, f'{{"timestamp":{at + 9},"m":"late"}}'),
                      (at + 10, f'{{"timestamp":{at + 10},"m":"last"}}')]
    twice = post("/ingest/json" + NAMES, {}, x_aws_log_group="app")
    assert twice[0] == 400
    assert "cannot be used together" in twice[1]["message"]
    assert post("/ingest/json?logGroup=app", {})[0] == 400
    assert post("/ingest/json?logGroup=app&logStream=none", {})[1]["message"] == "The specified log stream does not exist."


def telemetry(nanos: int, **record: Any) -> dict[str, Any]:
    said = {"timeUnixNano": str(nanos), "severityNumber": 9, "severityText": "INFO", "body": {"stringValue": "in"}, **record}
    return {"resourceLogs": [{"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]},
                              "scopeLogs": [{"scope": {"name": "lib", "version": "1"}, "logRecords": [said]}]}]}


def test_open_telemetry(cloud: Cloud, post: Post, read: Any, logs: Any) -> None:
    names = {"x_aws_log_group": "app", "x_aws_log_stream": "one"}
    at = int(cloud.clock.now() * 1000) - 60_000
    attributes = [{"key": "n", "value": {"intValue": "7"}},
                  {"key": "deep", "value": {"kvlistValue": {"values": [{"key": "a", "value": {"arrayValue": {"values": [
                      {"boolValue": True}]}}}]}}}]
    assert post("/v1/logs", telemetry(at * 1_000_000, attributes=attributes, traceId="ab"), **names) == (200, {})
    (time, message), = read()
    assert time == at
    assert json.loads(message) == {
        "resource": {"attributes": {"service.name": "shop"}}, "scope": {"name": "lib", "version": "1"},
        "timeUnixNano": at * 1_000_000, "severityNumber": 9, "severityText": "INFO", "traceId": "ab", "body": "in",
        "attributes": {"n": 7, "deep": {"a": [True]}}}
    old = post("/v1/logs", telemetry(10**15), **names)
    assert old[1]["partialSuccess"]["rejectedLogRecords"] == "1"
    for wrong in ({"resourceLogs": [3]}, '{"resourceLogs": "\\ud800"}', "{"):
        assert post("/v1/logs", wrong, **names)[0] == 400
    assert post("/v1/logs" + NAMES, telemetry(at * 1_000_000))[0] == 400
    assert len(read()) == 1


def test_a_bearer_token_stands_for_its_user(cloud: Cloud, logs: Any, post: Post, read: Any) -> None:
    iam = cloud.client("iam")
    iam.create_user(UserName="ann")
    made = iam.create_service_specific_credential(UserName="ann", ServiceName="logs.amazonaws.com", CredentialAgeDays=1)
    key = made["ServiceSpecificCredential"]
    token = key["ServiceCredentialSecret"]
    assert token.startswith("ACWL")
    closed = post("/ingest/json" + NAMES, {"m": 1}, token)
    assert closed[0] == 401
    assert "not enabled" in closed[1]["message"]
    logs.put_bearer_token_authentication(logGroupIdentifier="app", bearerTokenAuthenticationEnabled=True)
    assert logs.describe_log_groups()["logGroups"][0]["bearerTokenAuthenticationEnabled"] is True
    said = json.dumps({"subject": cloud.account, "mode": "enforce"}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{cloud.endpoint}/_cumulet/iam", said), timeout=10).close()

    def allow(*actions: str) -> None:
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
        iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=json.dumps(document))

    allow("logs:PutLogEvents")
    status, told = post("/ingest/json" + NAMES, {"m": 1}, token)
    assert status == 400
    assert "logs:CallWithBearerToken" in told["message"]
    allow("logs:PutLogEvents", "logs:CallWithBearerToken")
    for path in ("/ingest/json", "/ingest/bulk"):
        assert post(path + NAMES, {"m": path}, token) == (200, {})
    assert [json.loads(message)["m"] for _, message in read()] == ["/ingest/json", "/ingest/bulk"]
    for wrong in (token[:-4] + "AAAA", "ACWLx", "x"):
        assert post("/ingest/json" + NAMES, {}, wrong)[0] == 401
    iam.update_service_specific_credential(UserName="ann", Status="Inactive",
                                           ServiceSpecificCredentialId=key["ServiceSpecificCredentialId"])
    assert post("/ingest/json" + NAMES, {}, token)[0] == 401
    iam.update_service_specific_credential(UserName="ann", Status="Active",
                                           ServiceSpecificCredentialId=key["ServiceSpecificCredentialId"])
    cloud.clock.advance(86_401)
    assert post("/ingest/json" + NAMES, {}, token)[0] == 401
