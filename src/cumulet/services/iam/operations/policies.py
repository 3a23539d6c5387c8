"""Managed policies and their versions."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import catalogue, documents, shown
from ..entities import make_room, tag_page, tagged, unique_id, untagged
from ..resources import Attachment, Group, ManagedPolicy, PolicyVersion, Role, User

Tags = list[dict[str, str]]
_MOST_VERSIONS = 5


def _document(given: Any) -> str:
    text = documents.checked(given)
    if documents.size(text) > documents.MANAGED:
        raise error.LimitExceededException(f"Cannot exceed quota for PolicySize: {documents.MANAGED}")
    return text


@operation
def create_policy(call: Call, PolicyName: str, PolicyDocument: str, Path: str = "/", Description: str | None = None,
                  Tags: Tags = []) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html"""
    make_room(call, ManagedPolicy, PolicyName, f"A policy called {PolicyName} already exists. Duplicate names are not allowed.")
    row = ManagedPolicy(PolicyArn="", ManagedPolicyName=PolicyName, PolicyId=unique_id(call, "ANPA"), folded=PolicyName.lower(),
                        Path=Path, Description=Description, PolicyDocument=_document(PolicyDocument), updated=call.now,
                        tags=tagged(None, Tags), created=call.now)
    row.PolicyArn = call.arn(row)
    call.put(row)
    call.put(PolicyVersion(policy=row.PolicyArn, number=1, document=row.PolicyDocument, created=call.now))
    return {"Policy": shown.policy(call, row)}


