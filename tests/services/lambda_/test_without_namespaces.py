"""Where namespaces are forbidden and nobody is root, functions run as plain processes, and the server says so."""

from __future__ import annotations

import json
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from servers import ServerProcess
from services.lambda_.conftest import ROLE, Deployed, zipped

# A user namespace that allows no further ones, entered without any right: what many containers are.
FORBIDDEN = """#!/bin/sh
exec unshare --user --map-root-user sh -c 'echo 0 > /proc/sys/user/max_user_namespaces &&
exec setpriv --bounding-set -all --inh-caps -all "$@"' sh {python} "$@"
"""


def test_functions_run_as_plain_processes_where_namespaces_are_forbidden(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "python"
    program.write_text(FORBIDDEN.format(python=sys.executable))
    program.chmod(0o755)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", str(program))
        server = ServerProcess(tmp_path / "state", "--quiet")
    try:
        client = server.client("lambda")
        body = "import os\ndef handler(event, context):\n    return [event, os.getpid(), " \
               "open(os.environ['TMPDIR'] + '/x', 'w').write('1')]"
        made = client.create_function(FunctionName="f", Role=ROLE, Runtime="python3.11", Handler="app.handler", Timeout=10,
                                      Code={"ZipFile": zipped({"app.py": body})})
        function = Deployed(client, "f", made["FunctionArn"])
        event, pid, wrote = function({"n": 1})
        assert (event, wrote) == ({"n": 1}, 1)
        assert Path(f"/proc/{pid}").exists()             # the machine's own number: no namespace of processes
        made = client.create_function(
            FunctionName="node", Role=ROLE, Runtime="nodejs20.x", Handler="index.handler", Timeout=10, MemorySize=256,
            Code={"ZipFile": zipped({"index.js": "exports.handler = async event => [event, process.env.LAMBDA_TASK_ROOT]"})})
        event, root = Deployed(client, "node", made["FunctionArn"])({"n": 2})
        assert (event, root.startswith(str(tmp_path))) == ({"n": 2}, True)
        told: dict[str, Any] = json.load(urllib.request.urlopen(f"{server.endpoint}/_cumulet/status", timeout=5))["drivers"]
        assert (told["sandboxes"]["kind"], told["sandboxes"]["rootless"]) == ("process", False)
        assert told["sandboxes"]["why"]
    finally:
        server.stop()
    assert not Path(f"/proc/{pid}").exists()
