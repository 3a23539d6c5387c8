"""Recommendations about findings of unused permissions."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from ..background import recommend
from ..findings import analyzer_of, finding_of, missing
from ..resources import Recommendation


@operation
def generate_finding_recommendation(call: Call, analyzerArn: str, id: str) -> None:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GenerateFindingRecommendation.html"""
    analyzer = analyzer_of(call, analyzerArn)
    row = finding_of(call, analyzer, id)
    if row.kind != "UnusedPermission":
        raise error.ValidationException("Recommendations are for findings of unused permissions.", reason="notSupported")
    call.put(Recommendation(analyzer=analyzer.AnalyzerName, finding=id, resource=row.resource, started=call.now))
    call.task(recommend, analyzer=analyzer.AnalyzerName, finding=id)


@operation
def get_finding_recommendation(call: Call, analyzerArn: str, id: str, page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetFindingRecommendation.html"""
    row = call.table(Recommendation).get(analyzer_of(call, analyzerArn).AnalyzerName, id)
    if row is None:
        raise missing(id, "FindingRecommendation")
    listed = list(enumerate(row.steps, 1))[int(page.after or 0):]
    return {"startedAt": row.started, "completedAt": row.completed, "resourceArn": row.resource,
            "recommendationType": "UnusedPermissionRecommendation",
            "status": "SUCCEEDED" if row.completed is not None else "IN_PROGRESS",
            "recommendedSteps": [one for _, one in page.cut(listed, lambda pair: pair[0])]}
