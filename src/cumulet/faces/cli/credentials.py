"""The variables that point AWS clients at a server, and the question whether a key may be one of real AWS's."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ...kernel.access.keys import made_here

_REAL = re.compile(r"^(AKIA|ASIA|AIDA|AROA)[A-Z0-9]{12,}$")
# What in a shell would send clients elsewhere or sign with other keys.
IN_THE_WAY = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN")

# Version 1 of the AWS CLI calls hosts of real AWS by their old names for sqs, rds, emr, docdb, neptune and health, whatever
# AWS_ENDPOINT_URL says (its customizations/overridesslcommonname.py): only --endpoint-url prevents it.
AIMED = 'command aws ${AWS_ENDPOINT_URL:+--endpoint-url="$AWS_ENDPOINT_URL"} "$@"'
FOR_BASH = {"BASH_FUNC_aws%%": f"() {{  {AIMED}\n}}"}             # as bash itself hands a function on to scripts that it runs


def variables(endpoint: str, account: str, region: str) -> dict[str, str]:
    """What AWS clients need. An account's id is the access key of its root."""
    return {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": account or "test", "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": region, "AWS_REGION": region}


def environment(endpoint: str, account: str, region: str) -> dict[str, str]:
    """This process's environment for a child that is to talk to the server only."""
    kept = {k: v for k, v in os.environ.items()
            if k not in IN_THE_WAY and not k.startswith("AWS_ENDPOINT_URL") and k != "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"}
    return {**kept, **variables(endpoint, account, region), **FOR_BASH}


def looks_real(key: str) -> bool:
    """Could this be an access key of AWS itself? (Keys that IAM and STS make here know themselves.)"""
    return bool(_REAL.match(key)) and not made_here(key)


def profile_key(profile: str) -> str:
    """The access key of a profile in the shared files, or ""."""
    import configparser

    for variable, usual in (("AWS_SHARED_CREDENTIALS_FILE", "credentials"), ("AWS_CONFIG_FILE", "config")):
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read(os.environ.get(variable) or Path.home() / ".aws" / usual)
        except (configparser.Error, UnicodeDecodeError):
            continue
        for section in (profile, f"profile {profile}"):
            if key := parser.get(section, "aws_access_key_id", fallback=""):
                return key
    return ""
