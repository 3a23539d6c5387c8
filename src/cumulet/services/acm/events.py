"""ACM's events, and whether a certificate will be renewed."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from cumulet.kernel import Call

from .resources import Account, Certificate

ACCOUNT = "account"
DAYS_BEFORE_EXPIRY = 45
_DAY = 86400.0


def eligible(row: Certificate) -> bool:
    """Renewed is what is in use: exported since it was issued, or held by a service."""
    return row.type != "IMPORTED" and row.status == "ISSUED" and (row.exported or bool(row.in_use_by))


def days_before_expiry(call: Call) -> int:
    found = call.table(Account).get(ACCOUNT)
    return found.days_before_expiry if found is not None else DAYS_BEFORE_EXPIRY


def warned_from(call: Call, row: Certificate) -> float:
    """When the daily warnings begin."""
    assert row.not_after is not None
    return row.not_after - days_before_expiry(call) * _DAY


def available(call: Call, row: Certificate, action: str) -> None:
    call.emit("ACM Certificate Available", {"Action": action, **_about(row), "DaysToExpiry": _days(call, row)},
              [row.CertificateArn])


def action_required(call: Call, row: Certificate) -> None:
    reason = row.renewal["RenewalStatusReason"] if row.renewal is not None else ""
    call.emit("ACM Certificate Renewal Action Required",
              {**_about(row), "RenewalStatusReason": reason, "DaysToExpiry": _days(call, row)}, [row.CertificateArn])


def expired(call: Call, row: Certificate) -> None:
    call.emit("ACM Certificate Expired", _about(row), [row.CertificateArn])


def revoked(call: Call, row: Certificate) -> None:
    call.emit("ACM Certificate Revoked", _about(row), [row.CertificateArn])


def approaching(call: Call, row: Certificate) -> None:
    call.emit("ACM Certificate Approaching Expiration",
              {"DaysToExpiry": _days(call, row), "CommonName": row.DomainName}, [row.CertificateArn])


def _days(call: Call, row: Certificate) -> int:
    """Begun days count."""
    return math.ceil(((row.not_after or 0.0) - call.now) / _DAY)


def _about(row: Certificate) -> dict[str, Any]:
    return {"CertificateType": row.type, "CommonName": row.DomainName, "DomainValidationMethod": row.ValidationMethod,
            "CertificateCreatedDate": _date(row.created), "CertificateExpirationDate": _date(row.not_after or 0.0),
            "InUse": bool(row.in_use_by), "Exported": row.exported}


def _date(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
