"""Regular expressions of users take no time without end."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Cloud
from cumulet.services.logs.regexes import repeats_repetitions
from services.sqs.queues import refused

SLOW = "a" * 40 + "!"


@pytest.mark.parametrize(("pattern", "endless"), [
    (r"(a+)+b", True), (r"(?:\w+\.)*x", True), (r"((a*)b)+", True), (r"(?<n>x{2,})*", True), (r"(a|aa)+c", True),
    (r"a+b*c?", False), (r"(?:\d{1,3}\.){3}\d{1,3}", False), (r"(a+|b)c", False), (r"(a+)b+", False), (r"\(a+\)+", False),
    (r"[(a+)]+", False), (r"(\w+) (\w+)*", True)])
def test_what_repeats_repetitions_is_known(pattern: str, endless: bool) -> None:
    assert repeats_repetitions(pattern) is endless


def test_queries_answer_expressions_that_could_take_long(cloud: Cloud, logs: Any, group: str, put: Any) -> None:
    put([SLOW, "aab found"])
    now = int(cloud.clock.now())
    said = {"logGroupName": group, "startTime": now - 600, "endTime": now}
    query = logs.start_query(**said, queryString="filter @message like /(a+)+b/ | fields @message")["queryId"]
    cloud.clock.idle()
    told = logs.get_query_results(queryId=query)
    assert told["status"] == "Complete"
    assert [row[0]["value"] for row in told["results"]] == ["aab found"]
    assert told["statistics"]["bytesScanned"] > len(SLOW)
    with refused("MalformedQueryException", "could take too long"):
        logs.start_query(**said, queryString="parse @message /(?<x>(a+)+)b/")


def test_transformers_refuse_expressions_that_could_take_long(logs: Any) -> None:
    for config in ([{"grok": {"match": "(a+)+ %{WORD:w}"}}],
                   [{"parseJSON": {}}, {"substituteString": {"entries": [{"source": "a", "from": "(a+)+b", "to": "x"}]}}]):
        with refused("InvalidParameterException", "could take too long"):
            logs.test_transformer(transformerConfig=config, logEventMessages=["x"])
