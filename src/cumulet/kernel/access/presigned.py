"""Signatures in the query: presigned URLs of version 4 and 4a."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import unquote

from ..errors import AwsError
from ..http.message import Request
from . import faults, sigv4
from .faults import Kind
from .sigv4 import ECDSA, HMAC, Signed

_WEEK = 604_800


def parameters(query: str) -> dict[str, str]:
    """Query parameters, decoded; a plus is a plus."""
    return {unquote(name): unquote(value) for name, _, value in (part.partition("=") for part in query.split("&") if part)}


def read(request: Request, kind: Kind, wall: float) -> Signed | None:
    """What a presigned URL says of its signature; None when the URL is not presigned. Raises when it is badly made or old."""
    if "X-Amz-" not in request.query:
        return None
    given = parameters(request.query)
    algorithm = given.get("X-Amz-Algorithm")
    if algorithm is None:
        return None
    if algorithm not in (HMAC, ECDSA):
        raise _bad(kind, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"")
    wanted = ["X-Amz-Credential", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Signature"]
    if kind == "s3":
        wanted.append("X-Amz-Expires")
    if missing := [name for name in wanted if not given.get(name)]:
        if kind == "s3":
            raise faults.bad_query("Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential,"
                                   " X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")
        raise faults.incomplete(kind, " ".join(f"AWS query-string parameters must include '{name}'." for name in missing))
    scope = sigv4.scope_of(given["X-Amz-Credential"], algorithm)
    if scope is None:
        raise _bad(kind, "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting"
                         ' "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".')
    date = given["X-Amz-Date"]
    seconds = _lifetime(kind, given.get("X-Amz-Expires", "900"))
    _check_time(kind, date, seconds, wall)
    return Signed(algorithm, scope, given["X-Amz-SignedHeaders"], given["X-Amz-Signature"], date,
                  given.get("X-Amz-Security-Token", "") or request.headers.get("x-amz-security-token", ""), True)


def _bad(kind: Kind, message: str) -> AwsError:
    return faults.bad_query(message) if kind == "s3" else faults.incomplete(kind, message)


def _lifetime(kind: Kind, text: str) -> int:
    try:
        seconds = int(text)
    except ValueError:
        raise _bad(kind, "X-Amz-Expires should be a number") from None
    if seconds < 0:
        raise _bad(kind, "X-Amz-Expires must be non-negative")
    if seconds > _WEEK:
        raise _bad(kind, "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less"
                         " than 604800 seconds")
    return seconds


def _check_time(kind: Kind, date: str, seconds: int, wall: float) -> None:
    at = sigv4.moment(date)
    if at is None:
        raise _bad(kind, "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
    if at - wall > 900:
        if kind == "s3":
            raise AwsError("AccessDenied", "Request is not valid yet", 403)
        raise faults.skewed(kind, date, _basic(wall), _basic(wall + 900), early=True)
    if at + seconds < wall:
        if kind == "s3":
            raise faults.url_expired(_iso(at + seconds), _iso(wall), seconds)
        raise faults.skewed(kind, date, _basic(wall), _basic(wall - seconds), early=False)


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _basic(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%SZ")
