"""The plugin is loaded by everybody's pytest: it brings nothing with it until a test asks for a cloud."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cumulet.testing import Server


def test_the_plugin_loads_next_to_nothing() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "import sys, pytest; before = set(sys.modules)\n"
                               "from cumulet.faces.testing import plugin\nprint(*sorted(set(sys.modules) - before))"],
        capture_output=True, text=True, check=True).stdout.split()
    assert set(said) == {"cumulet", "cumulet.faces", "cumulet.faces.testing", "cumulet.faces.testing.plugin"}


def test_what_tests_import_starts_nothing_and_reads_no_model() -> None:
    said = subprocess.run([sys.executable, "-c", "import sys\nfrom cumulet.testing import mock_aws\nprint(*sys.modules)"],
                          capture_output=True, text=True, check=True).stdout.split()
    assert not {"boto3", "botocore", "cumulet.kernel.cloud", "click"} & set(said)


def test_the_cloud_is_imported_as_it_is(cumulet_server: Server) -> None:
    """pytest rewrites what comes with a plugin, which would double the time until a cloud is ready."""
    assert cumulet_server.endpoint
    cloud = sys.modules["cumulet.kernel.cloud"]
    assert type(cloud.__loader__).__name__ == "SourceFileLoader"


@pytest.mark.parametrize("place", ["thread", "process"])
def test_a_server_ends_with_the_process_that_started_it(place: str, tmp_path: Path) -> None:
    code = f"from cumulet.testing import start\nprint(start('{place}').control.get('/_cumulet/status')['pid'])"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                         env={**os.environ, "TMPDIR": str(tmp_path)})
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(int(ran.stdout), 0)
