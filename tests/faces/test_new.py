"""`cumulet new`, in a copy of this repository: what it writes keeps the rules, and answers 501 by name."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository without its environments."""
    target = tmp_path_factory.mktemp("repository")
    for name in ("src", "tools", "docs"):
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
    (target / "tests").mkdir()
    for file in (ROOT / "tests").glob("*.py"):
        shutil.copy(file, target / "tests")
    for name in ("pyproject.toml", "house.lock", "README.md"):
        if (ROOT / name).exists():
            shutil.copy(ROOT / name, target)
    return target


def run(copy: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *words], cwd=copy, env=os.environ | {"PYTHONPATH": str(copy / "src")},
                          capture_output=True, text=True, timeout=120)


def test_a_service_with_an_operation_and_a_resource_is_begun(copy: Path) -> None:
    made = run(copy, "-m", "cumulet", "new", "service", "gamelift")
    assert made.returncode == 0, made.stderr
    operation = run(copy, "-m", "cumulet", "new", "operation", "gamelift", "CreateBuild", "-o", "json")
    assert operation.returncode == 0, operation.stderr
    assert "1 failed" in json.loads(operation.stdout)["test"][0]
    assert run(copy, "-m", "cumulet", "new", "resource", "AWS::GameLift::Build").returncode == 0
    assert "gamelift" not in run(copy, "tools/house.py").stdout
    checked = run(copy, "-m", "ruff", "check", "src/cumulet/services/gamelift", "tests/services/gamelift")
    assert checked.returncode == 0, checked.stdout
    typed = run(copy, "-m", "mypy", "src/cumulet/services/gamelift")
    assert typed.returncode == 0, typed.stdout
    found = json.loads(run(copy, "-m", "cumulet", "coverage", "gamelift", "-o", "json").stdout)["gamelift"]
    assert found["implemented"] == 1
    red = run(copy, "-m", "pytest", "tests/services/gamelift")
    assert "(NotImplemented)" in red.stdout
    assert "gamelift:CreateBuild is not implemented" in red.stdout


def test_names_that_snake_case_does_not_give_back_are_said(copy: Path) -> None:
    assert run(copy, "-m", "cumulet", "new", "operation", "gamelift", "ListBuilds").returncode == 0
    run(copy, "-m", "cumulet", "new", "service", "iot")
    made = run(copy, "-m", "cumulet", "new", "operation", "iot", "RegisterCACertificate")
    assert made.returncode == 0, made.stderr
    assert '@operation(name="RegisterCACertificate")\ndef register_ca_certificate(' in \
        (copy / "src/cumulet/services/iot/operations.py").read_text()


@pytest.mark.parametrize(("words", "said"), [
    (["service", "sqs"], "is there already"), (["service", "gamelyft"], "Near: gamelift"),
    (["operation", "sqs", "SendMessage"], "is there already"), (["operation", "sqs", "Fly"], "no operation 'Fly'"),
    (["operation", "rds", "CreateDBInstance"], "There is no service rds yet"),
    (["resource", "Queue"], "no CloudFormation type"),
])
def test_what_cannot_be_begun_is_said(copy: Path, words: list[str], said: str) -> None:
    ran = run(copy, "-m", "cumulet", "new", *words)
    assert ran.returncode == 1
    assert said in ran.stderr
