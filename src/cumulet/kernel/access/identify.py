"""Who calls: signatures of version 4 (header and query), 4a, S3's presigned version 2, or nobody.

The signature of a key whose secret is known is verified. A key of an account's id, or one that nobody here made, has no
secret that could be known; its signature must be well formed, and is taken for the root's (`auth="strict"` refuses it).
"""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING

from ..errors import AwsError
from ..http.message import Request
from ..wire.contract import Route
from . import bearer, credentials, faults, presigned, sigv2, sigv4, sigv4a
from .contract import ANONYMOUS, Identity
from .faults import Kind
from .organization import is_blank
from .sigv4 import ECDSA, HMAC, UNSIGNED, Scope, Signed

if TYPE_CHECKING:
    from ..cloud import Cloud
    from ..store.contract import Transaction

SKEW = 900.0
# Services that anybody may ask: their resource policies decide.
_OPEN = frozenset({"s3", "sqs", "sns"})
_HEX = re.compile(r"[0-9a-f]{64}").fullmatch
_PARTS = re.compile(r"\s*(Credential|SignedHeaders|Signature)\s*=\s*([^,\s]*)\s*")
_ANYBODY = Identity(ANONYMOUS)
# What only says how a request is signed; the signature holds it in another place.
_HARMLESS = frozenset({"x-amz-content-sha256", "x-amz-date", "x-amz-security-token"})


def identify(cloud: Cloud, tx: Transaction, request: Request, route: Route) -> Identity:
    """The caller, and the region that was signed. Raises the refusal of the service's kind."""
    op = route.op
    authorization = request.headers.get("authorization")
    if authorization is None:
        if request.query:
            signed = presigned.read(request, faults.kind_of(op.service, op.protocol), cloud.clock.wall())
            if signed is not None:
                return _verified(cloud, tx, request, route, signed)
            if op.service == "s3" and "Signature=" in request.query:
                return sigv2.presigned(cloud, tx, request, route)
        return _anonymous(route)
    head, _, rest = authorization.partition(",")
    scope = _head(head)
    if scope is None or not ("SignedHeaders=" in rest and "Signature=" in rest):
        return _uncommon(cloud, tx, request, route, authorization)
    if len(scope.key) != 20 and cloud.settings.auth == "lenient":
        if op.service == "s3":
            _check_payload(request, "s3", request.headers.get("x-amz-content-sha256", ""))
        found = _lenient(scope.key, scope.region, cloud.settings.account)
        if not is_blank(tx):
            credentials.refuse_closed(tx, found.principal.account, scope.region, scope.key,
                                      faults.kind_of(op.service, op.protocol), cloud.clock.now())
        return found
    names, _, signature = rest.partition(",")
    names, signature = names.strip(), signature.strip()
    date = request.headers.get("x-amz-date")
    if date is None or not (names.startswith("SignedHeaders=") and signature.startswith("Signature=")):
        return _uncommon(cloud, tx, request, route, authorization)
    signed = Signed(HMAC, scope, names[14:], signature[10:], date, _token(request))
    return _verified(cloud, tx, request, route, signed)


def _token(request: Request) -> str:
    """The token of a session; those of S3's directory buckets have a header of their own."""
    headers = request.headers
    return headers.get("x-amz-security-token") or headers.get("x-amz-s3session-token", "")


@lru_cache(4096)
def _head(head: str) -> Scope | None:
    """The scope in `AWS4-HMAC-SHA256 Credential=…`, which clients repeat all day."""
    algorithm, _, credential = head.partition(" ")
    credential = credential.strip()
    if algorithm != HMAC or not credential.startswith("Credential="):
        return None
    return sigv4.scope_of(credential[11:])


@lru_cache(4096)
def _lenient(key: str, region: str, account: str) -> Identity:
    return Identity(credentials.open_key(key, account).principal, region)


def _anonymous(route: Route) -> Identity:
    op = route.op
    if op.unsigned or op.service in _OPEN:
        return _ANYBODY
    raise faults.missing(faults.kind_of(op.service, op.protocol))


def _uncommon(cloud: Cloud, tx: Transaction, request: Request, route: Route, authorization: str) -> Identity:
    """A header that is not of the usual form: another order, another algorithm, or wrong."""
    op = route.op
    kind = faults.kind_of(op.service, op.protocol)
    algorithm = authorization.partition(" ")[0]
    if algorithm in (HMAC, ECDSA):
        return _verified(cloud, tx, request, route, read_header(request, authorization, kind))
    if algorithm == "Bearer" and op.bearer:
        return bearer.identify(cloud, tx, request, route, authorization.partition(" ")[2].strip())
    if kind == "s3":
        if algorithm == "AWS":
            return sigv2.header(cloud, tx, request, route, authorization)
        raise AwsError("InvalidArgument", "Unsupported Authorization Type", 400, ArgumentName="Authorization",
                       ArgumentValue=authorization)
    raise faults.incomplete(kind, "Unsupported AWS 'algorithm': "
                            f"'{algorithm}' (only AWS4-HMAC-SHA256, AWS4-ECDSA-P256-SHA256 for now). {_shown(authorization)}")


def _shown(authorization: str) -> str:
    """The header in an error message: hashed, for it may hold what is nobody's business."""
    digest = sha256(authorization.encode("latin-1", "replace")).hexdigest()
    return f"(Hashed with SHA-256 and encoded with hexadecimal) Authorization={digest}"


