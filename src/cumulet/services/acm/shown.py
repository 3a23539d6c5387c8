"""A certificate as DescribeCertificate and ListCertificates tell it."""

from __future__ import annotations

from typing import Any

from . import pem
from .events import eligible
from .resources import Certificate

_ORIGIN = {"IMPORTED": "CUSTOMER_PROVIDED"}
_LISTED = 100                  # alternative names that a listing shows


def options(row: Certificate) -> dict[str, Any]:
    return {"CertificateTransparencyLoggingPreference": row.CertificateTransparencyLoggingPreference,
            "Export": row.CertificateExport}


def eligibility(row: Certificate) -> str:
    return "ELIGIBLE" if eligible(row) else "INELIGIBLE"


def origin(row: Certificate) -> str:
    return _ORIGIN.get(row.type, "AWS_MANAGED")


def detail(row: Certificate) -> dict[str, Any]:
    """CertificateDetail."""
    told: dict[str, Any] = {
        "CertificateArn": row.CertificateArn, "DomainName": row.DomainName,
        "SubjectAlternativeNames": row.SubjectAlternativeNames, "ManagedBy": row.managed_by, "Status": row.status,
        "Type": row.type, "KeyAlgorithm": row.KeyAlgorithm, "CreatedAt": row.created, "IssuedAt": row.issued_at,
        "ImportedAt": row.imported_at, "RevokedAt": row.revoked_at, "RevocationReason": row.revocation_reason,
        "FailureReason": row.failure, "InUseBy": row.in_use_by, "RenewalEligibility": eligibility(row),
        "CertificateAuthorityArn": row.CertificateAuthorityArn, "Options": options(row),
        "CertificateKeyPairOrigin": origin(row), "RenewalSummary": row.renewal, "UpdateSummary": row.update,
        "DomainValidationOptions": row.validations or None}
    if row.certificate:
        certificate = pem.parse(row.certificate)
        told |= {
            "Serial": row.serial, "NotBefore": row.not_before, "NotAfter": row.not_after,
            "Subject": certificate.subject.rfc4514_string(), "Issuer": pem.organization(certificate.issuer),
            "SignatureAlgorithm": pem.signature_algorithm(certificate),
            "KeyUsages": [{"Name": name} for name in row.key_usages],
            "ExtendedKeyUsages": [{"Name": name, "OID": oid} for name, oid in row.extended_key_usages]}
    return told


def summary(row: Certificate) -> dict[str, Any]:
    """CertificateSummary."""
    return {
        "CertificateArn": row.CertificateArn, "DomainName": row.DomainName,
        "SubjectAlternativeNameSummaries": row.SubjectAlternativeNames[:_LISTED],
        "HasAdditionalSubjectAlternativeNames": len(row.SubjectAlternativeNames) > _LISTED,
        "Status": row.status, "Type": row.type, "KeyAlgorithm": row.KeyAlgorithm, "KeyUsages": row.key_usages,
        "ExtendedKeyUsages": [name for name, _ in row.extended_key_usages], "ExportOption": row.CertificateExport,
        "InUse": bool(row.in_use_by), "Exported": row.exported, "RenewalEligibility": eligibility(row),
        "NotBefore": row.not_before, "NotAfter": row.not_after, "CreatedAt": row.created, "IssuedAt": row.issued_at,
        "ImportedAt": row.imported_at, "RevokedAt": row.revoked_at, "ManagedBy": row.managed_by,
        "CertificateKeyPairOrigin": origin(row)}
