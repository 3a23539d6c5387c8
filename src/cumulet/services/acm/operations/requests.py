"""Certificates: requested, told, deleted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, error, operation

from ..background import await_validation, forget
from ..domains import all_names, validations
from ..labels import added
from ..resources import Certificate
from ..shown import detail

_QUOTA = 2500
_REMEMBERED = 3600.0           # how long an idempotency token counts
_ALGORITHMS = ("RSA_2048", "EC_prime256v1", "EC_secp384r1")


@operation
def request_certificate(
        call: Call, DomainName: str, ValidationMethod: str | None = None, SubjectAlternativeNames: Sequence[str] = (),
        IdempotencyToken: str | None = None, DomainValidationOptions: Sequence[Mapping[str, str]] = (),
        Options: Mapping[str, str] = {}, CertificateAuthorityArn: str | None = None, Tags: Sequence[Mapping[str, str]] = (),
        KeyAlgorithm: str = "RSA_2048") -> dict[str, Any]:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html"""
    table = call.table(Certificate)
    if IdempotencyToken is not None:
        before = table.find("token", IdempotencyToken)
        if before is not None and before.created > call.now - _REMEMBERED:
            return {"CertificateArn": before.CertificateArn}
        if before is not None:
            table.change(before.CertificateArn, token=None)
    names = all_names(DomainName, SubjectAlternativeNames)
    private = CertificateAuthorityArn is not None
    if private and (ValidationMethod or DomainValidationOptions):
        raise error.InvalidParameterException("A private certificate is not validated: leave out ValidationMethod and "
                                              "DomainValidationOptions.")
    if KeyAlgorithm not in _ALGORITHMS:
        raise error.InvalidParameterException(f"{KeyAlgorithm} is for imported certificates only.")
    if ValidationMethod == "HTTP":
        raise error.InvalidParameterException("HTTP validation is for certificates that CloudFront manages only.")
    if table.count() >= _QUOTA:
        raise error.LimitExceededException(f"Error: you have reached your limit of {_QUOTA} certificates.")
    method = None if private else ValidationMethod or "EMAIL"
    row = Certificate(
        CertificateArn="", id=call.uuid(), DomainName=names[0], SubjectAlternativeNames=names, ValidationMethod=method,
        KeyAlgorithm=KeyAlgorithm, CertificateAuthorityArn=CertificateAuthorityArn,
        type="PRIVATE" if private else "AMAZON_ISSUED", status="PENDING_VALIDATION", created=call.now,
        tags=added({}, Tags), token=IdempotencyToken, CertificateExport=Options.get("Export", "DISABLED"),
        CertificateTransparencyLoggingPreference=Options.get("CertificateTransparencyLoggingPreference", "ENABLED"),
        validations=validations(call.account, names, method, DomainValidationOptions) if method else [])
    row.CertificateArn = call.arn(row)
    table.insert(row)
    await_validation(call, row)
    return {"CertificateArn": row.CertificateArn}


@operation
def describe_certificate(call: Call, CertificateArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_DescribeCertificate.html"""
    return {"Certificate": detail(call.get(Certificate, CertificateArn))}


@operation
def get_certificate(call: Call, CertificateArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_GetCertificate.html"""
    row = call.get(Certificate, CertificateArn)
    if row.status == "PENDING_VALIDATION":
        raise error.RequestInProgressException(f"Certificate {CertificateArn} is in PENDING_VALIDATION state.")
    if not row.certificate:
        raise error.ResourceNotFoundException(f"The certificate {CertificateArn} was not issued.")
    return {"Certificate": row.certificate, "CertificateChain": row.chain or None}


@operation
def delete_certificate(call: Call, CertificateArn: str) -> None:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html"""
    row = call.get(Certificate, CertificateArn)
    if row.in_use_by:
        raise error.ResourceInUseException(f"Certificate {CertificateArn} in account {call.account} is in use.")
    forget(call, row)
    call.table(Certificate).delete(CertificateArn)
