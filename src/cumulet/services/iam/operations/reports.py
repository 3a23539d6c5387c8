"""The credential report, and the account's authorization details."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import details
from ..background import make_credential_report
from ..catalogue import Usage
from ..report import FRESH
from ..resources import CredentialReport


@operation
def generate_credential_report(call: Call) -> dict[str, Any]:
    """A report of the last four hours is taken as it is.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateCredentialReport.html
    """
    row = call.table(CredentialReport).get("account")
    if row is not None and not row.content:
        return {"State": "INPROGRESS"}
    if row is not None and row.made + FRESH > call.now:
        return {"State": "COMPLETE"}
    call.put(CredentialReport(asked=call.now))
    call.task(make_credential_report)
    return {"State": "STARTED", "Description": "No report exists. Starting a new report generation task"}


@operation
def get_credential_report(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetCredentialReport.html"""
    row = call.table(CredentialReport).get("account")
    if row is None:
        raise error.CredentialReportNotPresentException("No report exists. Please generate a report.")
    if not row.content:
        raise error.CredentialReportNotReadyException("Credential report is still being generated.")
    if row.made + FRESH <= call.now:
        raise error.CredentialReportExpiredException("The most recent report has expired. Please generate a new report.")
    return {"Content": row.content.encode(), "ReportFormat": "text/csv", "GeneratedTime": row.made}


@operation
def get_account_authorization_details(call: Call, Filter: list[str] = [],
                                      page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html"""
    found = details.listed(call, Filter, page.after, page.limit + 1)
    told: dict[str, Any] = {"UserDetailList": [], "GroupDetailList": [], "RoleDetailList": [], "Policies": []}
    usage = Usage(call)
    for kind, _, row in page.cut(found, lambda one: [one[0], one[1]]):
        member, tell = details.TOLD[kind]
        told[member].append(tell(call, row, usage))
    return told
