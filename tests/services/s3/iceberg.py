"""An Iceberg table read without any library of Iceberg's: its metadata, manifest list, manifests, and the Parquet they name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb

from cumulet.services.s3tables.iceberg.avro import records


def _get(s3: Any, location: str) -> bytes:
    bucket, _, key = location.removeprefix("s3://").partition("/")
    return bytes(s3.get_object(Bucket=bucket, Key=key)["Body"].read())


def files(s3: Any, tables: Any, arn: str) -> list[dict[str, Any]]:
    """The data files of the table's current snapshot, as its manifests tell of them."""
    table = json.loads(_get(s3, tables.get_table(tableArn=arn)["metadataLocation"]))
    current = [one for one in table["snapshots"] if one["snapshot-id"] == table.get("current-snapshot-id")]
    found = [entry["data_file"] for one in current for line in records(_get(s3, one["manifest-list"]))
             for entry in records(_get(s3, line["manifest_path"])) if entry["status"] != 2]
    assert all(int(one["summary"]["total-records"]) == sum(file["record_count"] for file in found) for one in current)
    return found


def rows(s3: Any, tables: Any, configuration: dict[str, Any], kind: str, folder: Path) -> list[dict[str, Any]]:
    """What the table of a metadata configuration says now."""
    arn = configuration[f"{kind.capitalize()}TableConfigurationResult"]["TableArn"]
    found: list[dict[str, Any]] = []
    for number, file in enumerate(files(s3, tables, arn)):
        data = _get(s3, file["file_path"])
        assert len(data) == file["file_size_in_bytes"]
        path = folder / f"{number}.parquet"
        path.write_bytes(data)
        with duckdb.connect(":memory:") as database:
            told = database.execute(f"SELECT * FROM read_parquet('{path}')")
            names = [one[0] for one in told.description]
            lines = [dict(zip(names, line, strict=True)) for line in told.fetchall()]
        assert len(lines) == file["record_count"]
        found += lines
    return found
