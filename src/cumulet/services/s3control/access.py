"""What S3 Control's calls are called in policies: an account's block has other actions than a bucket's, and the access points
of Object Lambda have ARNs of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Guard

from . import grants, lambda_points, multi_points, scopes
from .lens_rows import LensConfiguration, LensGroup
from .multi_rows import MultiPoint
from .resources import GrantsInstance

_ACTIONS = {"GetPublicAccessBlock": "s3:GetAccountPublicAccessBlock", "PutPublicAccessBlock": "s3:PutAccountPublicAccessBlock",
            "DeletePublicAccessBlock": "s3:PutAccountPublicAccessBlock"}

_LENS: dict[str, Any] = {"storage-lens": LensConfiguration, "storage-lens-group": LensGroup}
_OF_OTHERS = ("GetDataAccess", "ListCallerAccessGrants")         # may be asked of another account's instance


def targets(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html"""
    if "AccessPoint" in call.operation and scopes.is_name(str(members.get("Name", ""))):
        return [(f"s3express:{call.operation}", scopes.arn_of(call, members["Name"]))]
    if call.operation.endswith("ForObjectLambda") and "Name" in members:
        return [("", lambda_points.arn_of(call, members["Name"]))]
    if "MultiRegionAccessPoint" in call.operation:
        return [("", _multi(call, members))]
    if call.operation in _OF_OTHERS:
        return [("", grants.arn_of(call.elsewhere(members["AccountId"])))]
    action = _ACTIONS.get(call.operation)
    return [(action, "*")] if action is not None else None


def _multi(call: Call, members: Mapping[str, Any]) -> str:
    """The ARN of a request, or of a Multi-Region access point, as far as it is known yet."""
    if "RequestTokenARN" in members:
        return str(members["RequestTokenARN"])
    if "Mrap" in members:
        said = str(members["Mrap"])
        return said if said.startswith("arn:") else multi_points.arn_of(call, said)
    name = members.get("Name") or (members.get("Details") or {}).get("Name")
    row = call.table(MultiPoint).known(name) if name else None
    return multi_points.arn_of(call, row.alias if row is not None else "*")


def guard(call: Call, arn: str) -> Guard | None:
    """The policy of an instance of Access Grants; the tags of what Storage Lens has."""
    kind, _, name = arn.rpartition(":")[2].partition("/")
    if kind in _LENS:
        found = call.table(_LENS[kind]).known(name)
        return Guard(call.account, tags=tuple(found.tags.items())) if found is not None else None
    if not arn.endswith(":access-grants/default"):
        return None
    row = call.table(GrantsInstance).known(grants.DEFAULT)
    return Guard(call.account, (("access grants instance policy", row.policy),) if row is not None and row.policy else ())
