"""From when until when a certificate is to be valid."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cumulet.kernel import error

_EARLIER = timedelta(minutes=60)
_SHORT = timedelta(days=7)


def period(until: Mapping[str, Any], since: Mapping[str, Any] | None, now: float, end: float | None,
           short: bool) -> tuple[datetime, datetime]:
    """Not before, not after. end: of the authority, which no certificate outlives.  short: a week is the most."""
    moment = datetime.fromtimestamp(int(now), UTC)
    if since is not None and since["Type"] not in ("ABSOLUTE", "END_DATE"):
        raise error.InvalidArgsException("ValidityNotBefore must be of the type ABSOLUTE or END_DATE.")
    first = _moment(since, moment) if since is not None else moment - _EARLIER
    last = _moment(until, moment)
    if last <= moment or last <= first:
        raise error.InvalidArgsException("The end of the validity must lie in the future, and after its beginning.")
    if end is not None and last.timestamp() > end:
        raise error.named("ValidationException",
                          "The certificate validity specified exceeds the certificate authority validity", 400)
    if short and last - moment > _SHORT:
        raise error.InvalidArgsException("A certificate authority of the mode SHORT_LIVED_CERTIFICATE issues certificates for "
                                         "seven days at most.")
    return first, last


def _moment(said: Mapping[str, Any], now: datetime) -> datetime:
    kind, value = said["Type"], int(said["Value"])
    try:
        if kind == "ABSOLUTE":
            return datetime.fromtimestamp(value, UTC)
        if kind == "END_DATE":
            return _date(str(value))
        if kind == "DAYS":
            return now + timedelta(days=value)
        return _months(now, value * (12 if kind == "YEARS" else 1))
    except (ValueError, OverflowError) as problem:
        raise error.InvalidArgsException(f"The validity {value} of the type {kind} is not valid.") from problem


def _date(text: str) -> datetime:
    """UTCTime (two digits of the year, from 1950 on) or GeneralizedTime; an integer has lost its leading zeros."""
    if len(text) <= 12:
        text = text.zfill(12)
        text = ("19" if int(text[:2]) >= 50 else "20") + text
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def _months(now: datetime, count: int) -> datetime:
    year, month = divmod(now.year * 12 + now.month - 1 + count, 12)
    return now.replace(year=year, month=month + 1, day=min(now.day, calendar.monthrange(year, month + 1)[1]))
