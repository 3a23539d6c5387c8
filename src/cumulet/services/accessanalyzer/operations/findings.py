"""Findings and analyzed resources: told, archived, brought up to date."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import filters
from ..findings import about, analyzer_of, common, details, finding_of, missing, refresh, scan_one, summary
from ..resources import Analyzed, Analyzer, Finding
from ..scanning import EXTERNAL


@operation
def list_findings(call: Call, analyzerArn: str, filter: Mapping[str, Any] = {}, sort: Mapping[str, str] = {},
                  page: Page[Finding] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListFindings.html"""
    analyzer = analyzer_of(call, analyzerArn)
    if analyzer.Type not in EXTERNAL:
        raise error.ValidationException("ListFindings is for external access analyzers: use ListFindingsV2.",
                                        reason="notSupported")
    return {"findings": [summary(row) for row in _listed(call, analyzer, filter, sort, page)]}


@operation(name="ListFindingsV2")
def list_findings_v2(call: Call, analyzerArn: str, filter: Mapping[str, Any] = {}, sort: Mapping[str, str] = {},
                     page: Page[Finding] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListFindingsV2.html"""
    rows = _listed(call, analyzer_of(call, analyzerArn), filter, sort, page)
    return {"findings": [common(row) | {"findingType": row.kind} for row in rows]}


def _listed(call: Call, analyzer: Analyzer, said: Mapping[str, Any], sort: Mapping[str, str],
            page: Page[Finding]) -> Sequence[Finding]:
    """One page; the first one is preceded by a look at what there is."""
    wanted = filters.check(said)
    if page.after is None:
        refresh(call, analyzer)
    by = _order(sort)
    rows = [row for row in call.table(Finding).scan(analyzer.AnalyzerName) if filters.meets(row, wanted)]
    falling = sort.get("orderBy") == "DESC"
    rows.sort(key=by, reverse=falling)
    if page.after is not None:
        last = tuple(page.after)
        rows = [row for row in rows if (by(row) < last if falling else by(row) > last)]
    return page.cut(rows, by)


def _order(sort: Mapping[str, str]) -> Callable[[Finding], tuple[str, str]]:
    return lambda row: filters.place(row, sort.get("attributeName", "createdAt"))


@operation
def get_finding(call: Call, analyzerArn: str, id: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetFinding.html"""
    analyzer = analyzer_of(call, analyzerArn)
    if analyzer.Type not in EXTERNAL:
        raise error.ValidationException("GetFinding is for external access analyzers: use GetFindingV2.",
                                        reason="notSupported")
    return {"finding": summary(finding_of(call, analyzer, id))}


@operation(name="GetFindingV2")
def get_finding_v2(call: Call, analyzerArn: str, id: str, page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetFindingV2.html"""
    row = finding_of(call, analyzer_of(call, analyzerArn), id)
    listed = list(enumerate(details(row), 1))[int(page.after or 0):]
    return common(row) | {"findingType": row.kind,
                          "findingDetails": [one for _, one in page.cut(listed, lambda pair: pair[0])]}


@operation(accepts=("clientToken",))
def update_findings(call: Call, analyzerArn: str, status: str, ids: Sequence[str] = (), resourceArn: str | None = None) -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_UpdateFindings.html"""
    analyzer = analyzer_of(call, analyzerArn)
    if bool(ids) == (resourceArn is not None):
        raise error.ValidationException("Either ids or resourceArn must be given.", reason="fieldValidationFailed")
    rows = [finding_of(call, analyzer, id) for id in ids] or \
        about(call, analyzer, str(resourceArn))
    for row in rows:
        if row.status != "RESOLVED":
            call.table(Finding).change(analyzer.AnalyzerName, row.id, status=status, updated=call.now)


@operation
def get_findings_statistics(call: Call, analyzerArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetFindingsStatistics.html"""
    analyzer = analyzer_of(call, analyzerArn)
    refresh(call, analyzer)
    rows = call.table(Finding).scan(analyzer.AnalyzerName)
    totals = {f"total{status.title()}Findings": sum(row.status == status for row in rows)
              for status in ("ACTIVE", "ARCHIVED", "RESOLVED")}
    active = [row for row in rows if row.status == "ACTIVE"]
    told: dict[str, Any]
    if analyzer.Type in EXTERNAL:
        told = {"externalAccessFindingsStatistics": totals | {"resourceTypeStatistics": {
            kind: {"totalActivePublic": sum(row.public for row in active if row.resource_type == kind),
                   "totalActiveCrossAccount": sum(not row.public for row in active if row.resource_type == kind)}
            for kind in sorted({row.resource_type for row in active})}}}
    else:
        told = {"unusedAccessFindingsStatistics": totals | {"unusedAccessTypeStatistics": [
            {"unusedAccessType": kind, "total": sum(row.kind == kind for row in active)}
            for kind in sorted({row.kind for row in active})]}}
    return {"findingsStatistics": [told], "lastUpdatedAt": call.now}


@operation(accepts=("resourceOwnerAccount",))
def start_resource_scan(call: Call, analyzerArn: str, resourceArn: str) -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_StartResourceScan.html"""
    scan_one(call, analyzer_of(call, analyzerArn), resourceArn)


@operation
def list_analyzed_resources(call: Call, analyzerArn: str, resourceType: str | None = None,
                            page: Page[Analyzed] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListAnalyzedResources.html"""
    analyzer = analyzer_of(call, analyzerArn)
    if page.after is None:
        refresh(call, analyzer)
    rows = [row for row in call.table(Analyzed).scan(analyzer.AnalyzerName, after=page.after)
            if resourceType in (None, row.resource_type)]
    return {"analyzedResources": [
        {"resourceArn": row.resource, "resourceType": row.resource_type, "resourceOwnerAccount": row.owner}
        for row in page.cut(rows, lambda row: row.resource)]}


@operation
def get_analyzed_resource(call: Call, analyzerArn: str, resourceArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetAnalyzedResource.html"""
    analyzer = analyzer_of(call, analyzerArn)
    row = call.table(Analyzed).get(analyzer.AnalyzerName, resourceArn)
    if row is None:
        raise missing(resourceArn, "AnalyzedResource")
    ways = [one for one in about(call, analyzer, resourceArn) if one.status != "RESOLVED"]
    return {"resource": {
        "resourceArn": row.resource, "resourceType": row.resource_type, "createdAt": row.first, "analyzedAt": row.at,
        "updatedAt": max((one.updated for one in ways), default=row.at), "isPublic": any(one.public for one in ways),
        "actions": sorted({action for one in ways for action in one.action}), "sharedVia": ["POLICY"] if ways else None,
        "status": "ACTIVE" if any(one.status == "ACTIVE" for one in ways) else "ARCHIVED" if ways else "RESOLVED",
        "resourceOwnerAccount": row.owner}}
