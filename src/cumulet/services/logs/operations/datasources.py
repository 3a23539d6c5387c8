"""Data sources of groups: how many groups have each, and which fields their events have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Page, error, not_implemented, operation

from ..datasources import DataSource, Shape, among, see, source_of
from ..keeping import oldest_kept
from ..reading import Walk
from ..resources import LogGroup
from .groups import named

_SAMPLE, _BLOCKS = 1000, 8
_FOREVER = 2**60


@operation
def list_aggregate_log_group_summaries(call: Call, groupBy: str, logGroupClass: str | None = None,
                                       logGroupNamePattern: str = "", dataSources: Sequence[Mapping[str, str]] = (),
                                       page: Page[DataSource] = Page(50)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_ListAggregateLogGroupSummaries.html"""
    if groupBy != "DATA_SOURCE_NAME_AND_TYPE":
        raise not_implemented(f"logs: log groups by {groupBy}")
    counts: dict[DataSource, int] = {}
    for group in call.table(LogGroup).scan():
        source = source_of(group)
        if source is not None and logGroupClass in (None, group.LogGroupClass) and named(group, logGroupNamePattern) \
                and among(group, dataSources):
            counts[source] = counts.get(source, 0) + 1
    rows = [each for each in sorted(counts) if page.after is None or each > tuple(page.after)]
    return {"aggregateLogGroupSummaries": [
        {"logGroupCount": counts[each], "groupingIdentifiers": [{"key": "dataSource.Name", "value": each.name},
                                                                {"key": "dataSource.Type", "value": each.type}]}
        for each in page.cut(rows[:page.limit + 1], list)]}


@operation
def get_log_fields(call: Call, dataSourceName: str, dataSourceType: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogFields.html"""
    groups = [group for group in call.table(LogGroup).scan() if source_of(group) == (dataSourceName, dataSourceType)]
    if not groups:
        raise error.ResourceNotFoundException("The specified data source does not exist.")
    shape = Shape()
    for group in groups:
        walk = Walk(group.number, oldest_kept(group, call.now), _FOREVER, ahead=False)
        for event in walk.step(call, _BLOCKS, _SAMPLE)[:_SAMPLE]:
            see(shape, event.message)
    return {"logFields": shape.fields()}
