"""`cumulet labs` as a learner types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cumulet.kernel.cloud import CloudThread

CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CUMULET_", "LOCALSTACK_")) and k != "CI"}


@pytest.fixture
def labs(start_cloud: Callable[..., CloudThread], tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    endpoint = start_cloud().cloud.endpoint

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-m", "cumulet", "labs", *words], cwd=tmp_path, capture_output=True, text=True,
                              timeout=60, env=CLEAN | {"CUMULET_ENDPOINT": endpoint, "CUMULET_DATA": str(tmp_path / "state")})

    return run


def test_a_lab_from_its_start_to_its_end(labs: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    assert "L02-cross-account-role" in labs("list", "--cert", "SAA").stdout
    assert labs().stdout == labs("list").stdout
    assert "No lab is under way" in labs("check").stderr
    begun = labs("start", "L02")
    assert begun.returncode == 0, begun.stderr
    assert "assumes a role" in begun.stdout or "assume a role" in begun.stdout
    assert begun.stdout.count("cumulet env --account") == 3
    assert "is under way" in labs("start", "L03").stderr

    checked = labs("check")
    assert checked.returncode == 5
    assert "0/4" in checked.stdout
    assert "no bucket of Prod has an object" in checked.stdout
    assert "key of its own" in labs("hint").stdout
    assert "aws s3 mb" in labs("hint").stdout

    solved = labs("solve")
    assert solved.returncode == 0, solved.stdout + solved.stderr
    assert "4/4" in solved.stdout
    report = json.loads(labs("report", "-o", "json").stdout)
    assert [task["done"] for task in report["tasks"]] == [True] * 4
    assert report["tasks"][0]["hints"] == 2
    assert "forgotten" in labs("reset").stdout
    assert "No lab is under way" in labs("report").stderr


def test_an_exam_has_no_hints_and_names_must_be_known(labs: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    assert "There is no lab 'L00'" in labs("start", "L00").stderr
    begun = labs("start", "L03", "--exam")
    assert "second factor" in begun.stdout
    assert "An access key can be stolen" not in begun.stdout
    assert "no hints in an exam" in labs("hint").stderr
    proof = labs("test", "L03")
    assert proof.returncode == 0, proof.stdout + proof.stderr
    assert "1 of 1 labs hold" in proof.stdout
