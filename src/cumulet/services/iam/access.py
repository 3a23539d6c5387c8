"""IAM's entities in policies, where members and ARNs differ: paths of what is new, and one's own user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, principals

# Without a user's name these are about the caller.
_OF_ONESELF = frozenset({"ChangePassword", "CreateAccessKey", "DeleteAccessKey", "GetUser", "ListAccessKeys", "ListMFADevices",
                         "ListServiceSpecificCredentials", "ListSigningCertificates", "ListSSHPublicKeys", "UpdateAccessKey"})


def targets(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html"""
    if call.operation in _OF_ONESELF and not members.get("UserName") and call.principal.kind == "user":
        return [("", call.principal.subject)]
    if call.operation == "SimulatePrincipalPolicy":          # not about the resources that it asks about
        return [("", members["PolicySourceArn"])]
    if call.operation == "SimulateCustomPolicy":
        return [("", "*")]
    if call.operation == "CreatePolicy":
        row = principals.ManagedPolicy(PolicyArn="", ManagedPolicyName=members.get("PolicyName", ""), PolicyId="", folded="",
                                       Path=members.get("Path") or "/")
        return [("", call.arn(row))]
    if call.operation == "AddRoleToInstanceProfile":
        return _handed_to_instances(call, members)
    return None


def _handed_to_instances(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The profile, and the role that it hands on."""
    name, role = members.get("InstanceProfileName", ""), call.table(principals.Role).get(members.get("RoleName", ""))
    profile = call.table(principals.InstanceProfile).get(name) or principals.InstanceProfile(
        InstanceProfileName=name, InstanceProfileId="", folded="")
    return [("", call.arn(profile)), *([("iam:PassRole", call.arn(role))] if role is not None else [])]


def keys(call: Call, members: Mapping[str, Any]) -> dict[str, str]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html"""
    return {"iam:passedtoservice": "ec2.amazonaws.com"} if call.operation == "AddRoleToInstanceProfile" else {}
