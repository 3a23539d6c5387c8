"""`cumulet aws …`, also installed as `awslocal`."""

from __future__ import annotations

import importlib.util
import itertools
import os
import shutil
import subprocess
import sys
from typing import NoReturn

import click

from ..base import Failure, Output
from ..base import command as declare
from ..credentials import environment, looks_real, profile_key
from ..remote import remote


@declare("aws", short_help="The AWS CLI, talking to this server.", add_help_option=False,
         context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option("--endpoint", metavar="URL", help="The server; by default the one started in this folder.")
@click.option("--account", default="", metavar="ID", help="As the root of this account.")
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="ARGUMENTS")
def command(out: Output, endpoint: str | None, account: str, words: tuple[str, ...]) -> None:
    """The AWS CLI (version 1 or 2) with --endpoint-url and credentials set, so that nothing reaches real AWS.

    Keys of the environment are used when they cannot be those of real AWS (`test`, an account's number, keys that this
    server's IAM or STS made); else the default account's root calls.
    """
    server = remote(endpoint)
    tool = _aws_cli()
    _refuse_real(words, account)
    region = server.running.launch.settings.region if server.running else "us-east-1"
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or region
    env = environment(server.endpoint, account, region)
    if not account and os.environ.get("AWS_ACCESS_KEY_ID"):
        env |= {name: os.environ[name] for name in _KEYS if name in os.environ}
    env |= {"AWS_EC2_METADATA_DISABLED": "true"}
    given = any(word == "--endpoint-url" or word.startswith("--endpoint-url=") for word in words)
    arguments = [*tool, *([] if given else ["--endpoint-url", server.endpoint]), *words]
    _become(arguments, env)


_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


def _aws_cli() -> list[str]:
    if found := shutil.which("aws"):
        return [found]
    if importlib.util.find_spec("awscli"):
        return [sys.executable, "-m", "awscli"]
    raise Failure("The AWS CLI is not installed.", "Install it:  pip install awscli   (or version 2 from AWS)")


def _refuse_real(words: tuple[str, ...], account: str) -> None:
    """The keys that would be signed with must not be ones of real AWS."""
    key, where = "" if account else os.environ.get("AWS_ACCESS_KEY_ID", ""), "AWS_ACCESS_KEY_ID"
    profile = next((b for a, b in itertools.pairwise(words) if a == "--profile"), "")
    profile = profile or next((w.partition("=")[2] for w in words if w.startswith("--profile=")), "")
    if profile:
        key, where = profile_key(profile), f"profile {profile}"
    if looks_real(key):
        raise Failure(f"{where} has a key that looks like one of real AWS ({key[:4]}…{key[-4:]}): it is not used here.",
                      'Set local ones:  eval "$(cumulet env)"', "Or say whom you are:  cumulet aws --account 000000000000 …")


def _become(arguments: list[str], env: dict[str, str]) -> NoReturn:
    """Become the other program, where the system can."""
    if sys.platform == "win32":
        sys.exit(subprocess.run(arguments, env=env, check=False).returncode)
    sys.stdout.flush()
    os.execvpe(arguments[0], arguments, env)
