"""`cumulet explain`."""

from __future__ import annotations

import json
from typing import Any

import click

from ..base import Output, endpoint_option
from ..base import command as declare
from ..remote import remote


@declare("explain", short_help="Why a call was allowed or refused, and what would change that.")
@endpoint_option
@click.option("--principal", metavar="ARN", default="", help="Who: a user or a role.")
@click.option("--action", metavar="NAME", default="", help="What: s3:GetObject.")
@click.option("--resource", metavar="ARN", default="", help="Where; by default everywhere.")
@click.option("--context", metavar="KEY=VALUE", multiple=True, help="A condition key; may be given several times.")
@click.option("--apply", is_flag=True, help="Make the change in IAM's policies.")
@click.argument("request", required=False, metavar="[last|REQUEST-ID]")
def command(out: Output, endpoint: str | None, principal: str, action: str, resource: str, context: tuple[str, ...],
            apply: bool, request: str | None) -> None:
    """Tell each policy and each statement that was asked, and the smallest change that lets the call pass.

    \b
    cumulet explain last                 the last refused call
    cumulet explain 1f0c…                the call with this request id
    cumulet explain --principal arn:aws:iam::123456789012:user/ann --action s3:GetObject --resource arn:aws:s3:::b/k
    """
    asked = _asked(principal, action, resource, context, request)
    server = remote(endpoint)
    found = server.post("/_cumulet/explain", asked) if apply else server.get("/_cumulet/explain", **asked)
    out.show(found, lambda: text_of(found))


def _asked(principal: str, action: str, resource: str, context: tuple[str, ...], request: str | None) -> dict[str, Any]:
    if bool(request) == bool(principal or action):
        raise click.UsageError("Say a request (or `last`), or --principal and --action.")
    if request:
        return {"request": request}
    if not principal or not action:
        raise click.UsageError("Say both --principal and --action.")
    asked: dict[str, Any] = {"principal": principal, "action": action, "resource": resource or "*"}
    for one in context:
        key, equals, value = one.partition("=")
        if not equals:
            raise click.UsageError(f"{one!r} is no KEY=VALUE.")
        asked[f"context.{key}"] = value
    return asked


def text_of(found: dict[str, Any]) -> str:
    """For people: the answer, the steps, the change."""
    lines = [f"{'✓' if found['decision'] == 'allowed' else '✗'} {found['decision']}: {found['principal']}",
             f"  {found['action']} on {found['resource']}"]
    if found["message"]:
        lines.append(f"  {found['message']}")
    if (then := found.get("then")) and then["decision"] != found["decision"]:
        lines.append(f"  (when it was asked, it was {then['decision']}: policies have changed since)")
    for step in found["steps"]:
        lines += ["", f"{step['kind']}: {step['verdict']}"]
        lines += [f"  {_statement(one)}" for one in step["statements"]]
    for done in found.get("applied", ()):
        lines += ["", f"changed: {done}"]
    for change in found["changes"]:
        lines += ["", *_change(change)]
    return "\n".join(lines)


def _statement(one: dict[str, Any]) -> str:
    misses = [part for part in ("principal", "action", "resource") if not one[part]]
    misses += [f"{c['condition']} (is {_values(c['values'])})" for c in one["conditions"] if not c["held"]]
    what = f"{one['effect']:5} {one['policy']}, {one['statement']}"
    return f"● {what}" if one["matched"] else f"○ {what}: not its {', not its '.join(misses)}"


def _values(values: list[str] | None) -> str:
    return "not there" if values is None else ", ".join(values)


def _change(change: dict[str, Any]) -> list[str]:
    if change["do"] == "remove":
        return [f"To let it pass, take away: {change['from']}"]
    return [f"To let it pass, add to a {change['kind']}:", *(f"  {line}" for line in
                                                          json.dumps(change["statement"], indent=2).splitlines())]
