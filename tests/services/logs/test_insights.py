"""Logs Insights: queries over the wire."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from conftest import Cloud
from cumulet.kernel import Call
from cumulet.services.logs.querygroups import ranked
from services.events.conftest import inside
from services.sqs.queues import refused

REPORT = ("REPORT RequestId: r-1\tDuration: 12.5 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 64 MB\t"
          "Init Duration: 100.25 ms\t")
EVENTS = [json.dumps({"level": level, "user": {"id": i}, "ms": i * 10, "path": f"/p{i % 3}", "ip": f"10.0.{i % 2}.{i}"})
          for i, level in enumerate(["info", "error", "info", "warn", "error", "info"])]
PLAIN = ["GET /a 200 12ms", "POST /b 500 7ms", "GET /c 404 90ms"]


class Insights:
    """Asks a group that has events."""

    def __init__(self, cloud: Cloud, group: str) -> None:
        self._cloud, self._group, self.logs = cloud, group, cloud.client("logs")

    def start(self, query: str, **members: Any) -> str:
        now = int(self._cloud.clock.now())
        said = {"logGroupName": self._group, "startTime": now - 3600, "endTime": now, "queryString": query, **members}
        return str(self.logs.start_query(**said)["queryId"])

    def told(self, query: str, **members: Any) -> dict[str, Any]:
        id = self.start(query, **members)
        self._cloud.clock.idle()
        told = dict(self.logs.get_query_results(queryId=id))
        assert told["status"] == "Complete"
        return told

    def __call__(self, query: str, **members: Any) -> list[dict[str, str]]:
        rows = self.told(query, **members)["results"]
        return [{f["field"]: f["value"] for f in row if f["field"] != "@ptr"} for row in rows]


@pytest.fixture
def ask(cloud: Cloud, group: str, put: Any) -> Insights:
    put(EVENTS, at=-600)
    put(PLAIN, at=-60)
    return Insights(cloud, group)


def test_without_words_the_latest_events_are_shown(ask: Insights) -> None:
    rows = ask("")
    assert [row["@message"] for row in rows] == PLAIN[::-1] + EVENTS[::-1]
    assert rows[0]["@timestamp"][4] == "-"
    assert len(rows[0]["@timestamp"]) == len("2024-01-01 00:00:00.000")
    assert [row["@message"] for row in ask("limit 2")] == PLAIN[:0:-1]
    assert [row["@message"] for row in ask("fields @message", limit=1)] == PLAIN[2:]


@pytest.mark.parametrize(("query", "wanted"), [
    ("fields user.id as id | filter level = 'error' | sort id", [{"id": "4"}, {"id": "1"}]),
    ("filter level like /^(err|warn)/ | fields user.id | sort user.id asc", [{"user.id": i} for i in "134"]),
    ("fields ms | filter ms >= 20 and not (ms = 30 or ms > 40)", [{"ms": "40"}, {"ms": "20"}]),
    ("fields ms | filter level in ['warn'] | limit 5", [{"ms": "30"}]),
    ("fields ms | filter level not in ['info', 'error'] and ispresent(level)", [{"ms": "30"}]),
    ("fields ms * 2 + 1 as x | filter ms = 50", [{"x": "101"}]),
    ("fields ms / 4 as x, ms % 7 as y, 2 ^ 3 as z | filter ms = 50", [{"x": "12.5", "y": "1", "z": "8"}]),
    ("stats count(*) as n by level | sort n desc, level asc", [
        {"level": "info", "n": "3"}, {"n": "3"}, {"level": "error", "n": "2"}, {"level": "warn", "n": "1"}]),
    ("filter ispresent(ms) | stats sum(ms) as s, avg(ms) as a, min(ms) as lo, max(ms) as hi, count_distinct(path) as d",
     [{"s": "150", "a": "25", "lo": "0", "hi": "50", "d": "3"}]),
    ("stats pct(ms, 50) as p, stddev(ms) as d, earliest(level) as e, latest(level) as l",
     [{"p": "20", "d": "17.0783", "e": "info", "l": "info"}]),
    ("stats count(ms)", [{"count(ms)": "6"}]),
    ("parse @message '* * * *ms' as verb, path, status, took | filter status >= 400 | display verb, took | sort took asc",
     [{"verb": "POST", "took": "7"}, {"verb": "GET", "took": "90"}]),
    ("parse @message /(?<verb>[A-Z]+) (?<where>\\S+) \\d/ | filter verb = 'GET' | stats count(*) as n by verb",
     [{"verb": "GET", "n": "2"}]),
    ("fields path | dedup path | sort path asc", [{"path": "/p0"}, {"path": "/p1"}, {"path": "/p2"}]),
    ("fields toupper(level) as l, strlen(level) as n, concat(level, '-', user.id) as c | filter user.id = 3",
     [{"l": "WARN", "n": "4", "c": "warn-3"}]),
    ("fields replace(path, '/p', 'q') as r, substr(path, 1, 1) as s, coalesce(none, level) as c | filter user.id = 3",
     [{"r": "q0", "s": "p", "c": "warn"}]),
    ("fields user.id | filter isIpv4InSubnet(ip, '10.0.1.0/24') | sort user.id asc", [{"user.id": i} for i in "135"]),
    ("fields greatest(ms, 35) as g, floor(ms / 20) as f | filter user.id in [1, 4] | sort g asc",
     [{"g": "35", "f": "0"}, {"g": "40", "f": "2"}]),
    ("filter @message like 'POST' | display @logStream", [{"@logStream": "one"}]),
    ("stats count(*) as n by path | filter n > 1 | stats sum(n) as total", [{"total": "9"}]),
    ("fields `user.id` # the id\n| filter user.id = 5", [{"user.id": "5"}]),
    ("filter level = 'none' | stats count(*) as n", [{"n": "0"}]),
    ("filter level = 'none'", []),
])
def test_queries(ask: Insights, query: str, wanted: list[dict[str, str]]) -> None:
    assert ask(query) == wanted


def test_bins_of_time(cloud: Cloud, ask: Insights) -> None:
    rows = ask("stats count(*) as n by bin(1m) | sort n desc")
    assert [row["n"] for row in rows] == ["6", "3"]
    assert all(row["bin(1m)"].endswith(":00.000") for row in rows)
    assert [row["n"] for row in ask("stats count(*) as n by bin(30d) as b")] == ["9"]


def test_a_time_that_cuts_a_block_counts_what_is_in_it(cloud: Cloud, ask: Insights, group: str) -> None:
    now = int(cloud.clock.now())
    ask.logs.put_log_events(logGroupName=group, logStreamName="one", logEvents=[
        {"timestamp": (now - 300) * 1000, "message": "within"}, {"timestamp": (now - 299) * 1000, "message": "behind"}])
    assert ask("stats count(*) as n", endTime=now - 300) == [{"n": str(len(EVENTS) + 1)}]
    assert ask("stats count(*) as n by @logStream", startTime=now - 290, endTime=now - 100) == []
    assert ask("stats pct(ms, 50) as p by bin(1h)", startTime=now - 290, endTime=now - 100) == []


@pytest.mark.parametrize("shape", [lambda chance: chance.random(), lambda chance: chance.choice((1.0, 2.0)),
                                   lambda chance: chance.choice((chance.random() * 9, chance.randrange(9))),
                                   lambda chance: chance.expovariate(1) ** 9])
def test_of_many_figures_the_one_at_a_place_is_found(shape: Any) -> None:
    chance = random.Random(4)
    figures = [shape(chance) for _ in range(30_000)]
    for order in (figures, sorted(figures), sorted(figures, reverse=True)):
        assert [ranked(order, place) for place in (0, 15_000, 29_700, 29_999)] == [
            sorted(figures)[place] for place in (0, 15_000, 29_700, 29_999)]


def test_reports_of_functions_have_their_fields(ask: Insights, put: Any) -> None:
    put([REPORT, "START RequestId: r-1 Version: $LATEST"], at=-30)
    assert ask("filter @type = 'REPORT' | stats max(@maxMemoryUsed / 1000 / 1000) as mb, sum(@billedDuration) as ms, "
               "avg(@initDuration) as init") == [{"mb": "64", "ms": "13", "init": "100.25"}]
    assert ask("filter @requestId = 'r-1' | stats count(*) as n") == [{"n": "2"}]


def test_statistics_and_the_whole_record(ask: Insights) -> None:
    told = ask.told("fields level | filter user.id = 3")
    assert told["statistics"]["recordsMatched"] == 1.0
    assert told["statistics"]["recordsScanned"] == 9.0
    pointer = next(f["value"] for f in told["results"][0] if f["field"] == "@ptr")
    record = ask.logs.get_log_record(logRecordPointer=pointer)["logRecord"]
    assert (record["@message"], record["user.id"], record["@logStream"]) == (EVENTS[3], "3", "one")
    with refused("InvalidParameterException", "pointer"):
        ask.logs.get_log_record(logRecordPointer="nonsense")
    fields = {f["name"]: f["percent"] for f in ask.logs.get_log_group_fields(logGroupName="app")["logGroupFields"]}
    assert (fields["@message"], fields["level"]) == (100, 67)


def test_many_groups_and_pages(cloud: Cloud, ask: Insights) -> None:
    ask.logs.create_log_group(logGroupName="other")
    ask.logs.create_log_stream(logGroupName="other", logStreamName="s")
    now = int(cloud.clock.now() * 1000)
    ask.logs.put_log_events(logGroupName="other", logStreamName="s", logEvents=[
        {"timestamp": now - 5000 + i, "message": f"m{i}"} for i in range(50)])
    id = ask.logs.start_query(logGroupNames=["app", "other"], startTime=now // 1000 - 3600, endTime=now // 1000,
                              queryString="fields @message")["queryId"]
    cloud.clock.idle()
    found, token = [], {}
    while True:
        told = ask.logs.get_query_results(queryId=id, maxItems=25, **token)
        found += told["results"]
        if "nextToken" not in told:
            break
        token = {"nextToken": told["nextToken"]}
    assert len(found) == 59


@pytest.mark.parametrize("query", [
    "nonsense", "fields", "filter", "fields a |", "stats foo(a)", "stats sum(*)", "limit many", "parse @message", "filter a = ",
    "fields nope(a)", "filter a like 5", "filter a like /(/", "parse @message '* *' as a", "stats count(*) by bin(5x)",
    "fields strlen(a, b, c) ~ 5", "fields a, | limit 1", "filter (a = 1", "filter a in [1, 2", "unnest a"])
def test_queries_that_are_malformed(ask: Insights, query: str) -> None:
    with refused("MalformedQueryException"):
        ask(query)


def test_queries_that_are_refused(ask: Insights) -> None:
    with refused("ResourceNotFoundException", "Log group 'none' does not exist for account ID"):
        ask("", logGroupName="none")
    with refused("MalformedQueryException", "before its start"):
        ask("", startTime=2_000_000_000)
    with refused("InvalidParameterException", "Exactly one of"):
        ask("", logGroupNames=["app"])
    with refused("NotImplemented", "queries in SQL"):
        ask("", queryLanguage="SQL")
    with refused("ResourceNotFoundException", "query"):
        ask.logs.get_query_results(queryId="none")


def test_queries_are_listed_stopped_and_forgotten(cloud: Cloud, ask: Insights) -> None:
    id = ask.start("fields @message")
    cloud.clock.idle()
    with refused("InvalidParameterException", "Complete"):
        ask.logs.stop_query(queryId=id)
    (told,) = ask.logs.describe_queries(logGroupName="app", status="Complete")["queries"]
    assert (told["queryId"], told["queryString"]) == (id, "fields @message")
    assert ask.logs.describe_queries(status="Running")["queries"] == []
    cloud.clock.advance(8 * 86_400)
    assert ask.logs.describe_queries()["queries"] == []


def test_a_stopped_query_finds_nothing(cloud: Cloud, ask: Insights) -> None:
    now = int(cloud.clock.now())

    def start_and_stop(call: Call) -> str:
        id = call.aws.logs.start_query(logGroupName="app", startTime=now - 3600, endTime=now, queryString="")["queryId"]
        assert call.aws.logs.stop_query(queryId=id) == {"success": True}
        return str(id)

    id = inside(cloud, start_and_stop)
    cloud.clock.idle()
    told = ask.logs.get_query_results(queryId=id)
    assert (told["status"], told["results"]) == ("Cancelled", [])


def test_a_query_is_stopped_while_it_runs(cloud: Cloud, ask: Insights, put: Any) -> None:
    for i in range(10):
        put(["a" * 2_000] * 100, at=-500 + i)
    id = ask.start("filter @message like /(a+)+b/")       # takes its time with each of the ten blocks
    assert ask.logs.stop_query(queryId=id)["success"] is True
    cloud.clock.idle()
    told = ask.logs.get_query_results(queryId=id)
    assert (told["status"], told["results"]) == ("Cancelled", [])


def test_definitions(ask: Insights) -> None:
    logs, token = ask.logs, "t" * 36
    id = logs.put_query_definition(name="errors", queryString="filter a = 1", logGroupNames=["app"],
                                   clientToken=token)["queryDefinitionId"]
    assert logs.put_query_definition(name="errors", queryString="x", clientToken=token)["queryDefinitionId"] == id
    other = logs.put_query_definition(name="slow", queryString="filter b = 1")["queryDefinitionId"]
    asked = [{"name": "c", "defaultValue": "1", "description": "what c is"}]
    logs.put_query_definition(name="slower", queryString="filter c = 1", queryDefinitionId=other, parameters=asked)
    told = logs.describe_query_definitions()["queryDefinitions"]
    assert [(d["name"], d["queryString"]) for d in told] == [("errors", "filter a = 1"), ("slower", "filter c = 1")]
    assert [d.get("parameters") for d in told] == [None, asked]
    first = logs.describe_query_definitions(maxResults=1)
    rest = logs.describe_query_definitions(nextToken=first["nextToken"])["queryDefinitions"]
    assert [d["name"] for d in rest] == ["slower"]
    named = logs.describe_query_definitions(queryDefinitionNamePrefix="err")["queryDefinitions"]
    assert [d["name"] for d in named] == ["errors"]
    assert logs.delete_query_definition(queryDefinitionId=id)["success"] is True
    with refused("ResourceNotFoundException", "query definition"):
        logs.delete_query_definition(queryDefinitionId=id)


def test_events_that_are_written_alike_are_one_pattern(cloud: Cloud, group: str, put: Any) -> None:
    put([f"INFO user {name} took {n} ms" for n, name in enumerate(("ann", "bob", "cid", "dan"))]
        + ["ERROR no answer from 10.0.0.1", "ERROR no answer from 10.0.0.2", "done"])
    ask = Insights(cloud, group)
    assert ask("pattern @message") == [
        {"@pattern": "INFO user <*> took <*> ms", "@ratio": "0.5714", "@sampleCount": "4", "@severityLabel": "INFO"},
        {"@pattern": "ERROR no answer from <*>", "@ratio": "0.2857", "@sampleCount": "2", "@severityLabel": "ERROR"},
        {"@pattern": "done", "@ratio": "0.1429", "@sampleCount": "1"}]
    assert ask("filter @message like /ERROR/ | pattern @message | display @sampleCount") == [{"@sampleCount": "2"}]
    assert ask("sort @timestamp | pattern @message | sort @sampleCount asc | limit 1 | display @pattern") == [
        {"@pattern": "done"}]


def test_each_group_is_read_as_far_back_as_it_keeps_events(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    logs.create_log_group(logGroupName="brief")
    logs.create_log_stream(logGroupName="brief", logStreamName="s")
    day = 86_400
    now = int(cloud.clock.now())
    put(["old, kept"], at=-3 * day)
    logs.put_log_events(logGroupName="brief", logStreamName="s", logEvents=[
        {"timestamp": (now - 3 * day) * 1000, "message": "old, dropped"}])
    logs.put_retention_policy(logGroupName="brief", retentionInDays=1)
    query = logs.start_query(logGroupNames=["brief", group], startTime=now - 5 * day, endTime=now, queryString="")["queryId"]
    cloud.clock.idle()
    assert [row[1]["value"] for row in logs.get_query_results(queryId=query)["results"]] == ["old, kept"]