@operation
def get_policy(call: Call, PolicyArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicy.html"""
    return {"Policy": shown.policy(call, catalogue.policy(call, PolicyArn))}


@operation
def list_policies(call: Call, Scope: str = "All", OnlyAttached: bool = False, PathPrefix: str = "/",
                  PolicyUsageFilter: str | None = None, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html"""

    usage = catalogue.Usage(call)

    def wanted(row: ManagedPolicy) -> bool:
        attached, bounds = usage.attached[row.PolicyArn], usage.bounds[row.PolicyArn]
        if not row.Path.startswith(PathPrefix) or (OnlyAttached and not attached):
            return False
        return bool({"PermissionsPolicy": attached, "PermissionsBoundary": bounds}.get(PolicyUsageFilter or "", True))

    rows = [] if Scope == "AWS" else [row for row in call.table(ManagedPolicy).scan(after=page.after) if wanted(row)]
    if Scope != "Local" and len(rows) <= page.limit:
        rows += [row for row in catalogue.all_shared() if (page.after is None or row.PolicyArn > page.after) and wanted(row)]
    return {"Policies": [shown.policy(call, row, False, usage) for row in page.cut(rows, lambda row: row.PolicyArn)]}


@operation
def delete_policy(call: Call, PolicyArn: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html"""
    catalogue.own(call, PolicyArn)
    if catalogue.is_attached(call, PolicyArn):
        raise error.DeleteConflictException("Cannot delete a policy attached to entities.")
    if catalogue.is_boundary(call, PolicyArn):
        raise error.DeleteConflictException("Cannot delete a policy that is in use as a permissions boundary.")
    if call.table(PolicyVersion).count(PolicyArn) > 1:
        raise error.DeleteConflictException("This policy has more than one version. Before you delete a policy, you must delete"
                                            " the policy's versions. The default version is deleted with the policy.")
    call.table(PolicyVersion).delete_all(PolicyArn)
    call.table(ManagedPolicy).delete(PolicyArn)


@operation
def create_policy_version(call: Call, PolicyArn: str, PolicyDocument: str, SetAsDefault: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html"""
    row = catalogue.own(call, PolicyArn)
    text = _document(PolicyDocument)
    if call.table(PolicyVersion).count(PolicyArn) >= _MOST_VERSIONS:
        raise error.LimitExceededException("A managed policy can have up to 5 versions. Before you create a new version, you"
                                           " must delete an existing version.")
    row.latest += 1
    row.updated = call.now
    version = call.put(PolicyVersion(policy=PolicyArn, number=row.latest, document=text, created=call.now))
    if SetAsDefault:
        row.default, row.PolicyDocument = f"v{row.latest}", text
    call.put(row)
    return {"PolicyVersion": shown.version(version, row.default, document=False)}


@operation
def get_policy_version(call: Call, PolicyArn: str, VersionId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html"""
    row = catalogue.policy(call, PolicyArn)
    return {"PolicyVersion": shown.version(catalogue.version(call, row, VersionId), row.default)}


@operation
def list_policy_versions(call: Call, PolicyArn: str, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyVersions.html"""
    row = catalogue.policy(call, PolicyArn)
    if catalogue.shared(PolicyArn) is not None:
        return {"Versions": [shown.version(catalogue.version(call, row, row.default), row.default, document=False)]}
    found = call.table(PolicyVersion).scan(PolicyArn, before=page.after, reverse=True, limit=page.limit + 1)
    return {"Versions": [shown.version(v, row.default, document=False) for v in page.cut(found, lambda v: v.number)]}


@operation
def set_default_policy_version(call: Call, PolicyArn: str, VersionId: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html"""
    row = catalogue.own(call, PolicyArn)
    row.PolicyDocument = catalogue.version(call, row, VersionId).document
    row.default, row.updated = VersionId, call.now
    call.put(row)


@operation
def delete_policy_version(call: Call, PolicyArn: str, VersionId: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicyVersion.html"""
    row = catalogue.own(call, PolicyArn)
    version = catalogue.version(call, row, VersionId)
    if VersionId == row.default:
        raise error.DeleteConflictException("Cannot delete the default version of a policy.")
    call.table(PolicyVersion).delete(PolicyArn, version.number)


@operation
def list_entities_for_policy(call: Call, PolicyArn: str, EntityFilter: str | None = None, PathPrefix: str = "/",
                             PolicyUsageFilter: str | None = None, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html"""
    catalogue.policy(call, PolicyArn)
    ids: set[str] = set()
    if PolicyUsageFilter != "PermissionsBoundary":
        ids |= {a.entity for a in call.table(Attachment).scan(PolicyArn, index="policy")}
    if PolicyUsageFilter != "PermissionsPolicy":
        ids |= {u.UserId for u in call.table(User).scan(PolicyArn, index="boundary")}
        ids |= {r.RoleId for r in call.table(Role).scan(PolicyArn, index="boundary")}
    kinds = (("Group", "AGPA", Group), ("User", "AIDA", User), ("Role", "AROA", Role))
    rows = []
    for word, prefix, kind in kinds:
        if EntityFilter in (None, word):
            for one in sorted(i for i in ids if i.startswith(prefix)):
                row: Any = call.table(kind).find("id", one)
                if row is not None and row.Path.startswith(PathPrefix) and (page.after is None or one > page.after):
                    rows.append((one, word, getattr(row, word + "Name")))
    rows.sort()
    told: dict[str, Any] = {"PolicyGroups": [], "PolicyUsers": [], "PolicyRoles": []}
    for one, word, name in page.cut(rows, lambda r: r[0]):
        told[f"Policy{word}s"].append({word + "Name": name, word + "Id": one})
    return told


@operation
def tag_policy(call: Call, PolicyArn: str, Tags: Tags) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagPolicy.html"""
    call.table(ManagedPolicy).change(PolicyArn, tags=tagged(catalogue.own(call, PolicyArn), Tags))


@operation
def untag_policy(call: Call, PolicyArn: str, TagKeys: list[str]) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagPolicy.html"""
    call.table(ManagedPolicy).change(PolicyArn, tags=untagged(catalogue.own(call, PolicyArn), TagKeys))


@operation
def list_policy_tags(call: Call, PolicyArn: str, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicyTags.html"""
    return tag_page(catalogue.policy(call, PolicyArn), page)
