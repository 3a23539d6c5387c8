"""Making the change that `explain` proposes: in policies of IAM, through IAM's own operations."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from .contract import Principal, root_of
from .gather import account_of, entity_of

if TYPE_CHECKING:
    from ..call import Call

Told = dict[str, Any]
_NAME = "cumulet-explain"


class NotApplied(ValueError):
    """Why this change is left to its author."""


def apply(call: Call, principal: Principal, told: Told) -> list[str]:
    """Make all proposed changes, or none; what was done. Raises NotApplied."""
    done = []
    for change in told["changes"]:
        if change["do"] != "add":
            raise NotApplied(f"{change['from']} denies it: whoever wrote that has to take it away")
        if change["kind"] == "identity-based policy":
            done.append(_to_identity(call, principal, change["statement"]))
        elif change["kind"] == "permissions boundary":
            done.append(_to_boundary(call, principal, change["statement"]))
        elif told["action"].startswith("sts:AssumeRole") and change["kind"] == "resource-based policy":
            done.append(_to_trust(call, told["resource"], change["statement"]))
        else:
            raise NotApplied(f"a {change['kind']} has to allow it: add the statement there")
    return done


def _iam(call: Call, account: str) -> Any:
    """IAM, as the root of an account."""
    there = call.elsewhere(account)
    there.principal = root_of(account)
    return there.aws.iam


def _to_identity(call: Call, principal: Principal, statement: Told) -> str:
    """Into one inline policy of the user or role, beside what was put there before."""
    kind = "role" if principal.kind == "role" else "user"
    name = principal.subject.rpartition("/")[2]
    iam, who = _iam(call, principal.account), {"RoleName" if kind == "role" else "UserName": name}
    listed = getattr(iam, f"list_{kind}_policies")(**who)["PolicyNames"]
    document: Told = {"Version": "2012-10-17", "Statement": []}
    if _NAME in listed:
        found = getattr(iam, f"get_{kind}_policy")(**who, PolicyName=_NAME)["PolicyDocument"]
        document = _read(found)
    document["Statement"].append(statement)
    getattr(iam, f"put_{kind}_policy")(**who, PolicyName=_NAME, PolicyDocument=json.dumps(document))
    return f"inline policy {_NAME} of {kind} {name}"


def _to_boundary(call: Call, principal: Principal, statement: Told) -> str:
    """A new version of the boundary, which may be others' boundary as well."""
    row = entity_of(call.tx, principal)
    arn = row.PermissionsBoundary if row is not None else ""
    if not arn or not account_of(arn):
        raise NotApplied("the boundary is AWS's own: put another one there")
    iam = _iam(call, principal.account)
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = _read(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])
    document["Statement"].append(statement)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=json.dumps(document), SetAsDefault=True)
    return f"boundary {arn}"


def _to_trust(call: Call, role: str, statement: Told) -> str:
    """Into the trust policy of the role."""
    iam, name = _iam(call, account_of(role)), role.rpartition("/")[2]
    document = _read(iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"])
    document["Statement"].append(statement)
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(document))
    return f"trust policy of role {name}"


def _read(text: str) -> Told:
    """A document as IAM tells it, its statements as a list."""
    document: Told = json.loads(unquote(text))
    if not isinstance(document["Statement"], list):
        document["Statement"] = [document["Statement"]]
    return document
