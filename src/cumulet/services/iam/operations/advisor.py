"""The access advisor: reports on services last used, and the policies that open a service."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import advisor, sources
from ..background import forget_reports, make_access_report
from ..entities import more, page_of
from ..resources import AccessReport


def _report(call: Call, job: str) -> AccessReport:
    row = call.table(AccessReport).get(job)
    if row is None:
        raise error.NoSuchEntityException(f"Job with id {job} cannot be found.")
    return row


def _state(row: AccessReport) -> dict[str, Any]:
    return {"JobStatus": "COMPLETED" if row.done else "IN_PROGRESS", "JobCreationDate": row.created,
            "JobCompletionDate": row.done or None}


@operation
def generate_service_last_accessed_details(call: Call, Arn: str, Granularity: str = "SERVICE_LEVEL") -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html"""
    advisor.subject(call, Arn)
    forget_reports(call, AccessReport)
    row = call.put(AccessReport(id=call.uuid(), arn=Arn, granularity=Granularity, created=call.now))
    call.task(make_access_report, job=row.id)
    return {"JobId": row.id}


@operation
def get_service_last_accessed_details(call: Call, JobId: str, Marker: str | None = None,
                                      MaxItems: int | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetails.html"""
    row, page = _report(call, JobId), page_of(Marker, MaxItems, str)
    found = [one for one in advisor.services_told(call, row) if page.after is None or one["ServiceNamespace"] > page.after]
    told = _state(row) | {"JobType": row.granularity}
    return told | {"ServicesLastAccessed": page.cut(found, lambda one: one["ServiceNamespace"])} | more(page)


@operation
def get_service_last_accessed_details_with_entities(call: Call, JobId: str, ServiceNamespace: str, Marker: str | None = None,
                                                    MaxItems: int | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServiceLastAccessedDetailsWithEntities.html"""
    row, page = _report(call, JobId), page_of(Marker, MaxItems, str)
    if ServiceNamespace not in advisor.service_names():
        raise error.InvalidInputException(f"Invalid service namespace: {ServiceNamespace}")
    found = [one for one in advisor.entities_told(call, row, ServiceNamespace)
             if page.after is None or one["EntityInfo"]["Id"] > page.after]
    return _state(row) | {"EntityDetailsList": page.cut(found, lambda one: one["EntityInfo"]["Id"])} | more(page)


@operation
def list_policies_granting_service_access(call: Call, Arn: str, ServiceNamespaces: list[str],
                                          Marker: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPoliciesGrantingServiceAccess.html"""
    page = page_of(Marker, None, str)
    sources.entity(call, Arn)
    if unknown := [one for one in ServiceNamespaces if one not in advisor.service_names()]:
        raise error.InvalidInputException(f"Invalid service namespace: {unknown[0]}")
    names = [one for one in sorted(set(ServiceNamespaces)) if page.after is None or one > page.after]
    told = [{"ServiceNamespace": one, "Policies": advisor.granting(call, Arn, one)} for one in page.cut(names, str)]
    return {"PoliciesGrantingServiceAccess": told} | more(page)
