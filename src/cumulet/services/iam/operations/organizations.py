"""What IAM does for an organization: root access in its members, and the access advisor over accounts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cumulet.kernel import Call, error, operation, organization, principals

from .. import advisor, organization_report
from ..background import forget_reports, make_organization_report
from ..entities import more, page_of
from ..resources import OrganizationReport

_SERVICE = "iam.amazonaws.com"
_CREDENTIALS, _SESSIONS = "RootCredentialsManagement", "RootSessions"


def _organization(call: Call) -> str:
    """The id of the organization that the caller's account speaks for, by the management account or a delegate."""
    place = organization.organization_of(call.tx, call.account)
    if place is None:
        raise error.OrganizationNotFoundException(
            "The request was rejected because no organization is associated with your account.")
    row = call.table(organization.Organization).get(place.id)
    if row is None or row.features != "ALL":
        raise error.OrganizationNotInAllFeaturesModeException(
            "The request was rejected because your organization does not have All features enabled.")
    if call.table(organization.ServiceAccess).get(place.id, _SERVICE) is None:
        raise error.ServiceAccessNotEnabledException(
            "The request was rejected because trusted access is not enabled for IAM in Organizations.")
    delegate = call.table(organization.DelegatedAdministrator).get(place.id, call.account, _SERVICE)
    if place.management != call.account and delegate is None:
        raise error.AccountNotManagementOrDelegatedAdministratorException(
            "The request was rejected because the account making the request is not the management account or delegated"
            " administrator account for centralized root access.")
    return place.id


def _change(call: Call, change: Callable[[set[str]], set[str]]) -> dict[str, Any]:
    known_as = _organization(call)
    place = organization.organization_of(call.tx, call.account)
    table = call.table(principals.RootAccess)
    row = table.get(known_as) or principals.RootAccess(organization=known_as, account=place.management if place else "")
    changed = sorted(change(set(row.features)))
    if changed != row.features:
        row.features = changed
        table.put(row)
    return {"OrganizationId": known_as, "EnabledFeatures": row.features}


@operation
def enable_organizations_root_credentials_management(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableOrganizationsRootCredentialsManagement.html"""
    return _change(call, lambda features: features | {_CREDENTIALS})


@operation
def disable_organizations_root_credentials_management(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DisableOrganizationsRootCredentialsManagement.html"""
    return _change(call, lambda features: features - {_CREDENTIALS})


@operation
def enable_organizations_root_sessions(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_EnableOrganizationsRootSessions.html"""
    return _change(call, lambda features: features | {_SESSIONS})


@operation
def disable_organizations_root_sessions(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DisableOrganizationsRootSessions.html"""
    return _change(call, lambda features: features - {_SESSIONS})


@operation
def list_organizations_features(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOrganizationsFeatures.html"""
    return _change(call, lambda features: features)


# --- reports --------------------------------------------------------------------------------------------------------------


@operation
def generate_organizations_access_report(call: Call, EntityPath: str,
                                         OrganizationsPolicyId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateOrganizationsAccessReport.html"""
    place = organization.organization_of(call.tx, call.account)
    if place is None or place.management != call.account:
        raise error.AccessDenied("You must be signed in with the management account of your organization.", 403)
    path = EntityPath.rstrip("/")
    targets = path.split("/")
    if targets[0] != place.id or targets[1] != place.root or not _exists(call, path):
        raise error.InvalidInputException(f"Invalid entity path: {EntityPath}")
    if OrganizationsPolicyId is not None and OrganizationsPolicyId not in organization.MANAGED and (
            (policy := call.table(organization.OrganizationPolicy).get(OrganizationsPolicyId)) is None
            or (policy.organization, policy.Type) != (place.id, organization.SCP)):
        raise error.InvalidInputException(f"Invalid policy id: {OrganizationsPolicyId}")
    forget_reports(call, OrganizationReport)
    row = call.put(OrganizationReport(id=call.uuid(), path=path, policy=OrganizationsPolicyId, created=call.now))
    call.task(make_organization_report, job=row.id)
    return {"JobId": row.id}


def _exists(call: Call, path: str) -> bool:
    last = path.rpartition("/")[2]
    if last.startswith("ou-"):
        unit = call.table(organization.Unit).get(last)
        return unit is not None and unit.path == path + "/"
    return last.startswith("r-") or any(own == path for _, own in organization_report.accounts(call, path))


@operation
def get_organizations_access_report(call: Call, JobId: str, Marker: str | None = None, MaxItems: int | None = None,
                                    SortKey: str = "SERVICE_NAMESPACE_ASCENDING") -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetOrganizationsAccessReport.html"""
    row = call.table(OrganizationReport).get(JobId)
    if row is None:
        raise error.NoSuchEntityException(f"Job with id {JobId} cannot be found.")
    told = {"JobStatus": "COMPLETED" if row.done else "IN_PROGRESS", "JobCreationDate": row.created}
    if not row.done:
        return told | {"IsTruncated": False}
    page = page_of(Marker, MaxItems, int)
    found = _sorted(row, SortKey)
    first = page.after or 0
    numbered = list(enumerate(found, 1))[first:first + page.limit + 1]
    details = [_detail(row, service) for _, service in page.cut(numbered, lambda one: one[0])]
    return told | {"JobCompletionDate": row.done, "NumberOfServicesAccessible": len(row.services),
                   "NumberOfServicesNotAccessed": len(row.services) - len(row.last), "AccessDetails": details} | more(page)


def _sorted(row: OrganizationReport, key: str) -> list[str]:
    backwards = key.endswith("DESCENDING")
    if key.startswith("SERVICE"):
        return sorted(row.services, reverse=backwards)
    never = (0.0, 0.0, 0.0)
    return sorted(row.services, key=lambda one: (row.last.get(one, never)[2], one), reverse=backwards)


def _detail(row: OrganizationReport, service: str) -> dict[str, Any]:
    told: dict[str, Any] = {"ServiceName": advisor.service_names()[service], "ServiceNamespace": service,
                            "TotalAuthenticatedEntities": 0}
    if service in row.last:
        _, path, at, region, count = row.last[service]
        told |= {"Region": region, "EntityPath": path + "/", "LastAuthenticatedTime": at, "TotalAuthenticatedEntities": count}
    return told
