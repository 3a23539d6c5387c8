"""Terraform with the AWS provider, where both are installed: apply, a plan without changes, destroy."""

from __future__ import annotations

from pathlib import Path

import pytest

from clients.terraform import Terraform, mirror
from conftest import Cloud

HERE = Path(__file__).parent

if mirror() is not None:

    def test_terraform_applies_sees_no_change_and_destroys(cloud: Cloud, tmp_path: Path) -> None:
        terraform = Terraform(HERE / "main.tf", tmp_path, cloud)
        ran = terraform.run("init")
        assert ran.returncode == 0, ran.stderr
        applied = terraform.run("apply", "-auto-approve")
        assert applied.returncode == 0, applied.stdout[-3000:] + applied.stderr[-5000:]
        assert "19 added" in applied.stdout
        planned = terraform.run("plan", "-detailed-exitcode")
        assert planned.returncode == 0, planned.stdout[-6000:] + planned.stderr[-3000:]
        assert cloud.client("s3").get_object(Bucket=f"tf-files-{cloud.account}", Key="hello.txt")["Body"].read() == b"hello"
        destroyed = terraform.run("destroy", "-auto-approve")
        assert destroyed.returncode == 0, destroyed.stdout[-3000:] + destroyed.stderr[-5000:]
        with pytest.raises(Exception, match=r"404|Not Found"):
            cloud.client("s3").head_bucket(Bucket=f"tf-files-{cloud.account}")
