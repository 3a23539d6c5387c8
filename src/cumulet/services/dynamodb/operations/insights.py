"""Contributor insights."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import insights, keys
from ..resources import Insight, Layout
from ..shelf import name_of

Doc = dict[str, Any]
_LISTED = 100


@operation
def update_contributor_insights(call: Call, TableName: str, ContributorInsightsAction: str, IndexName: str | None = None,
                                ContributorInsightsMode: str | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateContributorInsights.html"""
    name, index = name_of(call, TableName), IndexName or ""
    insights.found(call, name, index)
    layout = call.table(Layout).get(name)
    assert layout is not None
    on = ContributorInsightsAction == "ENABLE"
    row = insights.switch(call, layout, index, on, ContributorInsightsMode)
    return insights.told(name, index, row) | {"ContributorInsightsStatus": "ENABLING" if on else "DISABLING"}


@operation
def describe_contributor_insights(call: Call, TableName: str, IndexName: str | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeContributorInsights.html"""
    name, index = name_of(call, TableName), IndexName or ""
    row = insights.found(call, name, index)
    return insights.told(name, index, row) | {
        "ContributorInsightsRuleList": list(row.rules.values()) if row is not None else [],
        "LastUpdateDateTime": row.changed if row is not None else None}


@operation
def list_contributor_insights(call: Call, TableName: str | None = None, NextToken: str | None = None,
                              MaxResults: int = _LISTED) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListContributorInsights.html"""
    if MaxResults < 1:
        raise error.ValidationException("MaxResults must be greater than 0")
    after = tuple(NextToken.split("/", 1)) if NextToken else ("", "")
    found: list[tuple[str, str]] = []
    names = [name_of(call, TableName)] if TableName else (row.name for row in call.table(Layout).iterate())
    for name in names:
        found += [place for place in _places(call, name) if place > after]
        if len(found) > MaxResults:
            break
    rows = call.table(Insight)
    told = [insights.told(*place, rows.get(*place)) for place in found[:MaxResults]]
    return {"ContributorInsightsSummaries": told,
            "NextToken": "/".join(found[MaxResults - 1]) if len(found) > MaxResults else None}


def _places(call: Call, name: str) -> list[tuple[str, str]]:
    """A table and its global indexes, in order."""
    row = call.table(Layout).get(name)
    if row is None:
        raise error.ResourceNotFoundException(f"Requested resource not found: Table: {name} not found")
    indexes = sorted(index.name for index in keys.facts_of(row.facts).indexes if index.wide)
    return [(name, ""), *((name, index) for index in indexes)]
