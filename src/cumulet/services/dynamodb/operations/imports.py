"""Imports from S3."""

from __future__ import annotations

import binascii
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import imports
from ..archives import Import

Doc = dict[str, Any]
_MOST_LISTED = 25
_TOKEN = 112                                 # how long ListImports' tokens are


@operation
def import_table(call: Call, S3BucketSource: Doc, InputFormat: str, TableCreationParameters: Doc,
                 ClientToken: str | None = None, InputFormatOptions: Doc | None = None,
                 InputCompressionType: str = "NONE") -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ImportTable.html"""
    asked = {"S3BucketSource": S3BucketSource, "InputFormat": InputFormat, "InputFormatOptions": InputFormatOptions,
             "TableCreationParameters": TableCreationParameters, "InputCompressionType": InputCompressionType,
             "ClientToken": ClientToken}
    return {"ImportTableDescription": imports.described(imports.begin(call, asked))}


@operation
def describe_import(call: Call, ImportArn: str) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_DescribeImport.html"""
    return {"ImportTableDescription": imports.described(imports.find(call, ImportArn))}


@operation
def list_imports(call: Call, TableArn: str | None = None, PageSize: int = _MOST_LISTED, NextToken: str | None = None) -> Doc:
    """https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ListImports.html"""
    rows = call.table(Import)
    after = _after(NextToken) if NextToken else None
    found = rows.scan(after=after, limit=PageSize + 1) if TableArn is None else \
        rows.scan(TableArn, index="table", after=after, limit=PageSize + 1)
    return {"ImportSummaryList": [imports.summary(row) for row in found[:PageSize]],
            "NextToken": found[PageSize - 1].id.encode().hex().ljust(_TOKEN, "0") if len(found) > PageSize else None}


def _after(token: str) -> str:
    try:
        return binascii.unhexlify(token).rstrip(b"\0").decode()
    except ValueError:
        raise error.ValidationException("Invalid NextToken") from None
