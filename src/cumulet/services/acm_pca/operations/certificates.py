"""Certificates: of an authority itself, and those that it issues and revokes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import background
from ..authorities import usable
from ..installing import install
from ..issuing import check, read_request
from ..resources import CertificateAuthority, Issued
from ..signing import check_algorithm
from ..templates import template
from ..validity import period

_REMEMBERED = 300.0
_SERIAL_DIGITS = 32


@operation
def get_certificate_authority_csr(call: Call, CertificateAuthorityArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_GetCertificateAuthorityCsr.html"""
    call, row = usable(call, CertificateAuthorityArn)
    if row.status == "CREATING":
        raise error.RequestInProgressException(f"The certificate authority {row.Arn} is being created.")
    return {"Csr": row.csr}


@operation
def import_certificate_authority_certificate(call: Call, CertificateAuthorityArn: str, Certificate: bytes,
                                             CertificateChain: bytes = b"") -> None:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_ImportCertificateAuthorityCertificate.html"""
    call, row = usable(call, CertificateAuthorityArn)
    if row.status == "CREATING":
        raise error.RequestInProgressException(f"The certificate authority {row.Arn} is being created.")
    install(row, Certificate, CertificateChain, call.now)
    if row.status != "DISABLED":
        row.status = "ACTIVE"
    row.changed = call.now
    call.put(row)
    background.listen_for_end(call, row)


@operation
def get_certificate_authority_certificate(call: Call, CertificateAuthorityArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_GetCertificateAuthorityCertificate.html"""
    call, row = usable(call, CertificateAuthorityArn)
    if not row.certificate:
        raise error.InvalidStateException(f"The certificate authority {row.Arn} has no certificate yet.")
    return {"Certificate": row.certificate, "CertificateChain": row.chain or None}


@operation
def issue_certificate(
        call: Call, CertificateAuthorityArn: str, Csr: bytes, SigningAlgorithm: str, Validity: Mapping[str, Any],
        TemplateArn: str | None = None, ApiPassthrough: Mapping[str, Any] = {},
        ValidityNotBefore: Mapping[str, Any] | None = None, IdempotencyToken: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_IssueCertificate.html"""
    service = call.principal.arn if call.principal.kind == "service" else ""
    call, row = usable(call, CertificateAuthorityArn, "ACTIVE", "PENDING_CERTIFICATE")
    token = f"{row.id}/{IdempotencyToken}" if IdempotencyToken is not None else None
    if token is not None and (before := _repeated(call, row, token)):
        return {"CertificateArn": _arn(row, before)}
    chosen = template(TemplateArn)
    check_algorithm(row.KeyAlgorithm, SigningAlgorithm)
    check(row, read_request(Csr), chosen)
    end = None if chosen.root else row.not_after
    since, until = period(Validity, ValidityNotBefore, call.now, end, row.UsageMode == "SHORT_LIVED_CERTIFICATE"
                          and not chosen.root)
    issued = call.table(Issued).insert(Issued(
        authority=row.id, serial="1" + call.token(_SERIAL_DIGITS - 1), at=call.now, template=chosen.name,
        token=token, not_before=since.timestamp(), not_after=until.timestamp(), service=service,
        request={"Csr": Csr, "SigningAlgorithm": SigningAlgorithm, "TemplateArn": TemplateArn,
                 "ApiPassthrough": dict(ApiPassthrough)}))
    call.task(background.issue, arn=row.Arn, serial=issued.serial)
    return {"CertificateArn": _arn(row, issued)}


def _repeated(call: Call, row: CertificateAuthority, token: str) -> Issued | None:
    table = call.table(Issued)
    before = table.find("token", token)
    if before is not None and before.at <= call.now - _REMEMBERED:
        table.change(row.id, before.serial, token=None)
        return None
    return before


def _arn(row: CertificateAuthority, issued: Issued) -> str:
    return f"{row.Arn}/certificate/{issued.serial}"


@operation
def get_certificate(call: Call, CertificateAuthorityArn: str, CertificateArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_GetCertificate.html"""
    call, row = usable(call, CertificateAuthorityArn)
    authority, _, serial = CertificateArn.rpartition("/certificate/")
    if authority != row.Arn:
        raise error.InvalidArnException(f"The certificate {CertificateArn} is not one of {row.Arn}.")
    issued = call.table(Issued).get(row.id, serial)
    if issued is None:
        raise error.ResourceNotFoundException(f"Could not find the certificate {CertificateArn}.")
    if issued.failure:
        raise error.RequestFailedException(issued.failure)
    if not issued.certificate:
        raise error.RequestInProgressException(f"The certificate {CertificateArn} is being issued.")
    chain = [] if template_is_root(issued) else [row.certificate, row.chain]
    return {"Certificate": issued.certificate, "CertificateChain": "\n".join(filter(None, chain)) or None}


def template_is_root(issued: Issued) -> bool:
    """A root's own certificate has no chain."""
    return "RootCACertificate" in issued.template


@operation
def revoke_certificate(call: Call, CertificateAuthorityArn: str, CertificateSerial: str, RevocationReason: str) -> None:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_RevokeCertificate.html"""
    call, row = usable(call, CertificateAuthorityArn, "ACTIVE")
    serial = CertificateSerial.replace(":", "").lower().lstrip("0")
    issued = call.table(Issued).get(row.id, serial)
    if issued is None:
        raise error.ResourceNotFoundException(f"Could not find a certificate with the serial number {CertificateSerial}.")
    if not issued.certificate:
        raise error.RequestInProgressException("The certificate is being issued.")
    if template_is_root(issued):
        raise error.InvalidRequestException("The certificate of a root certificate authority cannot be revoked.")
    if issued.revoked_at is not None:
        raise error.RequestAlreadyProcessedException("The certificate is already revoked.")
    call.table(Issued).change(row.id, serial, revoked_at=call.now, revoked_in=row.id, reason=RevocationReason)
    background.refresh_list(call, row)
