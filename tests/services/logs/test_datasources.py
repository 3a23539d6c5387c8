"""Data sources: groups by what their tags say that their events are."""

from __future__ import annotations

from typing import Any

import pytest

from services.sqs.queues import refused


@pytest.fixture
def sources(logs: Any) -> Any:
    for name, source, kind in (("a/1", "shop", "orders"), ("a/2", "shop", "orders"), ("b/1", "shop", "carts"),
                               ("b/2", "bank", "pay"), ("c", "awsvpc", "flow")):
        logs.create_log_group(logGroupName=name, tags={"cw:datasource:name": source, "cw:datasource:type": kind})
    logs.create_log_group(logGroupName="plain")
    return logs


def summaries(logs: Any, **members: Any) -> list[tuple[str, ...]]:
    told = logs.list_aggregate_log_group_summaries(groupBy="DATA_SOURCE_NAME_AND_TYPE", **members)
    return [(*(each["value"] for each in row["groupingIdentifiers"]), row["logGroupCount"])
            for row in told["aggregateLogGroupSummaries"]]


def test_groups_are_counted_by_their_source(sources: Any) -> None:
    assert summaries(sources) == [("bank", "pay", 1), ("shop", "carts", 1), ("shop", "orders", 2)]
    assert summaries(sources, logGroupNamePattern="^b/1") == [("shop", "carts", 1)]
    assert summaries(sources, dataSources=[{"name": "sh*", "type": "o*"}]) == [("shop", "orders", 2)]
    assert summaries(sources, logGroupClass="INFREQUENT_ACCESS") == []
    pages = sources.get_paginator("list_aggregate_log_group_summaries").paginate(
        groupBy="DATA_SOURCE_NAME_AND_TYPE", PaginationConfig={"PageSize": 2})
    assert [len(page["aggregateLogGroupSummaries"]) for page in pages] == [2, 1]


def test_groups_are_listed_by_source_and_by_index(sources: Any) -> None:
    def listed(**members: Any) -> list[str]:
        return [group["logGroupName"] for group in sources.list_log_groups(**members)["logGroups"]]

    assert listed(dataSources=[{"name": "shop"}]) == ["a/1", "a/2", "b/1"]
    assert listed(dataSources=[{"name": "shop", "type": "carts"}, {"name": "bank"}]) == ["b/1", "b/2"]
    sources.put_index_policy(logGroupIdentifier="plain", policyDocument='{"Fields": ["requestId"]}')
    assert listed(fieldIndexNames=["requestId"]) == ["plain"]


def test_the_fields_of_a_source_have_types(sources: Any, put: Any) -> None:
    sources.tag_log_group(logGroupName="app", tags={"cw:datasource:name": "shop", "cw:datasource:type": "web"})
    put(['{"n": 1, "ok": true, "user": {"id": "x"}, "tags": ["a"], "mixed": 1}', '{"n": 1.5, "mixed": "x"}', "no json"])
    told = sources.get_log_fields(dataSourceName="shop", dataSourceType="web")["logFields"]
    assert {each["logFieldName"]: each["logFieldType"] for each in told} == {
        "n": {"type": "double"}, "ok": {"type": "boolean"}, "mixed": {"type": "string"},
        "tags": {"type": "array", "element": {"type": "string"}},
        "user": {"type": "struct", "fields": [{"logFieldName": "id", "logFieldType": {"type": "string"}}]}}
    with refused("ResourceNotFoundException", "data source"):
        sources.get_log_fields(dataSourceName="shop", dataSourceType="none")
