"""The examples of the documentation work as they stand there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[3] / "examples"
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CUMULET_", "PYTEST_"))}


def run(folder: Path, *words: str, **variables: str) -> str:
    """What a program said that must end well."""
    ran = subprocess.run([str(word) for word in words], cwd=folder, env=CLEAN | variables, capture_output=True, text=True,
                         timeout=300)
    assert ran.returncode == 0, ran.stdout[-8000:] + ran.stderr[-3000:]
    return ran.stdout


def pytest_in(folder: Path, *words: str) -> str:
    return run(folder, sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words)


def with_one_import_changed(tmp_path: Path) -> Path:
    project = shutil.copytree(EXAMPLES / "moto-project", tmp_path / "project")
    for path in (project / "tests").glob("*.py"):
        path.write_text(path.read_text().replace("from moto import mock_aws", "from cumulet import mock_aws"))
    return project


def test_a_project_tested_with_moto_passes_with_one_import_changed(tmp_path: Path) -> None:
    assert "54 passed" in pytest_in(with_one_import_changed(tmp_path))


WHERE = """
import pathlib, pytest

@pytest.mark.parametrize("turn", range(8))
def test_where(cumulet, turn, worker_id):
    pid = cumulet.server.control.get("/_cumulet/status")["pid"]
    pathlib.Path(f"where-{worker_id}").write_text(f"{pid} {cumulet.endpoint}")
"""


def test_its_tests_run_side_by_side_in_one_server(tmp_path: Path) -> None:
    project = with_one_import_changed(tmp_path)
    (project / "tests" / "test_where.py").write_text(WHERE)
    assert "62 passed" in pytest_in(project, "-n", "4", "--cumulet=process")
    places = [path.read_text().split() for path in project.glob("where-*")]
    assert len({pid for pid, _ in places}) == 1
    assert len({endpoint for _, endpoint in places}) == len(places) > 1


def test_the_example_of_pytest() -> None:
    assert "4 passed" in pytest_in(EXAMPLES / "pytest", "--rootdir=.")


def test_the_example_of_unittest() -> None:
    run(EXAMPLES / "unittest", sys.executable, "-m", "unittest")
    run(EXAMPLES / "unittest", sys.executable, "-m", "cumulet", "exec", "--", sys.executable, "-m", "unittest")


def test_the_example_of_node(tmp_path: Path) -> None:
    installed = Path(__file__).parents[2] / "clients" / "js"
    if not (installed / "node_modules").is_dir():
        run(installed, "npm", "ci", "--silent", "--no-audit", "--no-fund")
    project = shutil.copytree(EXAMPLES / "node", tmp_path / "node")
    (project / "node_modules").symlink_to(installed / "node_modules")
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    assert "# pass 2" in run(project, "npm", "test", PATH=path)
