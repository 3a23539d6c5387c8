"""The JavaScript SDK v3 from npm, unmodified."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from conftest import Cloud

HERE = Path(__file__).parent / "js"


def test_the_javascript_sdk(cloud: Cloud) -> None:
    if not (HERE / "node_modules" / "@aws-sdk" / "client-kinesis").is_dir():
        subprocess.run(["npm", "ci", "--silent", "--no-audit", "--no-fund"], cwd=HERE, check=True, timeout=300)
    endpoint = cloud.endpoint.replace("127.0.0.1", "localhost")
    env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {
        "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": cloud.account, "AWS_SECRET_ACCESS_KEY": "test"}
    ran = subprocess.run(["node", "--test", "clients.test.mjs"], cwd=HERE, env=env, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    assert "# pass 7" in ran.stdout, ran.stdout[-3000:]
