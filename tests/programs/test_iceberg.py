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
