"""Findings: brought up to date by a look at what there is, and told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cumulet.kernel import AwsError, Call, error

from . import filters, scanning, unused
from .external import Zone
from .resources import Analyzed, Analyzer, ArchiveRule, Finding


def refresh(call: Call, analyzer: Analyzer) -> bool:
    """Look at everything, if the analyzer's organization still lets it. Whether a finding came, changed or went."""
    try:
        return scan(call, analyzer)
    except AwsError as problem:
        gone = problem.code == "AWSOrganizationsNotInUseException"
        analyzer.disabled = "ORGANIZATION_DELETED" if gone else "DELEGATED_ADMINISTRATOR_DEREGISTERED"
        call.put(analyzer)
        return False


def scan(call: Call, analyzer: Analyzer) -> bool:
    """Look at everything. Whether a finding came, changed or went."""
    within = scanning.zone(call, analyzer)
    looked = list(scanning.resources(call, within)) if analyzer.Type in scanning.EXTERNAL else []
    for one in looked:
        _note(call, analyzer, one)
    if analyzer.Type in scanning.EXTERNAL:
        found = [way for one in looked for way in scanning.external(call, one, within)]
    else:
        found = list(unused.unused(call, analyzer, within))
    new = _merge(call, analyzer, found, call.table(Finding).scan(analyzer.AnalyzerName))
    seen = {one.arn for one in looked}
    for row in call.table(Analyzed).scan(analyzer.AnalyzerName):
        if row.resource not in seen:
            call.table(Analyzed).delete(analyzer.AnalyzerName, row.resource)
    call.table(Analyzer).change(analyzer.AnalyzerName, analyzed=call.now, last=looked[-1].arn if looked else analyzer.last,
                                disabled="")
    return new


def trusted(call: Call, analyzer: Analyzer) -> Zone:
    """The zone of trust; of an organization only for its management account, or a delegated administrator."""
    try:
        return scanning.zone(call, analyzer)
    except AwsError as problem:
        raise error.ValidationException(f"The account {call.account} cannot have an analyzer of the type {analyzer.Type}: "
                                        f"{problem.message}", reason="other") from problem


def scan_one(call: Call, analyzer: Analyzer, arn: str) -> None:
    """Look at one resource; one that is gone has no ways in."""
    within = trusted(call, analyzer)
    looked = next((one for one in scanning.resources(call, within) if one.arn == arn), None)
    if looked is not None:
        _note(call, analyzer, looked)
    before = about(call, analyzer, arn)
    if looked is None and not before:
        raise missing(arn, "Resource")
    _merge(call, analyzer, scanning.external(call, looked, within) if looked is not None else [], before)
    call.table(Analyzer).change(analyzer.AnalyzerName, analyzed=call.now, last=arn)


def _note(call: Call, analyzer: Analyzer, looked: scanning.Looked) -> None:
    before = call.table(Analyzed).get(analyzer.AnalyzerName, looked.arn)
    call.put(Analyzed(analyzer=analyzer.AnalyzerName, resource=looked.arn, resource_type=looked.type, owner=looked.owner,
                      first=before.first if before else call.now, at=call.now))


def _merge(call: Call, analyzer: Analyzer, found: Iterable[scanning.Found], before: Iterable[Finding]) -> bool:
    """What is new comes, what is gone is resolved, what came again is active again. Whether there was any of it."""
    new = False
    old = {row.place: row for row in before}
    rules = list(call.table(ArchiveRule).scan(analyzer.AnalyzerName))
    for one in found:
        place = place_of(analyzer, one)
        row = old.pop(place, None)
        if row is None or row.status == "RESOLVED":
            row = Finding(
                analyzer=analyzer.AnalyzerName, id=row.id if row else call.uuid(), place=place, resource=one.resource,
                resource_type=one.type, owner=one.owner, kind=one.kind, status="ACTIVE",
                created=row.created if row else call.now, analyzed=call.now, updated=call.now, principal=one.principal,
                action=one.action, condition=one.condition, public=one.public, used=one.used, key_id=one.key_id,
                services=one.services)
            if any(filters.meets(row, rule.filter) for rule in rules):
                row.status = "ARCHIVED"
            new = True
            _tell(call, analyzer, row)
        elif (row.action, row.used, row.services) != (one.action, one.used, one.services):
            row.action, row.used, row.services, row.updated = one.action, one.used, one.services, call.now
            new = True
            _tell(call, analyzer, row)
        row.analyzed = call.now
        call.put(row)
    for row in old.values():
        if row.status != "RESOLVED":
            row.status, row.updated = "RESOLVED", call.now
            new = True
            _tell(call, analyzer, row)
        row.analyzed = call.now
        call.put(row)
    return new


def _tell(call: Call, analyzer: Analyzer, row: Finding) -> None:
    kind = "Access Analyzer Finding" if row.kind == "ExternalAccess" else "Unused Access Finding for IAM entities"
    call.emit(kind, {**summary(row), "accountId": call.account, "region": call.region}, [call.arn(analyzer)],
              source="aws.access-analyzer")


def place_of(analyzer: Analyzer, one: scanning.Found) -> str:
    return "\x1f".join((analyzer.AnalyzerName, one.resource, one.kind, one.mark))


def about(call: Call, analyzer: Analyzer, arn: str) -> list[Finding]:
    """The findings of one resource."""
    return [row for row in call.table(Finding).scan(analyzer.AnalyzerName) if row.resource == arn]


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


def common(row: Finding) -> dict[str, Any]:
    """What both families of operations tell."""
    return {"id": row.id, "resource": row.resource, "resourceType": row.resource_type, "resourceOwnerAccount": row.owner,
            "status": row.status, "createdAt": row.created, "analyzedAt": row.analyzed, "updatedAt": row.updated}


def summary(row: Finding) -> dict[str, Any]:
    """Finding and FindingSummary."""
    return common(row) | {"principal": row.principal, "action": row.action, "condition": row.condition,
                                "isPublic": row.public, "sources": [{"type": "POLICY"}]}


def details(row: Finding) -> list[dict[str, Any]]:
    """findingDetails: one entry, or one of each service that is not used."""
    if row.kind == "UnusedPermission":
        return [{"unusedPermissionDetails": {"serviceNamespace": service, "lastAccessed": at}} for service, at in row.services]
    return [_detail(row)]


def _detail(row: Finding) -> dict[str, Any]:
    if row.kind == "ExternalAccess":
        return {"externalAccessDetails": {
            "action": row.action, "condition": row.condition, "isPublic": row.public, "principal": row.principal,
            "sources": [{"type": "POLICY"}]}}
    if row.kind == "UnusedIAMRole":
        return {"unusedIamRoleDetails": {"lastAccessed": row.used}}
    if row.kind == "UnusedIAMUserPassword":
        return {"unusedIamUserPasswordDetails": {"lastAccessed": row.used}}
    return {"unusedIamUserAccessKeyDetails": {"accessKeyId": row.key_id, "lastAccessed": row.used}}
