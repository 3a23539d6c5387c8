"""Transformers: what they make of events, and who sees it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import refused

VPC = "2 123456789010 eni-1235b8ca 172.31.16.139 172.31.16.21 20641 22 6 20 4249 1418530010 1418530070 ACCEPT OK"


def transformed(logs: Any, message: str, *config: dict[str, Any]) -> dict[str, Any] | None:
    """What a transformer makes of one event."""
    told = logs.test_transformer(transformerConfig=list(config), logEventMessages=[message])["transformedLogs"]
    assert [(each["eventNumber"], each["eventMessage"]) for each in told] == [(1, message)]
    text = told[0].get("transformedEventMessage")
    return dict(json.loads(text)) if text else None


@pytest.mark.parametrize(("message", "config", "wanted"), [
    ('{"outer_key": {"inner_key": "v"}}', [{"parseJSON": {"destination": "new_key"}}],
     {"new_key": {"outer_key": {"inner_key": "v"}}}),
    ("no json", [{"parseJSON": {}}], None),
    ('{"text": "{\\"b\\": 2}"}', [{"parseJSON": {}}, {"parseJSON": {"source": "text", "destination": "p.q"}}],
     {"text": '{"b": 2}', "p": {"q": {"b": 2}}}),
    ("10.0.0.1 GET /a 200 12.5", [{"grok": {"match": "%{IP:client.ip} %{WORD:verb} %{URIPATH:path} %{INT:status:integer} "
                                                      "%{NUMBER:ms:double}"}}],
     {"client": {"ip": "10.0.0.1"}, "verb": "GET", "path": "/a", "status": 200, "ms": 12.5}),
    ("nothing fits", [{"grok": {"match": "%{IP:ip}"}}], None),
    ('a,"b,c",d', [{"csv": {"columns": ["x", "y"]}}], {"x": "a", "y": "b,c", "column_3": "d"}),
    ("a|'b|c'", [{"csv": {"delimiter": "|", "quoteCharacter": "'", "destination": "d"}}],
     {"d": {"column_1": "a", "column_2": "b|c"}}),
    ("key1:value1!key2:value2!key3", [{"parseKeyValue": {"fieldDelimiter": "!", "keyValueDelimiter": ":", "keyPrefix": "p_",
                                                         "nonMatchValue": "none", "destination": "kv"}}],
     {"kv": {"p_key1": "value1", "p_key2": "value2", "p_key3": "none"}}),
    (VPC, [{"parseVPC": {}}],
     {"version": 2, "accountId": "123456789010", "interfaceId": "eni-1235b8ca", "srcAddr": "172.31.16.139",
      "dstAddr": "172.31.16.21", "srcPort": 20641, "dstPort": 22, "protocol": 6, "packets": 20, "bytes": 4249,
      "start": 1418530010, "end": 1418530070, "action": "ACCEPT", "logStatus": "OK"}),
    ('{"a": {"b": 1}}', [{"parseJSON": {}}, {"addKeys": {"entries": [
        {"key": "a.c", "value": "new"}, {"key": "a.b", "value": "kept"},
        {"key": "d", "value": "x", "overwriteIfExists": True}]}}], {"a": {"b": 1, "c": "new"}, "d": "x"}),
    ('{"a": 1, "b": 2}', [{"parseJSON": {}}, {"copyValue": {"entries": [{"source": "a", "target": "c.d"}]}},
                          {"moveKeys": {"entries": [{"source": "b", "target": "c"}]}}], {"a": 1, "b": 2, "c": {"d": 1}}),
    ('{"a": 1, "b": 2}', [{"parseJSON": {}}, {"moveKeys": {"entries": [{"source": "b", "target": "a",
                                                                        "overwriteIfExists": True}]}}], {"a": 2}),
    ('{"a": 1}', [{"parseJSON": {}}, {"renameKeys": {"entries": [{"key": "a", "renameTo": "b"}]}}], {"b": 1}),
    ('{"a": {"b": 1, "c": 2}, "d": 3}', [{"parseJSON": {}}, {"deleteKeys": {"withKeys": ["a.b", "d", "none"]}}],
     {"a": {"c": 2}}),
    ('{"a": " Ab ", "b": "Cd", "c": "Ef"}',
     [{"parseJSON": {}}, {"trimString": {"withKeys": ["a"]}}, {"lowerCaseString": {"withKeys": ["b"]}},
      {"upperCaseString": {"withKeys": ["c"]}}], {"a": "Ab", "b": "cd", "c": "EF"}),
    ('{"a": "1-2", "b": "x [1] y"}',
     [{"parseJSON": {}}, {"splitString": {"entries": [{"source": "a", "delimiter": "-"}]}},
      {"substituteString": {"entries": [{"source": "b", "from": r"\[(\d)\]", "to": "<$1>"}]}}],
     {"a": ["1", "2"], "b": "x <1> y"}),
    ('{"a": "12", "b": "1.5", "c": 7, "d": "TRUE", "e": "x"}',
     [{"parseJSON": {}}, {"typeConverter": {"entries": [
         {"key": "a", "type": "integer"}, {"key": "b", "type": "double"}, {"key": "c", "type": "string"},
         {"key": "d", "type": "boolean"}, {"key": "e", "type": "integer"}]}}],
     {"a": 12, "b": 1.5, "c": "7", "d": True, "e": "x"}),
    ('{"l": [{"k": "a", "v": 1}, {"k": "a", "v": 2}, {"k": "b", "v": 3}]}',
     [{"parseJSON": {}}, {"listToMap": {"source": "l", "key": "k", "valueKey": "v", "target": "m", "flatten": True,
                                        "flattenedElement": "last"}}, {"deleteKeys": {"withKeys": ["l"]}}],
     {"m": {"a": 2, "b": 3}}),
    ('{"l": [{"k": "a"}]}', [{"parseJSON": {}}, {"listToMap": {"source": "l", "key": "k"}}],
     {"l": [{"k": "a"}], "a": [{"k": "a"}]}),
    ('{"t": "02/Jan/2024 10:20:30"}',
     [{"parseJSON": {}}, {"dateTimeConverter": {
         "source": "t", "target": "at", "matchPatterns": ["yyyy", "dd/MMM/yyyy HH:mm:ss"], "sourceTimezone": "Europe/Berlin",
         "targetTimezone": "UTC", "targetFormat": "yyyy-MM-dd'T'HH:mm:ss.SSSZ", "locale": "en"}}],
     {"t": "02/Jan/2024 10:20:30", "at": "2024-01-02T09:20:30.000+0000"}),
    ('{"t": "1700000000000"}',
     [{"parseJSON": {}}, {"dateTimeConverter": {"source": "t", "target": "t", "matchPatterns": ["epoch"]}}],
     {"t": "2023-11-14T22:13:20.000Z"})])
def test_each_processor_does_what_is_documented(logs: Any, message: str, config: list[dict[str, Any]],
                                                wanted: dict[str, Any] | None) -> None:
    assert transformed(logs, message, *config) == wanted


@pytest.mark.parametrize(("config", "why"), [
    ([{"addKeys": {"entries": [{"key": "a", "value": "b"}]}}], "must be a parser"),
    ([{"parseJSON": {}}, {"parseVPC": {}}], "must be the first"),
    ([{"parseJSON": {}, "grok": {"match": "x"}}], "exactly one"),
    ([{"grok": {"match": "%{NOTHING:x}"}}], "Unknown grok pattern"),
    ([{"parseJSON": {}}] * 6, "5 parsers"),
    ([{"parseJSON": {}}, {"deleteKeys": {"withKeys": ["a.b.c.d"]}}], "nested deeper"),
    ([{"parseJSON": {}}, {"dateTimeConverter": {"source": "a", "target": "b", "matchPatterns": ["QQQ"]}}], "date pattern")])
def test_what_is_no_transformer_is_refused(logs: Any, group: str, config: list[dict[str, Any]], why: str) -> None:
    with refused("InvalidParameterException", why):
        logs.put_transformer(logGroupIdentifier=group, transformerConfig=config)
    assert "transformerConfig" not in logs.get_transformer(logGroupIdentifier=group)


CONFIG = [{"parseKeyValue": {"fieldDelimiter": " "}}, {"typeConverter": {"entries": [{"key": "ms", "type": "integer"}]}},
          {"copyValue": {"entries": [{"source": "@logGroupName", "target": "from"}]}}]


def test_events_are_transformed_as_they_come(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    put(["level=before ms=1"])
    logs.put_transformer(logGroupIdentifier=group, transformerConfig=CONFIG)
    told = logs.get_transformer(logGroupIdentifier=group)
    assert told["transformerConfig"] == CONFIG
    assert told["logGroupIdentifier"].endswith(":log-group:app")
    assert told["creationTime"] == told["lastModifiedTime"]
    logs.put_metric_filter(logGroupName=group, filterName="f", filterPattern="{ $.ms > 5 }", applyOnTransformedLogs=True,
                           metricTransformations=[{"metricName": "slow", "metricNamespace": "App", "metricValue": "$.ms"}])
    assert logs.describe_metric_filters()["metricFilters"][0]["applyOnTransformedLogs"] is True
    put(["level=error ms=7", "level=info ms=2"], at=-30)
    now = int(cloud.clock.now())
    query = logs.start_query(logGroupName=group, startTime=now - 600, endTime=now, queryString=(
        "fields @message, ms, from | filter level = 'error'"))["queryId"]
    cloud.clock.idle()
    rows = [{f["field"]: f["value"] for f in row if f["field"] != "@ptr"}
            for row in logs.get_query_results(queryId=query)["results"]]
    assert rows == [{"@message": "level=error ms=7", "ms": "7", "from": "app"}]
    seen = cloud.client("cloudwatch").get_metric_statistics(
        Namespace="App", MetricName="slow", StartTime=now - 300, EndTime=now + 60, Period=60, Statistics=["Sum"])["Datapoints"]
    assert [point["Sum"] for point in seen] == [7]
    assert logs.get_log_events(logGroupName=group, logStreamName="one")["events"][-1]["message"] == "level=info ms=2"
    logs.delete_transformer(logGroupIdentifier=group)
    with refused("ResourceNotFoundException"):
        logs.delete_transformer(logGroupIdentifier=group)


def test_a_group_without_a_transformer_takes_the_accounts(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    logs.put_account_policy(policyName="t", policyType="TRANSFORMER_POLICY", policyDocument=json.dumps(CONFIG),
                            selectionCriteria='LogGroupNamePrefix = "ap"', scope="ALL")
    put(["ms=3"])
    now = int(cloud.clock.now())
    query = logs.start_query(logGroupName=group, startTime=now - 600, endTime=now, queryString="stats sum(ms) as s")["queryId"]
    cloud.clock.idle()
    assert logs.get_query_results(queryId=query)["results"] == [[{"field": "s", "value": "3"}]]
