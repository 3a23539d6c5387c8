"""What happens after an answer in IAM: service-linked roles end, and reports are made."""

from __future__ import annotations

from cumulet.kernel import AwsError, Call, task

from . import advisor, organization_report, report
from .resources import AccessReport, Attachment, CredentialReport, OrganizationReport, Role, RoleDeletion


@task(retries=3)
def end_service_linked_role(call: Call, task: str) -> None:
    """Runs again harmlessly: what is gone stays gone."""
    deletion = call.table(RoleDeletion).get(task)
    if deletion is None or not deletion.running:
        return
    role = call.table(Role).find("id", deletion.role)
    if role is not None:
        call.table(Attachment).delete_all(role.RoleId)
        call.table(Role).delete(role.RoleName)
    deletion.running = False
    call.put(deletion)


@task(retries=3)
def make_credential_report(call: Call) -> None:
    """The report that GenerateCredentialReport promised."""
    row = call.table(CredentialReport).get("account")
    if row is not None and not row.content:
        row.content, row.made = report.text(call), call.now
        call.put(row)


_KEPT = 7 * 86400.0                  # seconds that reports can be fetched
_AT_ONCE = 100


def forget_reports(call: Call, kind: type[AccessReport] | type[OrganizationReport]) -> None:
    """Reports that nobody fetches any more; asked for whenever another one is begun."""
    for row in call.table(kind).scan(index="created", high=call.now - _KEPT, limit=_AT_ONCE):
        call.table(kind).delete(row.id)


@task(retries=3)
def make_access_report(call: Call, job: str) -> None:
    """The report that GenerateServiceLastAccessedDetails promised; empty when its subject has gone meanwhile."""
    row = call.table(AccessReport).get(job)
    if row is None or row.done:
        return
    try:
        subject = advisor.subject(call, row.arn)
    except AwsError:
        subject = advisor.Subject([], [])
    row.services, row.entities = sorted(advisor.opened(subject.texts)), sorted(subject.entities)
    row.uses, row.done = advisor.uses(call, row.entities), call.now
    call.put(row)


@task(retries=3)
def make_organization_report(call: Call, job: str) -> None:
    """The report that GenerateOrganizationsAccessReport promised."""
    row = call.table(OrganizationReport).get(job)
    if row is not None and not row.done:
        row.services = organization_report.services(call, row)
        row.last = organization_report.last_uses(call, row)
        row.done = call.now
        call.put(row)
