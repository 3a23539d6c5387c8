"""Terraform with the AWS provider, where both are installed.

The provider is looked for in the folder that TERRAFORM_MIRROR names and in Terraform's usual places; nothing is downloaded.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from conftest import Cloud

PLACES = [os.environ.get("TERRAFORM_MIRROR", ""), "~/.terraform.d/plugins", "/usr/local/share/terraform/plugins",
          "/usr/share/terraform/plugins", "/opt/tf-plugins"]


def mirror() -> Path | None:
    if shutil.which("terraform") is None:
        return None
    found = (Path(p).expanduser() for p in PLACES if p)
    return next((p for p in found if (p / "registry.terraform.io/hashicorp/aws").is_dir()), None)


class Terraform:
    """A configuration of one file, in a folder of its own, against this cloud."""

    def __init__(self, main: Path, folder: Path, cloud: Cloud) -> None:
        shutil.copy(main, folder)
        config = folder / "terraform.rc"
        config.write_text(f'provider_installation {{\n  filesystem_mirror {{ path = "{mirror()}" }}\n}}\n')
        self._folder = folder
        self._env = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")} | {
            "TF_CLI_CONFIG_FILE": str(config), "TF_VAR_account": cloud.account, "TF_VAR_endpoint": cloud.endpoint,
            "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1", "AWS_EC2_METADATA_DISABLED": "true"}

    def run(self, *args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["terraform", *args, "-no-color"], cwd=self._folder, env=self._env, capture_output=True,
                              text=True, timeout=240)
