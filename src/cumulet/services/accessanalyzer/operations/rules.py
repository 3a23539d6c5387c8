"""Archive rules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Conflict, Page, error, operation

from .. import filters
from ..findings import analyzer_of, missing
from ..resources import ArchiveRule, Finding
from .analyzers import named

_QUOTA = 100


@operation(accepts=("clientToken",))
def create_archive_rule(call: Call, analyzerName: str, ruleName: str, filter: Mapping[str, Any]) -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateArchiveRule.html"""
    named(call, analyzerName)
    if call.table(ArchiveRule).count(analyzerName) >= _QUOTA:
        raise error.ServiceQuotaExceededException(f"An analyzer has at most {_QUOTA} archive rules", resourceId=analyzerName,
                                                  resourceType="ArchiveRule")
    try:
        call.table(ArchiveRule).insert(ArchiveRule(
            analyzer=analyzerName, name=ruleName, filter=filters.check(filter), at=call.now, updated=call.now))
    except Conflict as problem:
        raise error.ConflictException(f"Archive rule {ruleName} already exists", resourceId=ruleName,
                                      resourceType="ArchiveRule") from problem


@operation(accepts=("clientToken",))
def update_archive_rule(call: Call, analyzerName: str, ruleName: str, filter: Mapping[str, Any]) -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_UpdateArchiveRule.html"""
    _rule(call, analyzerName, ruleName)
    call.table(ArchiveRule).change(analyzerName, ruleName, filter=filters.check(filter), updated=call.now)


@operation
def get_archive_rule(call: Call, analyzerName: str, ruleName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetArchiveRule.html"""
    return {"archiveRule": _told(_rule(call, analyzerName, ruleName))}


@operation
def list_archive_rules(call: Call, analyzerName: str, page: Page[ArchiveRule] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListArchiveRules.html"""
    rows = call.table(ArchiveRule).scan(named(call, analyzerName).AnalyzerName, after=page.after, limit=page.limit + 1)
    return {"archiveRules": [_told(row) for row in page.cut(rows, lambda row: row.name)]}


@operation(accepts=("clientToken",))
def delete_archive_rule(call: Call, analyzerName: str, ruleName: str) -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_DeleteArchiveRule.html"""
    _rule(call, analyzerName, ruleName)
    call.table(ArchiveRule).delete(analyzerName, ruleName)


@operation(accepts=("clientToken",))
def apply_archive_rule(call: Call, analyzerArn: str, ruleName: str) -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ApplyArchiveRule.html"""
    analyzer = analyzer_of(call, analyzerArn)
    rule = _rule(call, analyzer.AnalyzerName, ruleName)
    for row in call.table(Finding).scan(analyzer.AnalyzerName):
        if row.status == "ACTIVE" and filters.meets(row, rule.filter):
            call.table(Finding).change(analyzer.AnalyzerName, row.id, status="ARCHIVED", updated=call.now)


def _rule(call: Call, analyzer: str, name: str) -> ArchiveRule:
    row = call.table(ArchiveRule).get(named(call, analyzer).AnalyzerName, name)
    if row is None:
        raise missing(name, "ArchiveRule")
    return row


def _told(row: ArchiveRule) -> dict[str, Any]:
    return {"ruleName": row.name, "filter": row.filter, "createdAt": row.at, "updatedAt": row.updated}
