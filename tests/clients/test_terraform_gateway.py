"""Terraform makes a REST API in its usual order, sees no change in it, and takes it away."""

from __future__ import annotations

import json
from pathlib import Path

import httpx

from clients.terraform import Terraform, mirror
from conftest import Cloud

HERE = Path(__file__).parent

if mirror() is not None:

    def test_terraform_makes_a_rest_api(cloud: Cloud, tmp_path: Path) -> None:
        terraform = Terraform(HERE / "gateway" / "main.tf", tmp_path, cloud)
        assert terraform.run("init").returncode == 0
        applied = terraform.run("apply", "-auto-approve")
        assert applied.returncode == 0, applied.stdout[-3000:] + applied.stderr[-5000:]
        told = json.loads((tmp_path / "terraform.tfstate").read_text())["outputs"]
        host = f"{told['api']['value']}.execute-api.localhost"
        for body, status, text in (({"name": "a"}, 200, "added"), ({}, 422, "wrong")):
            answer = httpx.post(f"{cloud.endpoint}/prod/items", json=body, headers={
                "Host": host, "x-api-key": told["key"]["value"]})
            assert (answer.status_code, answer.text) == (status, text)
        planned = terraform.run("plan", "-detailed-exitcode")
        assert planned.returncode == 0, planned.stdout[-6000:] + planned.stderr[-3000:]
        destroyed = terraform.run("destroy", "-auto-approve")
        assert destroyed.returncode == 0, destroyed.stdout[-3000:] + destroyed.stderr[-5000:]
        assert cloud.client("apigateway").get_rest_apis()["items"] == []
