"""Bulk operations: items from S3 into a table that is there."""

from __future__ import annotations

import binascii
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import bulks
from ..archives import Bulk

Doc = dict[str, Any]
_LISTED = 10
_TOKEN = 16                                  # tokens of ListBulkOperations are whole multiples of this


@operation
def start_bulk_put_items(
        call: Call, InputS3Configuration: Doc, OutputS3Configuration: Doc, TableName: str, ClientToken: str | None = None,
        MaxWriteRequestUnits: int | None = None, PerformanceTier: str = "STANDARD") -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_StartBulkPutItems.html"""
    asked = {"InputS3Configuration": InputS3Configuration, "OutputS3Configuration": OutputS3Configuration,
             "TableName": TableName, "ClientToken": ClientToken, "MaxWriteRequestUnits": MaxWriteRequestUnits,
             "PerformanceTier": PerformanceTier}
    return {"BulkOperationDescription": bulks.described(call, bulks.begin(call, asked))}


@operation
def describe_bulk_operation(call: Call, BulkOperationArn: str) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeBulkOperation.html"""
    return {"BulkOperationDescription": bulks.described(call, bulks.find(call, BulkOperationArn))}


@operation
def cancel_bulk_operation(call: Call, BulkOperationArn: str) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CancelBulkOperation.html"""
    row = bulks.find(call, BulkOperationArn)
    bulks.cancel(call, row)
    return {"BulkOperationArn": BulkOperationArn, "BulkOperationStatus": row.status}


@operation
def list_bulk_operations(call: Call, MaxResults: int = _LISTED, NextToken: str | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListBulkOperations.html"""
    before = _before(NextToken) if NextToken else None
    found = call.table(Bulk).scan(before=before, reverse=True, limit=MaxResults + 1)
    more = len(found) > MaxResults
    return {"BulkOperationsSummaryList": [bulks.summary(row) for row in found[:MaxResults]],
            "NextToken": _token(found[MaxResults - 1].id) if more else None}


def _token(id: str) -> str:
    text = id.encode().hex()
    return text.ljust(-(-len(text) // _TOKEN) * _TOKEN, "0")


def _before(token: str) -> str:
    try:
        return binascii.unhexlify(token).rstrip(b"\0").decode()
    except ValueError:
        raise error.ValidationException("Invalid NextToken") from None
