"""Terraform makes a REST API in its usual order, sees no change in it, and takes it away."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import httpx

from clients.test_terraform import mirror
from conftest import Cloud

HERE = Path(__file__).parent

if mirror() is not None:

    def test_terraform_makes_a_rest_api(cloud: Cloud, tmp_path: Path) -> None:
        shutil.copy(HERE / "gateway" / "main.tf", tmp_path)
        config = tmp_path / "terraform.rc"
        config.write_text(f'provider_installation {{\n  filesystem_mirror {{ path = "{mirror()}" }}\n}}\n')
        env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {
            "TF_CLI_CONFIG_FILE": str(config), "TF_VAR_account": cloud.account, "TF_VAR_endpoint": cloud.endpoint,
            "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", "AWS_EC2_METADATA_DISABLED": "true"}

        def terraform(*args: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(["terraform", *args, "-no-color"], cwd=tmp_path, env=env, capture_output=True, text=True,
                                  timeout=240)

        assert terraform("init").returncode == 0
        applied = terraform("apply", "-auto-approve")
        assert applied.returncode == 0, applied.stdout[-3000:] + applied.stderr[-5000:]
        told = json.loads((tmp_path / "terraform.tfstate").read_text())["outputs"]
        host = f"{told['api']['value']}.execute-api.localhost"
        for body, status, text in (({"name": "a"}, 200, "added"), ({}, 422, "wrong")):
            answer = httpx.post(f"{cloud.endpoint}/prod/items", json=body, headers={
                "Host": host, "x-api-key": told["key"]["value"]})
            assert (answer.status_code, answer.text) == (status, text)
        planned = terraform("plan", "-detailed-exitcode")
        assert planned.returncode == 0, planned.stdout[-6000:] + planned.stderr[-3000:]
        destroyed = terraform("destroy", "-auto-approve")
        assert destroyed.returncode == 0, destroyed.stdout[-3000:] + destroyed.stderr[-5000:]
        assert cloud.client("apigateway").get_rest_apis()["items"] == []
