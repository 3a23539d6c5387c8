"""What IAM's calls are about where their members do not say it, and IAM's own condition keys.

https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, Guard, Principal, principals

from . import apikeys, service_roles
from .resources import Group, Role, ServerCertificate, User

# Operations that are about the calling user when they name none.
_ONESELF = frozenset((
    "ChangePassword", "CreateAccessKey", "CreateLoginProfile", "DeactivateMFADevice", "DeleteAccessKey", "DeleteLoginProfile",
    "DeleteServiceSpecificCredential", "DeleteSigningCertificate", "GetLoginProfile", "GetMFADevice", "GetUser",
    "ListAccessKeys", "ListMFADevices", "ListSSHPublicKeys", "ListServiceSpecificCredentials", "ListSigningCertificates",
    "ResetServiceSpecificCredential", "UpdateAccessKey", "UpdateServiceSpecificCredential", "UpdateSigningCertificate",
    "UploadSigningCertificate"))
# Operations that rename: operation → kind, its word in ARNs, members of the old and of the new name.
_RENAMED: Mapping[str, tuple[Any, str, str, str]] = {
    "UpdateUser": (User, "user", "UserName", "NewUserName"), "UpdateGroup": (Group, "group", "GroupName", "NewGroupName"),
    "UpdateServerCertificate": (ServerCertificate, "server-certificate", "ServerCertificateName",
                                "NewServerCertificateName")}
# Operations that make something under a path: operation → its word in ARNs, the member of its name.
_MADE = {
    "CreateUser": ("user", "UserName"), "CreateGroup": ("group", "GroupName"), "CreateRole": ("role", "RoleName"),
    "CreatePolicy": ("policy", "PolicyName"), "CreateInstanceProfile": ("instance-profile", "InstanceProfileName"),
    "CreateVirtualMFADevice": ("mfa", "VirtualMFADeviceName"),
    "UploadServerCertificate": ("server-certificate", "ServerCertificateName")}
_KEYS = {"iam:policyarn": "PolicyArn", "iam:awsservicename": "AWSServiceName", "iam:organizationspolicyid":
         "OrganizationsPolicyId", "iam:servicespecificcredentialservicename": "ServiceName",
         "iam:servicespecificcredentialagedays": "CredentialAgeDays"}


def targets(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """Oneself, what is about to be there, and a new name as well as the old one."""
    operation = call.operation
    if operation in _ONESELF and not members.get("UserName") and call.principal.kind == "user":
        return [("", call.principal.subject)]
    if operation == "SimulatePrincipalPolicy":               # not about the resources that it asks about
        return [("", members["PolicySourceArn"])]
    if operation == "SimulateCustomPolicy":
        return [("", "*")]
    if operation in _MADE:
        word, name = _MADE[operation]
        return [("", _arn(call, f"{word}{members.get('Path') or '/'}{members.get(name, '')}"))]
    if operation in _RENAMED:
        return _renamed(call, members)
    if operation == "CreateServiceLinkedRole":
        service = str(members.get("AWSServiceName", ""))
        linked = service_roles.of(service)
        suffix = f"_{members['CustomSuffix']}" if members.get("CustomSuffix") else ""
        return [("", _arn(call, f"role{service_roles.PATH}{service}/{linked.name if linked else ''}{suffix}"))]
    if operation == "CreateOpenIDConnectProvider":
        return [("", _arn(call, "oidc-provider/" + str(members.get("Url", "")).removeprefix("https://").rstrip("/")))]
    return None


def _renamed(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]]:
    kind, word, old, new = _RENAMED[call.operation]
    name = str(members.get(old, ""))
    row = call.table(kind).get(name)
    path = row.Path if row is not None else "/"
    found = [("", _arn(call, f"{word}{path}{name}"))]
    if members.get(new) or members.get("NewPath"):
        found.append(("", _arn(call, f"{word}{members.get('NewPath') or path}{members.get(new) or name}")))
    return found


def _arn(call: Call, resource: str) -> str:
    return f"arn:{call.principal.arn.split(':')[1] if ':' in call.principal.arn else 'aws'}:iam::{call.account}:{resource}"


def guard(call: Call, arn: str) -> Guard | None:
    """A password policy with AllowUsersToChangePassword lets users set their own."""
    if call.operation != "ChangePassword" or arn != call.principal.subject:
        return None
    policy = principals.passwords.policy_of(call)
    if policy is None or not policy.self_service:
        return None
    allows = {"Effect": "Allow", "Principal": {"AWS": arn}, "Action": "iam:ChangePassword", "Resource": arn}
    return Guard(call.account, (("account password policy", json.dumps({"Version": "2012-10-17", "Statement": [allows]})),))


def bearer(call: Call, token: str) -> Principal | None:
    """Whose bearer token for the asked service it is."""
    return apikeys.whose(call, token)


def keys(call: Call, members: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html"""
    found: dict[str, str | list[str]] = {key: str(members[name]) for key, name in _KEYS.items() if members.get(name)}
    boundary = members.get("PermissionsBoundary") or _boundary_now(call, members)
    if boundary:
        found["iam:permissionsboundary"] = str(boundary)
    return found


def _boundary_now(call: Call, members: Mapping[str, Any]) -> str | None:
    """Of the user or role that the call changes."""
    name = members.get("RoleName") or members.get("UserName")
    table: Any = Role if members.get("RoleName") else User
    row: Any = call.table(table).get(str(name)) if name else None
    return row.PermissionsBoundary if row is not None else None
