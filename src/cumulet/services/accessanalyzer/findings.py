"""Findings: brought up to date by a look at what there is, and told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cumulet.kernel import Call, error

from . import filters, scanning
from .resources import Analyzed, Analyzer, ArchiveRule, Finding

EXTERNAL = "ACCOUNT"


def scan(call: Call, analyzer: Analyzer) -> None:
    """Look at everything."""
    looked = list(scanning.resources(call)) if analyzer.Type == EXTERNAL else []
    for one in looked:
        _note(call, analyzer, one)
    if analyzer.Type == EXTERNAL:
        found = [way for one in looked for way in scanning.external(call, one)]
    else:
        found = list(scanning.unused(call, analyzer))
    _merge(call, analyzer, found, call.table(Finding).scan(analyzer.AnalyzerName))
    seen = {one.arn for one in looked}
    for row in call.table(Analyzed).scan(analyzer.AnalyzerName):
        if row.resource not in seen:
            call.table(Analyzed).delete(analyzer.AnalyzerName, row.resource)
    call.table(Analyzer).change(analyzer.AnalyzerName, analyzed=call.now, last=looked[-1].arn if looked else analyzer.last)


def scan_one(call: Call, analyzer: Analyzer, arn: str) -> None:
    """Look at one resource; one that is gone has no ways in."""
    looked = scanning.one(call, arn)
    if looked is not None:
        _note(call, analyzer, looked)
    before = [row for row in call.table(Finding).scan(analyzer.AnalyzerName) if row.resource == arn]
    if looked is None and not before:
        raise missing(arn, "Resource")
    _merge(call, analyzer, scanning.external(call, looked) if looked is not None else [], before)
    call.table(Analyzer).change(analyzer.AnalyzerName, analyzed=call.now, last=arn)


def _note(call: Call, analyzer: Analyzer, looked: scanning.Looked) -> None:
    before = call.table(Analyzed).get(analyzer.AnalyzerName, looked.arn)
    call.put(Analyzed(analyzer=analyzer.AnalyzerName, resource=looked.arn, resource_type=looked.type,
                      first=before.first if before else call.now, at=call.now))


def _merge(call: Call, analyzer: Analyzer, found: Iterable[scanning.Found], before: Iterable[Finding]) -> None:
    """What is new comes, what is gone is resolved, what came again is active again."""
    old = {row.place: row for row in before}
    rules = list(call.table(ArchiveRule).scan(analyzer.AnalyzerName))
    for one in found:
        place = "\x1f".join((analyzer.AnalyzerName, one.resource, one.kind, one.mark))
        row = old.pop(place, None)
        if row is None or row.status == "RESOLVED":
            row = Finding(
                analyzer=analyzer.AnalyzerName, id=row.id if row else call.uuid(), place=place, resource=one.resource,
                resource_type=one.type, kind=one.kind, status="ACTIVE", created=row.created if row else call.now,
                analyzed=call.now, updated=call.now, principal=one.principal, action=one.action, condition=one.condition,
                public=one.public, used=one.used, key_id=one.key_id)
            if any(filters.meets(row, call.account, rule.filter) for rule in rules):
                row.status = "ARCHIVED"
            _tell(call, analyzer, row)
        elif (row.action, row.used) != (one.action, one.used):
            row.action, row.used, row.updated = one.action, one.used, call.now
            _tell(call, analyzer, row)
        row.analyzed = call.now
        call.put(row)
    for row in old.values():
        if row.status != "RESOLVED":
            row.status, row.updated = "RESOLVED", call.now
            _tell(call, analyzer, row)
        row.analyzed = call.now
        call.put(row)


def _tell(call: Call, analyzer: Analyzer, row: Finding) -> None:
    kind = "Access Analyzer Finding" if row.kind == "ExternalAccess" else "Unused Access Finding for IAM entities"
    call.emit(kind, {**summary(call, row), "accountId": call.account, "region": call.region}, [call.arn(analyzer)],
              source="aws.access-analyzer")


def analyzer_of(call: Call, arn: str) -> Analyzer:
    """The analyzer with this ARN."""
    row = call.table(Analyzer).get(arn.rpartition("analyzer/")[2])
    if row is None or call.arn(row) != arn:
        raise missing(arn, "Analyzer")
    return row


def finding_of(call: Call, analyzer: Analyzer, id: str) -> Finding:
    row = call.table(Finding).get(analyzer.AnalyzerName, id)
    if row is None:
        raise missing(id, "Finding")
    return row


def missing(id: str, kind: str) -> Exception:
    return error.ResourceNotFoundException(f"{kind} {id} was not found", resourceId=id, resourceType=kind)


def common(call: Call, row: Finding) -> dict[str, Any]:
    """What both families of operations tell."""
    return {"id": row.id, "resource": row.resource, "resourceType": row.resource_type, "resourceOwnerAccount": call.account,
            "status": row.status, "createdAt": row.created, "analyzedAt": row.analyzed, "updatedAt": row.updated}


def summary(call: Call, row: Finding) -> dict[str, Any]:
    """Finding and FindingSummary."""
    return common(call, row) | {"principal": row.principal, "action": row.action, "condition": row.condition,
                                "isPublic": row.public, "sources": [{"type": "POLICY"}]}


def details(row: Finding) -> dict[str, Any]:
    """The one entry of findingDetails."""
    if row.kind == "ExternalAccess":
        return {"externalAccessDetails": {
            "action": row.action, "condition": row.condition, "isPublic": row.public, "principal": row.principal,
            "sources": [{"type": "POLICY"}]}}
    if row.kind == "UnusedIAMRole":
        return {"unusedIamRoleDetails": {"lastAccessed": row.used}}
    return {"unusedIamUserAccessKeyDetails": {"accessKeyId": row.key_id, "lastAccessed": row.used}}
