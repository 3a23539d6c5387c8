"""Authorities: made, told, listed, changed, deleted, restored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import background
from ..authorities import exhume, found, told, usable
from ..extensions import of_request
from ..labels import added
from ..names import subject
from ..resources import CertificateAuthority, Deleted
from ..revocation import check
from ..signing import check_algorithm

_QUOTA = 200
_REMEMBERED = 300.0            # how long an idempotency token counts
_DAY = 86400.0


@operation
def create_certificate_authority(
        call: Call, CertificateAuthorityConfiguration: Mapping[str, Any], CertificateAuthorityType: str,
        RevocationConfiguration: Mapping[str, Any] = {}, IdempotencyToken: str | None = None,
        KeyStorageSecurityStandard: str = "FIPS_140_2_LEVEL_3_OR_HIGHER", Tags: Sequence[Mapping[str, str]] = (),
        UsageMode: str = "GENERAL_PURPOSE") -> dict[str, Any]:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_CreateCertificateAuthority.html"""
    table = call.table(CertificateAuthority)
    if IdempotencyToken is not None:
        before = table.find("token", IdempotencyToken)
        if before is not None and before.created > call.now - _REMEMBERED:
            return {"CertificateAuthorityArn": before.Arn}
        if before is not None:
            table.change(before.Arn, token=None)
    wanted = CertificateAuthorityConfiguration
    check_algorithm(wanted["KeyAlgorithm"], wanted["SigningAlgorithm"])
    subject(wanted["Subject"])
    of_request(wanted.get("CsrExtensions") or {})
    if KeyStorageSecurityStandard == "CCPC_LEVEL_1_OR_HIGHER":
        raise error.InvalidArgsException("CCPC_LEVEL_1_OR_HIGHER is available in the regions of China only.")
    if table.count() >= _QUOTA:
        raise error.LimitExceededException(f"The quota of {_QUOTA} private certificate authorities is exceeded.")
    row = CertificateAuthority(
        Arn="", id=call.uuid(), Type=CertificateAuthorityType, KeyAlgorithm=wanted["KeyAlgorithm"],
        SigningAlgorithm=wanted["SigningAlgorithm"], Subject=dict(wanted["Subject"]),
        CsrExtensions=wanted.get("CsrExtensions"), KeyStorageSecurityStandard=KeyStorageSecurityStandard,
        UsageMode=UsageMode, RevocationConfiguration=check(RevocationConfiguration), tags=added({}, Tags),
        token=IdempotencyToken, created=call.now, changed=call.now)
    row.Arn = call.arn(row)
    background.probe(call, row)
    table.insert(row)
    call.task(background.create, arn=row.Arn)
    return {"CertificateAuthorityArn": row.Arn}


@operation
def describe_certificate_authority(call: Call, CertificateAuthorityArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_DescribeCertificateAuthority.html"""
    call, row = found(call, CertificateAuthorityArn)
    gone = call.table(Deleted).get(row.Arn) if row.status == "DELETED" else None
    return {"CertificateAuthority": told(call, row, gone.until if gone else None)}


@operation
def list_certificate_authorities(call: Call, ResourceOwner: str = "SELF",
                                 page: Page[str] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_ListCertificateAuthorities.html"""
    if ResourceOwner != "SELF":                  # what AWS RAM shares; nothing is shared here
        return {"CertificateAuthorities": []}
    after, most = page.after, page.limit + 1
    here = call.table(CertificateAuthority).scan(after=after, limit=most)
    gone = call.table(Deleted).scan(after=after, limit=most)
    arns = page.cut(sorted([*(row.Arn for row in here), *(row.Arn for row in gone)]), lambda arn: arn)
    return {"CertificateAuthorities": [
        describe_certificate_authority(call, arn)["CertificateAuthority"] for arn in arns]}


@operation
def update_certificate_authority(call: Call, CertificateAuthorityArn: str,
                                 RevocationConfiguration: Mapping[str, Any] | None = None,
                                 Status: str | None = None) -> None:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_UpdateCertificateAuthority.html"""
    call, row = usable(call, CertificateAuthorityArn, "ACTIVE", "DISABLED")
    if Status is not None and Status != row.status:
        if Status not in ("ACTIVE", "DISABLED"):
            raise error.InvalidArgsException("The status can be changed to ACTIVE or DISABLED only.")
        row.status, row.changed = Status, call.now
    if RevocationConfiguration is not None:
        row.RevocationConfiguration |= {name: value for name, value in check(RevocationConfiguration).items()
                                        if name in RevocationConfiguration}
        background.probe(call, row)
    call.put(row)
    if RevocationConfiguration is not None:
        background.refresh_list(call, row)


@operation
def delete_certificate_authority(call: Call, CertificateAuthorityArn: str, PermanentDeletionTimeInDays: int = 30) -> None:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_DeleteCertificateAuthority.html"""
    call, row = usable(call, CertificateAuthorityArn, "CREATING", "PENDING_CERTIFICATE", "DISABLED", "EXPIRED", "FAILED")
    row.changed = call.now
    background.delete(call, row, call.now + PermanentDeletionTimeInDays * _DAY)


@operation
def restore_certificate_authority(call: Call, CertificateAuthorityArn: str) -> None:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_RestoreCertificateAuthority.html"""
    call, row = found(call, CertificateAuthorityArn)
    gone = call.table(Deleted).get(CertificateAuthorityArn)
    if gone is None:
        raise error.InvalidStateException(f"The certificate authority {row.Arn} is not in the DELETED state.")
    row = exhume(call, gone)
    call.cancel(background.forget, row.id)
    if row.not_after is not None and row.not_after <= call.now:
        row.status = "EXPIRED"
    row.changed = call.now
    call.put(row)
    background.resume(call, row)
