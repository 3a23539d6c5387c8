"""`cumulet iam`."""

from __future__ import annotations

import json
from typing import Any

import click

from ..base import Output, endpoint_option
from ..base import command as declare
from ..remote import remote
from .time import seconds


@declare("iam", short_help="Suggest the policy that a user or role needs, from what it did.")
@endpoint_option
@click.option("--principal", metavar="ARN", default="",
              help="Whose: a user or role; needs no saying when only one did anything.")
@click.option("--since", metavar="1h", default="", help="What was done in this time; by default all that is remembered.")
@click.option("--format", "form", type=click.Choice(("json", "tf", "cfn")), default="json",
              help="The policy alone, for Terraform, or for CloudFormation.")
@click.argument("verb", type=click.Choice(("suggest",)))
def command(out: Output, endpoint: str | None, principal: str, since: str, form: str, verb: str) -> None:
    """Write a least-privilege policy from observed calls. Run the program as a user or role (in `audit`, which lets all pass),
    then ask what it needed.

    \b
    cumulet iam suggest --principal arn:aws:iam::123456789012:role/app --since 1h
    cumulet iam suggest --format tf > policy.tf
    """
    found = remote(endpoint).get("/_cumulet/iam/suggest", principal=principal, since=seconds(since) if since else "")
    for note in found["notes"]:
        click.echo(f"note: {note}", err=True)             # what goes into a file is the policy alone
    out.show(found, lambda: _WRITERS[form](found))


def as_json(found: dict[str, Any]) -> str:
    return json.dumps(found["policy"], indent=2)


def as_terraform(found: dict[str, Any]) -> str:
    """A data source, as people write it by hand."""
    lines = [f'data "aws_iam_policy_document" "{_name(found)}" {{']
    for statement in found["policy"]["Statement"]:
        lines += ["  statement {", f'    sid       = "{statement["Sid"]}"', f"    actions   = {_list(statement['Action'])}",
                  f"    resources = {_list(statement['Resource'])}", "  }"]
    return "\n".join([*lines, "}"])


def _list(texts: list[str]) -> str:
    return "[" + ", ".join(json.dumps(text).replace("${", "$${") for text in texts) + "]"


def as_cloudformation(found: dict[str, Any]) -> str:
    """A template with a managed policy."""
    import yaml

    name = "".join(part.capitalize() for part in _name(found).split("_"))
    arn = found["principal"]
    whose = {"Roles" if ":role/" in arn else "Users": [arn.rpartition("/")[2]]}
    made = {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": found["policy"], **whose}}
    return str(yaml.safe_dump({"Resources": {f"{name}Policy": made}}, sort_keys=False)).rstrip()


def _name(found: dict[str, Any]) -> str:
    """The principal's name, as both languages take it."""
    name = "".join(c if c.isascii() and c.isalnum() else "_" for c in found["principal"].rpartition("/")[2])
    return name if name[:1].isalpha() else f"p_{name}"


_WRITERS = {"json": as_json, "tf": as_terraform, "cfn": as_cloudformation}
