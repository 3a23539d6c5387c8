"""`cumulet new service|operation|resource`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from ..base import Output
from ..base import command as declare
from ..scaffold import Repository, Written, new_operation, new_resource, new_service

PACKAGE = Path(__file__).parents[3]


@click.group("new", short_help="Begin a service, an operation or a resource, from AWS's model.")
def command() -> None:
    """Begin a service, an operation or a resource in a checkout of cumulet, from AWS's own model."""


@declare("service")
@click.argument("api")
def service(out: Output, api: str) -> None:
    """Begin a service, by botocore's name: cumulet new service gamelift"""
    repository = Repository(PACKAGE)
    _finish(out, repository, new_service(repository, api), f"cumulet new operation {api} <Name>")


@declare("operation")
@click.argument("api")
@click.argument("name")
@click.option("--noun", default="", metavar="FILE", help="The file of operations/ that it goes into.")
def operation(out: Output, api: str, name: str, noun: str) -> None:
    """Begin an operation: cumulet new operation sqs PurgeQueue"""
    repository = Repository(PACKAGE)
    _finish(out, repository, new_operation(repository, api, name, noun), "delete the members that it will not honour")


@declare("resource")
@click.argument("type_name", metavar="TYPE")
def resource(out: Output, type_name: str) -> None:
    """Begin a resource, by its CloudFormation type: cumulet new resource AWS::SQS::Queue"""
    repository = Repository(PACKAGE)
    _finish(out, repository, new_resource(repository, type_name), "say which operations make, tell, change and end it (verbs=)")


def _finish(out: Output, repository: Repository, written: list[Written], then: str) -> None:
    """Put imports in order, run the house check and the new test, and say how to go on."""
    root, paths = repository.root, [str(w.path) for w in written]
    order = ("-m", "ruff", "check", "--quiet", "--fix", "--select", "I,F401,F811")
    subprocess.run([sys.executable, *order, *paths], cwd=root, check=False)
    house = subprocess.run([sys.executable, "tools/house.py"], cwd=root, capture_output=True, text=True, check=False)
    tests = [p for p in paths if Path(p).name.startswith("test_")]
    red = subprocess.run([sys.executable, "-m", "pytest", *tests], cwd=root, capture_output=True, text=True,
                         check=False).stdout.strip().splitlines()[-1:] if tests else []
    result = {"written": paths, "house": house.stdout.strip().splitlines()[-1:], "test": red}
    lines = [f"{w.what:<9} {w.path.relative_to(root)}" for w in written] + [f"house     {line}" for line in result["house"]]
    lines += [f"test      {line} (red, until the operation does something)" for line in red]
    out.show(result, lambda: "\n".join([*lines, f"Next: {then}; docs/writing-a-service.md"]))


for _made in (service, operation, resource):
    command.add_command(_made)
