"""Authorities by their ARNs, in whichever account they are, and in which state they must be."""

from __future__ import annotations

from typing import Any

import msgspec

from cumulet.kernel import Call, Conflict, error, parse_arn

from .resources import CertificateAuthority, Deleted

_KIND = "certificate-authority/"


def at(call: Call, arn: str) -> Call:
    """The call as seen from the authority's account."""
    parts = parse_arn(arn)
    if parts is None or parts.service != "acm-pca" or not parts.resource.startswith(_KIND) or parts.region != call.region:
        raise error.InvalidArnException(f"The ARN {arn} is not valid.")
    return call.elsewhere(parts.account) if parts.account != call.account else call


def found(call: Call, arn: str) -> tuple[Call, CertificateAuthority]:
    """The authority, deleted or not, and the call as seen from its account."""
    call = at(call, arn)
    row = call.table(CertificateAuthority).get(arn)
    if row is None:
        gone = call.table(Deleted).get(arn)
        if gone is not None:
            row = msgspec.msgpack.decode(gone.row, type=CertificateAuthority)
            row.status = "DELETED"
    if row is None:
        raise error.ResourceNotFoundException(f"Could not find the CA {arn}.")
    return call, row


def usable(call: Call, arn: str, *states: str) -> tuple[Call, CertificateAuthority]:
    """One that is in one of these states; with none named, in any but DELETED."""
    call, row = found(call, arn)
    if row.status not in states if states else row.status == "DELETED":
        raise error.InvalidStateException(f"The certificate authority {arn} is in the {row.status} state.")
    return call, row


def bury(call: Call, row: CertificateAuthority, until: float) -> None:
    """Out of sight for lists of what exists, yet restorable."""
    call.table(CertificateAuthority).delete(row.Arn)
    call.put(Deleted(Arn=row.Arn, row=msgspec.msgpack.encode(row), until=until))


def exhume(call: Call, gone: Deleted) -> CertificateAuthority:
    row = msgspec.msgpack.decode(gone.row, type=CertificateAuthority)
    call.table(Deleted).delete(gone.Arn)
    try:
        return call.table(CertificateAuthority).insert(row)
    except Conflict as problem:
        raise error.InvalidStateException(f"The certificate authority {gone.Arn} is not deleted.") from problem


def told(call: Call, row: CertificateAuthority, until: float | None = None) -> dict[str, Any]:
    """CertificateAuthority, as it is described and listed."""
    configuration = {"KeyAlgorithm": row.KeyAlgorithm, "SigningAlgorithm": row.SigningAlgorithm, "Subject": row.Subject,
                     "CsrExtensions": row.CsrExtensions}
    return {
        "Arn": row.Arn, "OwnerAccount": call.account, "CreatedAt": row.created, "LastStateChangeAt": row.changed,
        "Type": row.Type, "Serial": row.serial or None, "Status": row.status, "NotBefore": row.not_before,
        "NotAfter": row.not_after, "RevocationConfiguration": row.RevocationConfiguration,
        "CertificateAuthorityConfiguration": {k: v for k, v in configuration.items() if v is not None},
        "RestorableUntil": until, "KeyStorageSecurityStandard": row.KeyStorageSecurityStandard, "UsageMode": row.UsageMode}
