"""Who guards a parameter, and which condition keys Systems Manager knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cumulet.kernel import Call, Guard

from .resources import Parameter
from .store import prefix


def targets(call: Call, members: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """The operation on each parameter that it names; by path, on the path."""
    action = f"ssm:{call.operation}"
    named = [members[name] for name in ("Name", "Path", "ResourceId", "ResourceArn") if name in members]
    named += members.get("Names", ())
    if "SettingId" in members:
        setting = members["SettingId"]
        yield action, setting if setting.startswith("arn:") else f"{prefix(call)}:servicesetting{setting}"
    for name in named:
        yield action, _arn(call, name.strip())
    if not named and "SettingId" not in members:
        yield action, f"{prefix(call)}:*"
    if call.operation == "PutParameter" and members.get("Tags"):
        yield "ssm:AddTagsToResource", _arn(call, members["Name"].strip())


def _arn(call: Call, name: str) -> str:
    if name.startswith("arn:"):
        head, slash, rest = name.partition("/")
        return head + slash + rest.partition(":")[0]
    return f"{prefix(call)}:parameter/{name.partition(':')[0].strip('/')}"


def guard(call: Call, arn: str) -> Guard | None:
    """Its account, the policy that shares it, and its tags."""
    path = arn.partition(":parameter")[2]
    table = call.table(Parameter)
    row = (table.known(path) or (table.known(path[1:]) if path.count("/") == 1 else None)) if path else None
    if row is None:
        return None
    policies = (("the parameter's resource policy", row.policy),) if row.policy is not None else ()
    return Guard(call.account, policies, tags=tuple(sorted(row.tags.items())))


def keys(call: Call, members: Mapping[str, Any]) -> Mapping[str, str | list[str]]:
    """What a request says."""
    told: dict[str, str | list[str]] = {}
    if call.operation == "PutParameter":
        told["ssm:overwrite"] = str(bool(members.get("Overwrite"))).lower()
        if "Policies" in members:
            told["ssm:policies"] = members["Policies"]
    if "Recursive" in members:
        told["ssm:recursive"] = str(members["Recursive"]).lower()
    return told
