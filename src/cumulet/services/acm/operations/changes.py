"""What changes a certificate: its options, its renewal, its revocation; and its way out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import events
from ..background import await_validation, forget, renew
from ..domains import record
from ..exports import encrypted
from ..private import revoke
from ..resources import Certificate

_IN_PLACE = ("AMAZON_ISSUED", "PRIVATE")


@operation
def update_certificate_options(call: Call, CertificateArn: str, Options: Mapping[str, str]) -> None:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_UpdateCertificateOptions.html"""
    row = call.get(Certificate, CertificateArn)
    if row.type != "AMAZON_ISSUED":
        raise error.ValidationException(f"Certificate {CertificateArn} is not a certificate that Amazon issued.")
    if row.status not in ("PENDING_VALIDATION", "ISSUED"):
        raise error.InvalidStateException(f"Certificate {CertificateArn} is in {row.status} state.")
    if Options.get("Export", row.CertificateExport) != row.CertificateExport:
        raise error.ValidationException("The export option cannot be changed after the certificate was requested.")
    if "CertificateTransparencyLoggingPreference" in Options:
        row.CertificateTransparencyLoggingPreference = Options["CertificateTransparencyLoggingPreference"]
    if Options.get("ValidationMethod", row.ValidationMethod) != row.ValidationMethod:
        _by_dns(call, row, Options["ValidationMethod"])
    call.put(row)


def _by_dns(call: Call, row: Certificate, method: str) -> None:
    """From validation by mail to validation by DNS; there is no other way."""
    if method != "DNS":
        raise error.ValidationException("The validation method can be changed from EMAIL to DNS only.")
    kept = ("DomainName", "ValidationDomain", "ValidationStatus")
    row.validations = [{**{name: one[name] for name in kept}, "ValidationMethod": "DNS",
                        "ResourceRecord": record(call.account, one["DomainName"])} for one in row.validations]
    row.update = {"Status": "SUCCESS", "Type": "DOMAIN_VALIDATION_METHOD", "RequestedAt": call.now, "UpdatedAt": call.now,
                  "DomainValidationMethodUpdateSummary": {"From": row.ValidationMethod, "To": "DNS"}}
    row.ValidationMethod, row.approvals = "DNS", {}
    if row.status == "PENDING_VALIDATION":
        forget(call, row)
        await_validation(call, row)


@operation
def export_certificate(call: Call, CertificateArn: str, Passphrase: bytes) -> dict[str, Any]:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_ExportCertificate.html"""
    row = call.get(Certificate, CertificateArn)
    if row.type == "IMPORTED" or (row.type == "AMAZON_ISSUED" and row.CertificateExport != "ENABLED"):
        raise error.ValidationException(f"Certificate {CertificateArn} is not exportable.")
    if row.status == "PENDING_VALIDATION":
        raise error.RequestInProgressException(f"Certificate {CertificateArn} is in PENDING_VALIDATION state.")
    if row.status != "ISSUED":
        raise error.ValidationException(f"Certificate {CertificateArn} is in {row.status} state.")
    if not Passphrase.isascii() or set(Passphrase) & set(b"#$%"):
        raise error.ValidationException("The passphrase may hold any ASCII character except #, $ and %.")
    call.table(Certificate).change(CertificateArn, exported=True)
    return {"Certificate": row.certificate, "CertificateChain": row.chain,
            "PrivateKey": encrypted(call.unseal(row.private, CertificateArn.encode()), Passphrase)}


@operation
def renew_certificate(call: Call, CertificateArn: str) -> None:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_RenewCertificate.html"""
    row = call.get(Certificate, CertificateArn)
    if row.renewal is not None and row.renewal["RenewalStatus"] == "PENDING_AUTO_RENEWAL":
        raise error.RequestInProgressException(f"Certificate {CertificateArn} is being renewed.")
    if not events.eligible(row):
        raise error.ValidationException(
            f"Certificate {CertificateArn} is not eligible for renewal: it must be issued by ACM, and exported or in use.")
    renew(call, row)


@operation
def revoke_certificate(call: Call, CertificateArn: str, RevocationReason: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_RevokeCertificate.html"""
    row = call.get(Certificate, CertificateArn)
    if row.in_use_by:
        raise error.ResourceInUseException(f"Certificate {CertificateArn} in account {call.account} is in use.")
    if row.status == "REVOKED":
        raise error.ConflictException(f"Certificate {CertificateArn} is already revoked.")
    if row.type not in _IN_PLACE or row.status != "ISSUED" or not row.exported:
        raise error.ValidationException("Only issued certificates that were exported can be revoked.")
    if row.type == "PRIVATE":
        revoke(call, row, RevocationReason)
    forget(call, row)
    row.status, row.revoked_at, row.revocation_reason = "REVOKED", call.now, RevocationReason
    call.put(row)
    events.revoked(call, row)
    return {"CertificateArn": CertificateArn}