def read_header(request: Request, authorization: str, kind: Kind) -> Signed:
    """What the Authorization header says of the signature; raises when it lacks a part."""
    algorithm, _, rest = authorization.partition(" ")
    found = {m[1]: m[2] for m in map(_PARTS.fullmatch, rest.split(",")) if m}
    if missing := [name for name in ("Credential", "Signature", "SignedHeaders") if not found.get(name)]:
        if kind == "s3":
            raise faults.incomplete(kind, "the authorization header requires three components: Credential, SignedHeaders, and"
                                    " Signature.")
        raise faults.incomplete(kind, " ".join(f"Authorization header requires '{name}' parameter." for name in missing)
                                + " " + _shown(authorization))
    date = _date(request, kind, authorization)
    scope = sigv4.scope_of(found["Credential"], algorithm)
    if scope is None:
        if kind == "s3":
            raise faults.incomplete(kind, 'the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/'
                                    'aws4_request".')
        raise faults.incomplete(kind, "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/"
                                f"term, got '{found['Credential']}'")
    return Signed(algorithm, scope, found["SignedHeaders"], found["Signature"], date,
                  _token(request))


def _date(request: Request, kind: Kind, authorization: str) -> str:
    date = request.headers.get("x-amz-date", "")
    if date:
        return date
    try:
        return parsedate_to_datetime(request.headers["date"]).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    except (KeyError, ValueError, OverflowError):
        pass
    if kind == "s3":
        raise AwsError("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header", 403)
    raise faults.incomplete(kind, "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
                            + _shown(authorization))


def _verified(cloud: Cloud, tx: Transaction, request: Request, route: Route, signed: Signed) -> Identity:
    op = route.op
    kind = faults.kind_of(op.service, op.protocol)
    scope = signed.scope
    who = credentials.find(cloud, tx, scope.key, signed.token, kind, scope.service, scope.region)
    payload = _payload(request, kind, signed.presigned)
    if who.secret and payload:
        _verify(cloud.clock.wall(), request, kind, signed, who.secret, payload)
    if kind == "s3":
        _check_payload(request, kind, payload)
    return Identity(who.principal, scope.region or _region_of_set(request))


def _region_of_set(request: Request) -> str:
    """Version 4a signs for a set of regions; one that is named is where we are."""
    said = request.headers.get("x-amz-region-set") or presigned.parameters(request.query).get("X-Amz-Region-Set", "")
    first = said.partition(",")[0].strip()
    return "" if "*" in first else first


def _payload(request: Request, kind: Kind, in_query: bool) -> str:
    """What stands for the body in the canonical request; "" while that is not known: the body must be read first, and then
    we are asked again."""
    said = request.headers.get("x-amz-content-sha256")
    if kind == "s3":
        return said or UNSIGNED
    if request.stream is not None:
        return said or ""
    if said is not None and (said == UNSIGNED or said.startswith("STREAMING-")):
        return said
    return sha256(request.body).hexdigest() if request.body else sigv4.EMPTY


def _check_payload(request: Request, kind: Kind, said: str) -> None:
    """S3 says so when the body is not the one whose hash was signed. (A stream is checked when it has been read.)"""
    if not said or said == UNSIGNED or said.startswith("STREAMING-") or request.stream is not None:
        return
    found = sha256(request.body).hexdigest() if request.body else sigv4.EMPTY
    if said != found:
        if not _HEX(said):
            raise AwsError("InvalidArgument", "x-amz-content-sha256 must be UNSIGNED-PAYLOAD,"
                           " STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD,"
                           " STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER,"
                           " STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a"
                           " valid sha256 value.", 400, ArgumentName="x-amz-content-sha256", ArgumentValue=said)
        raise faults.wrong_payload(kind, said, found)


def _verify(wall: float, request: Request, kind: Kind, signed: Signed, secret: str, payload: str) -> None:
    """Does this secret give this signature, and was it given now?"""
    scope = signed.scope
    if scope.day != signed.date[:8]:
        raise faults.refused(kind, f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP:"
                             f" '{scope.day}' != '{signed.date[:8]}', from '{signed.date}'.")
    if not signed.presigned:
        check_clock(wall, kind, signed.date)
    if "host" not in sigv4.names_of(signed.headers):
        raise faults.refused(kind, "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    canonical = sigv4.canonical_request(request, signed.headers, payload, kind == "s3",
                                        "X-Amz-Signature" if signed.presigned else "")
    to_sign = sigv4.string_to_sign(signed.algorithm, signed.date, scope, canonical)
    if signed.algorithm == ECDSA:
        right = sigv4a.verifies(secret, scope.key, to_sign, signed.signature)
    else:
        right = hmac.compare_digest(sigv4.signature(secret, scope, to_sign).encode(), signed.signature.encode())
    if not right:
        raise faults.mismatch(kind, scope.key, signed.signature, to_sign, canonical)
    if kind == "s3":
        _refuse_added(request, signed.headers)


def _refuse_added(request: Request, signed: str) -> None:
    """Who was given a signed URL may not have S3 do more than was signed (`x-amz-acl: public-read`)."""
    names = sigv4.names_of(signed)
    if added := [name for name in request.headers if name.startswith("x-amz-") and name not in names and name not in _HARMLESS]:
        raise AwsError("AccessDenied", "There were headers present in the request which were not signed", 403,
                       HeadersNotSigned=", ".join(sorted(added)))


def check_clock(wall: float, kind: Kind, date: str) -> None:
    """Signatures are good for fifteen minutes around now, by the wall clock: clients know no other."""
    at = sigv4.moment(date)
    if at is None:
        raise faults.refused(kind, f"Date must be in ISO-8601 'basic format'. Got '{date}'. See"
                             " http://en.wikipedia.org/wiki/ISO_8601")
    if abs(at - wall) > SKEW:
        early = at > wall
        raise faults.skewed(kind, date, stamp(wall), stamp(wall + SKEW if early else wall - SKEW), early)


def stamp(seconds: float) -> str:
    """As X-Amz-Date."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%SZ")
