"""Analyzers: made, told, changed, deleted; their tags."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Page, error, operation

from ..background import look
from ..filters import check
from ..findings import analyzer_of, missing, trusted
from ..resources import Analyzed, Analyzer, ArchiveRule, Finding, Preview, Recommendation

_KINDS = ("ACCOUNT", "ORGANIZATION", "ACCOUNT_UNUSED_ACCESS", "ORGANIZATION_UNUSED_ACCESS")
_MOST_TAGS = 50


@operation(accepts=("clientToken",))
def create_analyzer(call: Call, analyzerName: str, type: str, archiveRules: Sequence[Mapping[str, Any]] = (),
                    tags: Mapping[str, str] = {}, configuration: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateAnalyzer.html"""
    if type not in _KINDS:
        raise error.named("NotImplemented", f"Analyzers of the type {type} are not implemented by cumulet.", 501)
    table = call.table(Analyzer)
    if table.get(analyzerName) is not None:
        raise error.ConflictException(f"Analyzer {analyzerName} already exists", resourceId=analyzerName,
                                      resourceType="Analyzer")
    if any(row.Type == type for row in table.scan()):
        raise error.ServiceQuotaExceededException(f"There is an analyzer of the type {type} already", resourceType="Analyzer",
                                                  resourceId=analyzerName)
    _check_configuration(type, configuration)
    row = Analyzer(AnalyzerName=analyzerName, Type=type, tags=_checked(tags), created=call.now,
                                AnalyzerConfiguration=dict(configuration) if configuration is not None else _default(type))
    trusted(call, row)
    table.insert(row)
    for rule in archiveRules:
        call.put(ArchiveRule(analyzer=analyzerName, name=rule["ruleName"], filter=check(rule["filter"]), at=call.now,
                             updated=call.now))
    call.at(call.now, look, name=analyzerName, analyzer=analyzerName)
    return {"arn": call.arn(row)}


def _default(type: str) -> dict[str, Any] | None:
    return {"unusedAccess": {"unusedAccessAge": 90}} if type.endswith("_UNUSED_ACCESS") else None


def _check_configuration(type: str, said: Mapping[str, Any] | None) -> None:
    if said is None:
        return
    if not type.endswith("_UNUSED_ACCESS") or "internalAccess" in said:
        raise error.ValidationException(f"The configuration does not fit the type {type}.", reason="fieldValidationFailed")
    unused = said.get("unusedAccess", {})
    if "analysisRule" in unused:
        raise error.named("NotImplemented", "analysisRule of an analyzer is not implemented by cumulet.", 501)
    if not 1 <= unused.get("unusedAccessAge", 90) <= 365:
        raise error.ValidationException("unusedAccessAge must be between 1 and 365.", reason="fieldValidationFailed")


def _checked(tags: Mapping[str, str]) -> dict[str, str]:
    if len(tags) > _MOST_TAGS or any(key.lower().startswith("aws:") for key in tags):
        raise error.ValidationException(f"At most {_MOST_TAGS} tags, none of them beginning with aws:.",
                                        reason="fieldValidationFailed")
    return dict(tags)


def named(call: Call, name: str) -> Analyzer:
    row = call.table(Analyzer).get(name)
    if row is None:
        raise missing(name, "Analyzer")
    return row


def _told(call: Call, row: Analyzer) -> dict[str, Any]:
    return {"arn": call.arn(row), "name": row.AnalyzerName, "type": row.Type, "createdAt": row.created, "tags": row.tags,
            "status": "DISABLED" if row.disabled else "ACTIVE",
            "statusReason": {"code": row.disabled} if row.disabled else None, "lastResourceAnalyzed": row.last or None,
            "lastResourceAnalyzedAt": row.analyzed or None, "configuration": row.AnalyzerConfiguration}


@operation
def get_analyzer(call: Call, analyzerName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetAnalyzer.html"""
    return {"analyzer": _told(call, named(call, analyzerName))}


@operation
def list_analyzers(call: Call, type: str | None = None, page: Page[Analyzer] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListAnalyzers.html"""
    rows = [row for row in call.table(Analyzer).scan(after=page.after) if type in (None, row.Type)]
    return {"analyzers": [_told(call, row) for row in page.cut(rows, lambda row: row.AnalyzerName)]}


@operation
def update_analyzer(call: Call, analyzerName: str, configuration: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_UpdateAnalyzer.html"""
    row = named(call, analyzerName)
    if configuration is not None:
        _check_configuration(row.Type, configuration)
        row.AnalyzerConfiguration = dict(configuration)
        call.put(row)
        call.at(call.now, look, name=analyzerName, analyzer=analyzerName)
    return {"configuration": row.AnalyzerConfiguration}


@operation(accepts=("clientToken",))
def delete_analyzer(call: Call, analyzerName: str) -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_DeleteAnalyzer.html"""
    named(call, analyzerName)
    for kind in (ArchiveRule, Finding, Analyzed, Preview, Recommendation):
        call.table(kind).delete_all(analyzerName)
    call.cancel(look, analyzerName)
    call.table(Analyzer).delete(analyzerName)


@operation
def tag_resource(call: Call, resourceArn: str, tags: Mapping[str, str]) -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_TagResource.html"""
    row = analyzer_of(call, resourceArn)
    call.table(Analyzer).change(row.AnalyzerName, tags=_checked({**row.tags, **tags}))


@operation
def untag_resource(call: Call, resourceArn: str, tagKeys: Sequence[str]) -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_UntagResource.html"""
    row = analyzer_of(call, resourceArn)
    call.table(Analyzer).change(row.AnalyzerName, tags={k: v for k, v in row.tags.items() if k not in tagKeys})


@operation
def list_tags_for_resource(call: Call, resourceArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListTagsForResource.html"""
    return {"tags": analyzer_of(call, resourceArn).tags}
