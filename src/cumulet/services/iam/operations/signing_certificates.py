"""Signing certificates of users."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import certificates
from ..entities import BASE32, caller, owner_id
from ..resources import SigningCertificate, User

_MOST = 2


def _owned(call: Call, user: User | None, known_as: str) -> SigningCertificate:
    row = call.table(SigningCertificate).get(owner_id(user), known_as)
    if row is None:
        raise error.NoSuchEntityException(f"The Certificate with id {known_as} cannot be found.")
    return row


def _told(user: User | None, row: SigningCertificate) -> dict[str, Any]:
    return {"UserName": user.UserName if user else "root", "CertificateId": row.id, "CertificateBody": row.body,
            "Status": "Active" if row.active else "Inactive", "UploadDate": row.uploaded}


@operation
def upload_signing_certificate(call: Call, CertificateBody: str, UserName: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadSigningCertificate.html"""
    from cryptography.hazmat.primitives.hashes import SHA256

    user = caller(call, UserName)
    found = certificates.certificate(CertificateBody)
    if found.not_valid_after_utc.timestamp() <= call.now:
        raise error.InvalidCertificateException("The certificate has expired.")
    digest = found.fingerprint(SHA256()).hex()
    table = call.table(SigningCertificate)
    if table.find("digest", digest) is not None:
        raise error.DuplicateCertificateException("The certificate is associated with an IAM user of this account already.")
    if table.count(owner_id(user)) >= _MOST:
        raise error.LimitExceededException(f"Cannot exceed quota for SigningCertificatesPerUser: {_MOST}")
    row = call.put(SigningCertificate(user=owner_id(user), id=call.token(32, BASE32), body=CertificateBody, digest=digest,
                                      uploaded=call.now))
    return {"Certificate": _told(user, row)}


@operation
def list_signing_certificates(call: Call, UserName: str | None = None, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSigningCertificates.html"""
    user = caller(call, UserName)
    rows = call.table(SigningCertificate).scan(owner_id(user), after=page.after, limit=page.limit + 1)
    return {"Certificates": [_told(user, row) for row in page.cut(rows, lambda row: row.id)]}


@operation
def update_signing_certificate(call: Call, CertificateId: str, Status: str, UserName: str | None = None) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateSigningCertificate.html"""
    row = _owned(call, caller(call, UserName), CertificateId)
    if Status == "Expired":
        raise error.InvalidInputException("Status must be Active or Inactive.")
    row.active = Status == "Active"
    call.put(row)


@operation
def delete_signing_certificate(call: Call, CertificateId: str, UserName: str | None = None) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteSigningCertificate.html"""
    row = _owned(call, caller(call, UserName), CertificateId)
    call.table(SigningCertificate).delete(row.user, row.id)
