"""Audit reports: asked for, and told."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation

from .. import background
from ..authorities import usable
from ..resources import AuditReport


@operation
def create_certificate_authority_audit_report(call: Call, CertificateAuthorityArn: str, S3BucketName: str,
                                              AuditReportResponseFormat: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_CreateCertificateAuthorityAuditReport.html"""
    call, row = usable(call, CertificateAuthorityArn, "ACTIVE", "DISABLED", "EXPIRED")
    id = call.uuid()
    key = f"audit-report/{row.id}/{id}.{AuditReportResponseFormat.lower()}"
    call.put(AuditReport(authority=row.id, id=id, bucket=S3BucketName, key=key, format=AuditReportResponseFormat, at=call.now))
    call.task(background.report, arn=row.Arn, id=id)
    return {"AuditReportId": id, "S3Key": key}


@operation
def describe_certificate_authority_audit_report(call: Call, CertificateAuthorityArn: str,
                                                AuditReportId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_DescribeCertificateAuthorityAuditReport.html"""
    call, row = usable(call, CertificateAuthorityArn)
    report = call.table(AuditReport).get(row.id, AuditReportId)
    if report is None:
        raise error.ResourceNotFoundException(f"Could not find the audit report {AuditReportId}.")
    return {"AuditReportStatus": report.status, "S3BucketName": report.bucket, "S3Key": report.key, "CreatedAt": report.at}
