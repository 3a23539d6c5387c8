"""Exports to S3."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, operation

from .. import exports
from ..archives import Export

Doc = dict[str, Any]
_MOST_LISTED = 25


@operation
def export_table_to_point_in_time(
        call: Call, TableArn: str, S3Bucket: str, ExportTime: float | None = None, ClientToken: str | None = None,
        S3BucketOwner: str | None = None, S3Prefix: str | None = None, S3SseAlgorithm: str | None = None,
        S3SseKmsKeyId: str | None = None, ExportFormat: str = "DYNAMODB_JSON", ExportType: str = "FULL_EXPORT",
        IncrementalExportSpecification: Doc | None = None, FilterSpecification: Doc | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExportTableToPointInTime.html"""
    asked = {"TableArn": TableArn, "S3Bucket": S3Bucket, "ExportTime": ExportTime, "ClientToken": ClientToken,
             "S3BucketOwner": S3BucketOwner, "S3Prefix": S3Prefix, "S3SseAlgorithm": S3SseAlgorithm,
             "S3SseKmsKeyId": S3SseKmsKeyId, "ExportFormat": ExportFormat, "ExportType": ExportType,
             "IncrementalExportSpecification": IncrementalExportSpecification, "FilterSpecification": FilterSpecification}
    return {"ExportDescription": exports.described(exports.begin(call, asked))}


@operation
def describe_export(call: Call, ExportArn: str) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeExport.html"""
    return {"ExportDescription": exports.described(exports.find(call, ExportArn))}


@operation
def list_exports(call: Call, TableArn: str | None = None, MaxResults: int = _MOST_LISTED, NextToken: str | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListExports.html"""
    rows = call.table(Export)
    found = rows.scan(after=NextToken, limit=MaxResults + 1) if TableArn is None else \
        rows.scan(TableArn, index="table", after=NextToken, limit=MaxResults + 1)
    told = [{"ExportArn": row.told["ExportArn"], "ExportStatus": row.status, "ExportType": row.told["ExportType"]}
            for row in found[:MaxResults]]
    return {"ExportSummaries": told, "NextToken": found[MaxResults - 1].id if len(found) > MaxResults else None}
