"""Groups in policies: the account's resource policies, the group's own, and its tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Guard, parse_arn

from . import largeobjects
from .ingesting import ENDPOINTS, bears, name
from .resources import LogGroup, LogStream, ResourcePolicy


def further(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Who wants to see what a data protection policy hides needs one permission more."""
    if not members.get("unmask"):
        return []
    if call.operation == "GetLogObject":
        return [("logs:Unmask", _pointed(call, members))]
    name = members.get("logGroupName") or members.get("logGroupIdentifier")
    if name is None:
        return [("logs:Unmask", "*")]
    arn = str(name) if str(name).startswith("arn:") else call.arn(LogGroup(LogGroupName=str(name)))
    return [("logs:Unmask", arn)]


def _pointed(call: Call, members: Mapping[str, Any]) -> str:
    """The group that a large object belongs to."""
    name = largeobjects.group_of(call, str(members["logObjectPointer"]))
    return call.arn(LogGroup(LogGroupName=name)) if name is not None else "*"


def targets(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """The endpoints for HTTP ask for what PutLogEvents asks for, and with a token for one permission more.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_HTTP_Endpoints_BearerTokenAuth.html
    """
    if call.operation == "GetLogObject":
        return [("", _pointed(call, members))]
    if call.operation not in ENDPOINTS:
        return None
    group, stream = (name(kind, members.get(kind), members.get(f"log{kind.title()}")) for kind in ("group", "stream"))
    needed = [("logs:PutLogEvents", call.arn(LogStream(LogGroupName=group, LogStreamName=stream)))]
    return [*needed, ("logs:CallWithBearerToken", "*")] if bears(call) else needed


def guard(call: Call, arn: str) -> Guard | None:
    """Resource policies count for services only; they are the account's, or of one group."""
    parts = parse_arn(arn)
    if parts is None or not parts.resource.startswith("log-group:"):
        return None
    name = parts.resource.removeprefix("log-group:").partition(":")[0]
    group = call.table(LogGroup).known(name)
    own = call.arn(group) if group is not None else None
    policies = [(f"resource policy {row.name}", row.document) for row in call.table(ResourcePolicy).scan()
                if row.arn in (None, own)] if call.principal.kind == "service" else []
    return Guard(call.account, tuple(policies), tags=tuple(group.tags.items()) if group is not None else ())
