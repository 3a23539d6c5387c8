"""Scheduled queries: runs by the clock, each an ordinary query."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import refused

ROLE = "arn:aws:iam::000000000000:role/r"


@pytest.fixture
def scheduled(logs: Any) -> Iterator[dict[str, Any]]:
    """Members of one; whatever is there is deleted at the end."""
    yield {"name": "hourly", "queryLanguage": "CWLI", "queryString": "stats count(*) as n", "executionRoleArn": ROLE,
           "scheduleExpression": "cron(0 * * * ? *)", "logGroupIdentifiers": ["app"], "startTimeOffset": 7200}
    for each in logs.list_scheduled_queries()["scheduledQueries"]:
        logs.delete_scheduled_query(identifier=each["name"])


def test_a_query_runs_each_hour(cloud: Cloud, logs: Any, group: str, put: Any, scheduled: dict[str, Any]) -> None:
    arn = logs.create_scheduled_query(**scheduled)["scheduledQueryArn"]
    assert arn.startswith(f"arn:aws:logs:us-east-1:{cloud.account}:scheduled-query:")
    begin = cloud.clock.now()
    put(["a", "b", "c"])
    cloud.clock.advance(3 * 3600)
    cloud.clock.idle()
    history = logs.get_scheduled_query_history(identifier="hourly", startTime=int(begin), endTime=int(cloud.clock.now()))
    assert [run["executionStatus"] for run in history["triggerHistory"]] == ["Complete"] * 3
    counts = [logs.get_query_results(queryId=run["queryId"])["results"][0][0]["value"] for run in history["triggerHistory"]]
    assert counts[0] == "3"
    assert counts[2] == "0"
    assert logs.list_log_groups_for_query(queryId=history["triggerHistory"][0]["queryId"])["logGroupIdentifiers"] == [group]
    told = logs.get_scheduled_query(identifier=arn)
    assert (told["lastExecutionStatus"], told["name"], told["queryString"]) == ("Complete", "hourly", "stats count(*) as n")
    update = {k: v for k, v in scheduled.items() if k != "name"}
    assert logs.update_scheduled_query(identifier="hourly", **{**update, "state": "DISABLED"})["state"] == "DISABLED"
    cloud.clock.advance(3 * 3600)
    now = int(cloud.clock.now())
    assert len(logs.get_scheduled_query_history(identifier="hourly", startTime=int(begin), endTime=now)["triggerHistory"]) == 3
    assert logs.list_scheduled_queries(state="ENABLED")["scheduledQueries"] == []
    logs.delete_scheduled_query(identifier=arn)
    with refused("ResourceNotFoundException", "Scheduled query hourly does not exist."):
        logs.get_scheduled_query(identifier="hourly")


def test_scheduled_queries_that_are_refused(logs: Any, group: str, scheduled: dict[str, Any]) -> None:
    logs.create_scheduled_query(**scheduled)
    for code, more in (("ConflictException", {}), ("ValidationException", {"name": "b", "scheduleExpression": "hourly"}),
                       ("ValidationException", {"name": "b", "timezone": "Mars"}),
                       ("ValidationException", {"name": "b", "endTimeOffset": 7200}),
                       ("ResourceNotFoundException", {"name": "b", "logGroupIdentifiers": ["none"]}),
                       ("MalformedQueryException", {"name": "b", "queryString": "nonsense"}),
                       ("NotImplemented", {"name": "b", "queryLanguage": "SQL"})):
        with refused(code):
            logs.create_scheduled_query(**{**scheduled, **more})
