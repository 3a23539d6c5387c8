"""Access previews: made, told, listed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import scanning
from ..findings import analyzer_of, missing, scan, trusted
from ..previews import compared, proposed
from ..resources import Preview


@operation(accepts=("clientToken",))
def create_access_preview(call: Call, analyzerArn: str, configurations: Mapping[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_CreateAccessPreview.html"""
    analyzer = analyzer_of(call, analyzerArn)
    if analyzer.Type not in scanning.EXTERNAL or len(configurations) != 1:
        raise error.ValidationException("An access preview is of one resource, by an external access analyzer.",
                                        reason="fieldValidationFailed")
    (arn, said), = configurations.items()
    within = trusted(call, analyzer)
    scan(call, analyzer)
    now = next((one for one in scanning.resources(call, within) if one.arn == arn), None)
    found = scanning.external(call, proposed(call, arn, said, now), within)
    row = call.table(Preview).insert(Preview(
        analyzer=analyzer.AnalyzerName, id=call.uuid(), configurations=dict(configurations), at=call.now,
        findings=compared(call, analyzer, arn, found)))
    return {"id": row.id}


@operation
def get_access_preview(call: Call, accessPreviewId: str, analyzerArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_GetAccessPreview.html"""
    row = _preview(call, analyzerArn, accessPreviewId)
    return {"accessPreview": _told(row, analyzerArn) | {"configurations": row.configurations}}


@operation
def list_access_previews(call: Call, analyzerArn: str, page: Page[Preview] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListAccessPreviews.html"""
    rows = call.table(Preview).scan(analyzer_of(call, analyzerArn).AnalyzerName, after=page.after, limit=page.limit + 1)
    return {"accessPreviews": [_told(row, analyzerArn) for row in page.cut(rows, lambda row: row.id)]}


@operation
def list_access_preview_findings(call: Call, accessPreviewId: str, analyzerArn: str,
                                 page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/access-analyzer/latest/APIReference/API_ListAccessPreviewFindings.html"""
    start = int(page.after or 0)
    listed = list(enumerate(_preview(call, analyzerArn, accessPreviewId).findings, 1))[start:]
    return {"findings": [one for _, one in page.cut(listed, lambda pair: pair[0])]}


def _preview(call: Call, analyzer: str, id: str) -> Preview:
    row = call.table(Preview).get(analyzer_of(call, analyzer).AnalyzerName, id)
    if row is None:
        raise missing(id, "AccessPreview")
    return row


def _told(row: Preview, analyzer: str) -> dict[str, Any]:
    return {"id": row.id, "analyzerArn": analyzer, "createdAt": row.at, "status": "COMPLETED"}
