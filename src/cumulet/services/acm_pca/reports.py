"""Audit reports: what an authority issued and revoked."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from .resources import CertificateAuthority, Issued

_COLUMNS = ("awsAccountId", "requestedByServicePrincipal", "certificateArn", "serial", "subject", "notBefore", "notAfter",
            "issuedAt", "revokedAt", "revocationReason", "templateArn")


def write(authority: CertificateAuthority, account: str, rows: Iterable[Issued], form: str) -> bytes:
    """The report, in JSON or CSV."""
    listed = [_entry(authority, account, row) for row in rows if row.certificate]
    if form == "JSON":
        return msgspec.json.format(msgspec.json.encode(listed), indent=3)
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed)
    return out.getvalue().encode()


def with_colons(serial: str) -> str:
    return ":".join(serial[i:i + 2] for i in range(0, len(serial), 2))


def _entry(authority: CertificateAuthority, account: str, row: Issued) -> dict[str, str]:
    said = {
        "awsAccountId": account, "requestedByServicePrincipal": row.service,
        "certificateArn": f"{authority.Arn}/certificate/{row.serial}", "serial": with_colons(row.serial),
        "subject": row.subject, "notBefore": _date(row.not_before), "notAfter": _date(row.not_after),
        "issuedAt": _date(row.at), "templateArn": f"arn:aws:acm-pca:::template/{row.template}"}
    if row.revoked_at is not None:
        said |= {"revokedAt": _date(row.revoked_at), "revocationReason": row.reason}
    return {name: value for name, value in said.items() if value}


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")
