"""Object lock: versions that nobody may delete until a date, or while they are held.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from cumulet.kernel import AwsError, error

from .faults import access_denied, invalid_argument, invalid_request, malformed_xml
from .resources import Bucket, Extra, Version

GOVERNANCE, COMPLIANCE = "GOVERNANCE", "COMPLIANCE"
_DAY = 86_400
_MOST_DAYS = 36_500


class Asked(NamedTuple):
    """x-amz-object-lock-…"""

    mode: str | None = None
    until: float | None = None
    hold: str | None = None


NOTHING = Asked()


def missing() -> AwsError:
    return invalid_request("Bucket is missing Object Lock Configuration")


def protected() -> AwsError:
    return access_denied("Access Denied because object protected by object lock.")


def checked_default(rule: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The default retention of an ObjectLockRule, or an error."""
    if rule is None:
        return None
    said = rule.get("DefaultRetention") or {}
    if said.get("Mode") not in (GOVERNANCE, COMPLIANCE) or (said.get("Days") is None) == (said.get("Years") is None):
        raise malformed_xml()
    days = said["Days"] if said.get("Days") is not None else said["Years"] * 365
    if days <= 0:
        raise invalid_argument("Default retention period must be a positive integer value.")
    if days > _MOST_DAYS:
        raise invalid_argument("Default retention period too large")
    return {name: said[name] for name in ("Mode", "Days", "Years") if said.get(name) is not None}


def locked(bucket: Bucket, extra: Extra | None, asked: Asked, now: float) -> Extra | None:
    """What a new version is made with: its own lock, or the bucket's default."""
    if not bucket.object_lock:
        if asked != NOTHING:
            raise missing()
        return extra
    mode, until = asked.mode, asked.until
    if (mode is None) != (until is None):
        raise invalid_argument("x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied",
                               "x-amz-object-lock-mode", mode)
    if mode is not None and until is not None:
        if mode not in (GOVERNANCE, COMPLIANCE):
            raise invalid_argument("Unknown wormMode directive.", "x-amz-object-lock-mode", mode)
        _check_date(until, now)
    elif bucket.default_retention is not None:
        said = bucket.default_retention
        mode, until = said["Mode"], now + said.get("Days", said.get("Years", 0) * 365) * _DAY
    if asked.hold not in (None, "ON", "OFF"):
        raise invalid_argument("Legal Hold must be either of 'ON' or 'OFF'", "x-amz-object-lock-legal-hold", asked.hold)
    if mode is None and asked.hold is None:
        return extra
    extra = extra or Extra()
    extra.lock, extra.lock_until, extra.hold = mode or "", until or 0.0, asked.hold or ""
    return extra


def _check_date(until: float, now: float) -> None:
    if until <= now:
        raise invalid_argument("The retain until date must be in the future!", "x-amz-object-lock-retain-until-date", until)


def retained(row: Version, retention: Mapping[str, Any], bypass: bool, now: float) -> Extra:
    """A version with another retention; raises where the one that it has does not allow that."""
    mode, until = retention.get("Mode"), retention.get("RetainUntilDate")
    if (mode is None) != (until is None) or mode not in (None, GOVERNANCE, COMPLIANCE):
        raise malformed_xml()
    if until is not None:
        _check_date(until, now)
    extra = row.extra or Extra()
    if extra.lock and extra.lock_until > now:
        weaker = mode != extra.lock or (until or 0.0) < extra.lock_until
        if weaker and (extra.lock == COMPLIANCE or not bypass):
            raise protected()
    extra.lock, extra.lock_until = mode or "", until or 0.0
    return extra


def check_deletable(row: Version, bypass: bool, now: float) -> None:
    """Raises where a version may not be deleted for good."""
    extra = row.extra
    if extra is None:
        return
    kept = extra.lock and extra.lock_until > now and not (bypass and extra.lock == GOVERNANCE)
    if extra.hold == "ON" or kept:
        raise protected()


def retention(row: Version) -> dict[str, Any]:
    """As GetObjectRetention tells it."""
    if row.extra is None or not row.extra.lock:
        raise _none()
    return {"Mode": row.extra.lock, "RetainUntilDate": row.extra.lock_until}


def hold(row: Version) -> dict[str, Any]:
    if row.extra is None or not row.extra.hold:
        raise _none()
    return {"Status": row.extra.hold}


def _none() -> AwsError:
    return error.named("NoSuchObjectLockConfiguration", "The specified object does not have a ObjectLock configuration", 404)


def headers(extra: Extra) -> dict[str, Any]:
    """What GetObject says of a lock."""
    return {"ObjectLockMode": extra.lock or None, "ObjectLockRetainUntilDate": extra.lock_until or None,
            "ObjectLockLegalHoldStatus": extra.hold or None}
