"""The policies of permission sets. Accounts follow at the next provisioning."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation, principals

from .. import standing
from ..resources import PermissionSet

_MOST = 20                     # managed policies and references together
Reference = dict[str, str]


def _pair(reference: Reference) -> tuple[str, str]:
    return reference["Name"], reference.get("Path") or "/"


def _changed(place: standing.Place, row: PermissionSet) -> None:
    row.version += 1
    place.call.put(row)


def _room(row: PermissionSet) -> None:
    if len(row.managed) + len(row.custom) >= _MOST:
        raise error.ServiceQuotaExceededException(f"A permission set has at most {_MOST} policies.")


def _of_aws(arn: str) -> str:
    if principals.aws_policies.find(arn) is None:
        raise standing.missing("ManagedPolicy", arn)
    return arn


@operation
def attach_managed_policy_to_permission_set(call: Call, InstanceArn: str, PermissionSetArn: str,
                                            ManagedPolicyArn: str) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_AttachManagedPolicyToPermissionSet.html"""
    place = standing.sets(call, InstanceArn)
    row = place.set(PermissionSetArn)
    if _of_aws(ManagedPolicyArn) in row.managed:
        raise error.ConflictException(f"{ManagedPolicyArn} is attached to the permission set already.")
    _room(row)
    row.managed = [*row.managed, ManagedPolicyArn]
    _changed(place, row)


@operation
def detach_managed_policy_from_permission_set(call: Call, InstanceArn: str, PermissionSetArn: str,
                                              ManagedPolicyArn: str) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DetachManagedPolicyFromPermissionSet.html"""
    place = standing.sets(call, InstanceArn)
    row = place.set(PermissionSetArn)
    if ManagedPolicyArn not in row.managed:
        raise standing.missing("ManagedPolicy", ManagedPolicyArn)
    row.managed = [one for one in row.managed if one != ManagedPolicyArn]
    _changed(place, row)


@operation
def list_managed_policies_in_permission_set(call: Call, InstanceArn: str, PermissionSetArn: str,
                                            page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListManagedPoliciesInPermissionSet.html"""
    row = standing.sets(call, InstanceArn).set(PermissionSetArn)
    rest = [one for one in sorted(row.managed) if page.after is None or one > page.after]
    return {"AttachedManagedPolicies": [{"Name": one.rpartition("/")[2], "Arn": one} for one in page.cut(rest, str)]}


@operation
def attach_customer_managed_policy_reference_to_permission_set(
        call: Call, InstanceArn: str, PermissionSetArn: str, CustomerManagedPolicyReference: Reference) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_AttachCustomerManagedPolicyReferenceToPermissionSet.html"""
    place = standing.sets(call, InstanceArn)
    row = place.set(PermissionSetArn)
    pair = _pair(CustomerManagedPolicyReference)
    if pair in row.custom:
        raise error.ConflictException(f"{pair[0]} is attached to the permission set already.")
    _room(row)
    row.custom = [*row.custom, pair]
    _changed(place, row)


@operation
def detach_customer_managed_policy_reference_from_permission_set(
        call: Call, InstanceArn: str, PermissionSetArn: str, CustomerManagedPolicyReference: Reference) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DetachCustomerManagedPolicyReferenceFromPermissionSet.html"""
    place = standing.sets(call, InstanceArn)
    row = place.set(PermissionSetArn)
    pair = _pair(CustomerManagedPolicyReference)
    if pair not in row.custom:
        raise standing.missing("CustomerManagedPolicyReference", pair[0])
    row.custom = [one for one in row.custom if one != pair]
    _changed(place, row)


@operation
def list_customer_managed_policy_references_in_permission_set(
        call: Call, InstanceArn: str, PermissionSetArn: str, page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_ListCustomerManagedPolicyReferencesInPermissionSet.html"""
    row = standing.sets(call, InstanceArn).set(PermissionSetArn)
    rest = [one for one in sorted(row.custom) if page.after is None or one > tuple(page.after)]
    return {"CustomerManagedPolicyReferences": [{"Name": name, "Path": path} for name, path in page.cut(rest, tuple)]}


@operation
def put_inline_policy_to_permission_set(call: Call, InstanceArn: str, PermissionSetArn: str, InlinePolicy: str) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_PutInlinePolicyToPermissionSet.html"""
    place = standing.sets(call, InstanceArn)
    row = place.set(PermissionSetArn)
    try:
        principals.check_policy(InlinePolicy)
    except principals.MalformedPolicy as problem:
        raise error.ValidationException(f"The inline policy is not valid: {problem}") from None
    row.inline = InlinePolicy
    _changed(place, row)


@operation
def get_inline_policy_for_permission_set(call: Call, InstanceArn: str, PermissionSetArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_GetInlinePolicyForPermissionSet.html"""
    return {"InlinePolicy": standing.sets(call, InstanceArn).set(PermissionSetArn).inline}


@operation
def delete_inline_policy_from_permission_set(call: Call, InstanceArn: str, PermissionSetArn: str) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DeleteInlinePolicyFromPermissionSet.html"""
    place = standing.sets(call, InstanceArn)
    row = place.set(PermissionSetArn)
    row.inline = ""
    _changed(place, row)


@operation
def put_permissions_boundary_to_permission_set(call: Call, InstanceArn: str, PermissionSetArn: str,
                                               PermissionsBoundary: dict[str, Any]) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_PutPermissionsBoundaryToPermissionSet.html"""
    place = standing.sets(call, InstanceArn)
    row = place.set(PermissionSetArn)
    reference, arn = PermissionsBoundary.get("CustomerManagedPolicyReference"), PermissionsBoundary.get("ManagedPolicyArn")
    if (reference is None) == (arn is None):
        raise error.ValidationException("Give either CustomerManagedPolicyReference or ManagedPolicyArn.")
    row.boundary = _of_aws(arn) if arn is not None else ""
    row.custom_boundary = _pair(reference) if reference is not None else None
    _changed(place, row)


@operation
def get_permissions_boundary_for_permission_set(call: Call, InstanceArn: str, PermissionSetArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_GetPermissionsBoundaryForPermissionSet.html"""
    row = standing.sets(call, InstanceArn).set(PermissionSetArn)
    if row.custom_boundary is not None:
        name, path = row.custom_boundary
        return {"PermissionsBoundary": {"CustomerManagedPolicyReference": {"Name": name, "Path": path}}}
    if not row.boundary:
        raise standing.missing("PermissionsBoundary", PermissionSetArn)
    return {"PermissionsBoundary": {"ManagedPolicyArn": row.boundary}}


@operation
def delete_permissions_boundary_from_permission_set(call: Call, InstanceArn: str, PermissionSetArn: str) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/APIReference/API_DeletePermissionsBoundaryFromPermissionSet.html"""
    place = standing.sets(call, InstanceArn)
    row = place.set(PermissionSetArn)
    if not row.boundary and row.custom_boundary is None:
        raise standing.missing("PermissionsBoundary", PermissionSetArn)
    row.boundary, row.custom_boundary = "", None
    _changed(place, row)
