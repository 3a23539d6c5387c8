"""Terraform with the AWS provider, where both are installed: apply, a plan without changes, destroy.

The provider is looked for in the folder that TERRAFORM_MIRROR names and in Terraform's usual places; nothing is downloaded.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import Cloud

HERE = Path(__file__).parent
PLACES = [os.environ.get("TERRAFORM_MIRROR", ""), "~/.terraform.d/plugins", "/usr/local/share/terraform/plugins",
          "/usr/share/terraform/plugins", "/opt/tf-plugins"]


def mirror() -> Path | None:
    if shutil.which("terraform") is None:
        return None
    found = (Path(p).expanduser() for p in PLACES if p)
    return next((p for p in found if (p / "registry.terraform.io/hashicorp/aws").is_dir()), None)


if mirror() is not None:

    def test_terraform_applies_sees_no_change_and_destroys(cloud: Cloud, tmp_path: Path) -> None:
        shutil.copy(HERE / "main.tf", tmp_path)
        config = tmp_path / "terraform.rc"
        config.write_text(f'provider_installation {{\n  filesystem_mirror {{ path = "{mirror()}" }}\n}}\n')
        env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {
            "TF_CLI_CONFIG_FILE": str(config), "TF_VAR_account": cloud.account, "TF_VAR_endpoint": cloud.endpoint,
            "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", "AWS_EC2_METADATA_DISABLED": "true"}

        def terraform(*args: str) -> subprocess.CompletedProcess[str]:
            return subprocess.run(["terraform", *args, "-no-color"], cwd=tmp_path, env=env, capture_output=True, text=True,
                                  timeout=240)

        ran = terraform("init")
        assert ran.returncode == 0, ran.stderr
        applied = terraform("apply", "-auto-approve")
        assert applied.returncode == 0, applied.stdout[-3000:] + applied.stderr[-5000:]
        assert "15 added" in applied.stdout
        planned = terraform("plan", "-detailed-exitcode")
        assert planned.returncode == 0, planned.stdout[-6000:] + planned.stderr[-3000:]
        assert cloud.client("s3").get_object(Bucket=f"tf-files-{cloud.account}", Key="hello.txt")["Body"].read() == b"hello"
        destroyed = terraform("destroy", "-auto-approve")
        assert destroyed.returncode == 0, destroyed.stdout[-3000:] + destroyed.stderr[-5000:]
        with pytest.raises(Exception, match=r"404|Not Found"):
            cloud.client("s3").head_bucket(Bucket=f"tf-files-{cloud.account}")
