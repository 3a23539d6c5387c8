"""Mails that ask for approval, once more."""

from __future__ import annotations

from cumulet.kernel import Call, error, operation

from .. import approvals, background, domains
from ..resources import Certificate


@operation
def resend_validation_email(call: Call, CertificateArn: str, Domain: str, ValidationDomain: str) -> None:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_ResendValidationEmail.html"""
    row = call.get(Certificate, CertificateArn)
    if row.status != "PENDING_VALIDATION" or row.ValidationMethod != "EMAIL":
        raise error.InvalidStateException(f"Certificate {CertificateArn} does not wait for validation by email.")
    asked, = domains.validations(call.account, [name for name in row.SubjectAlternativeNames if name == Domain.lower()] or [""],
                                 "EMAIL", [{"DomainName": Domain, "ValidationDomain": ValidationDomain}])
    row.validations = [asked if one["DomainName"] == asked["DomainName"] and one["ValidationStatus"] != "SUCCESS" else one
                       for one in row.validations]
    approvals.send(call, row, asked)
    call.put(row)
    background.give_up_later(call, row)
