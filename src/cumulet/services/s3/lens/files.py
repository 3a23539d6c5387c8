"""Files of a metrics export: CSV or Parquet, and the manifest that names them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage_lens_understanding_metrics_export_schema.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage_lens_whatis_metrics_export_manifest.html
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ..metadata import parquet
from ..metadata.columns import Column

_VERSION = "V_1"
_CSV = "CSV"
_COLUMNS = (*(Column(name, "string", True) for name in (
    "version_number", "configuration_id", "report_date", "aws_account_number", "aws_region", "storage_class", "record_type",
    "record_value", "bucket_name", "metric_name")), Column("metric_value", "long", True))
_DAY = 86_400


def day(midnight: float) -> str:
    """The day that ended then."""
    return datetime.fromtimestamp(midnight - _DAY, UTC).strftime("%Y-%m-%d")


def line(configuration: str, date: str, account: str, *rest: Any) -> list[Any]:
    """rest: region, storage class, record's type and value, bucket, metric and its value."""
    return [_VERSION, configuration, date, account, *rest]


def ending(there: Mapping[str, Any]) -> str:
    return "csv" if there["Format"] == _CSV else "par"


def packed(there: Mapping[str, Any], lines: Sequence[Sequence[Any]], places: tuple[str, str]) -> bytes:
    """One file. places: of two files for the time being."""
    names = [one.name for one in _COLUMNS]
    if there["Format"] != _CSV:
        parquet.check()
        return parquet.write(_COLUMNS, [dict(zip(names, one, strict=True)) for one in lines], places, numbered=False)
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(lines)
    return text.getvalue().encode()


def folder(there: Mapping[str, Any], account: str, configuration: str) -> str:
    """Where all of a configuration's exports are."""
    prefix = there.get("Prefix")
    return f"{prefix}/StorageLens/{account}/{configuration}/{_VERSION}" if prefix else \
        f"StorageLens/{account}/{configuration}/{_VERSION}"


def manifest(there: Mapping[str, Any], account: str, configuration: str, date: str,
             files: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = (f"required {one.kind} {one.name};" for one in _COLUMNS)
    schema = ",".join(one.name for one in _COLUMNS) if there["Format"] == _CSV else \
        f"message s3.storage.lens {{ {' '.join(names)} }}"
    return {"sourceAccountId": account, "configId": configuration, "destinationBucket": there["Arn"], "reportVersion": _VERSION,
            "reportDate": date, "reportFormat": there["Format"], "reportSchema": schema, "reportFiles": files}
