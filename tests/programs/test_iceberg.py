"""pyiceberg on the Iceberg REST catalog of S3 Tables, unmodified."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conftest import Cloud
from programs.installing import installed
from programs.test_programs import run

HERE = Path(__file__).parent
WANTED = HERE / "iceberg.txt"


def install(folder: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", folder], check=True, timeout=120)
    subprocess.run([folder / "bin/pip", "install", "-q", "-r", WANTED], check=True, timeout=600)


def test_pyiceberg(cloud: Cloud, tmp_path: Path) -> None:
    python = installed("iceberg", WANTED, install) / "bin/python"
    assert "pyiceberg says yes" in run(cloud, python, HERE / "with_pyiceberg.py", folder=tmp_path)


def test_metadata_tables(cloud: Cloud, tmp_path: Path) -> None:
    s3, bucket = cloud.client("s3"), f"things-{cloud.account}"
    s3.create_bucket(Bucket=bucket)
    s3.create_bucket_metadata_configuration(Bucket=bucket, MetadataConfiguration={
        "JournalTableConfiguration": {"RecordExpiration": {"Expiration": "DISABLED"}},
        "InventoryTableConfiguration": {"ConfigurationState": "ENABLED"}})
    s3.put_object(Bucket=bucket, Key="a", Body=b"abc", Metadata={"color": "red"}, Tagging="k=v")
    s3.put_object(Bucket=bucket, Key="b", Body=b"b")
    cloud.clock.advance(130)
    s3.delete_object(Bucket=bucket, Key="b")
    cloud.clock.advance(1000)
    cloud.clock.real()
    python = installed("iceberg", WANTED, install) / "bin/python"
    assert "the tables say yes" in run(cloud, python, HERE / "with_metadata_tables.py", bucket, folder=tmp_path)
