"""Signature Version 4: canonical requests, strings to sign, keys. Pure functions; who may is asked elsewhere."""

from __future__ import annotations

import hmac
import re
from calendar import timegm
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

from ..http.message import Request

HMAC = "AWS4-HMAC-SHA256"
ECDSA = "AWS4-ECDSA-P256-SHA256"
EMPTY = sha256(b"").hexdigest()
UNSIGNED = "UNSIGNED-PAYLOAD"
SAFE = "-_.~"
_PLAIN_PATH = re.compile(r"[A-Za-z0-9\-_.~/]*").fullmatch
_BLANKS = re.compile(r"[ \t]+")
_SCOPE = re.compile(r"([^/\s,=]{1,128})/(\d{8})/([^/\s,]+)/([^/\s,]+)/aws4_request").fullmatch
_SCOPE_A = re.compile(r"([^/\s,=]{1,128})/(\d{8})/([^/\s,]+)/aws4_request").fullmatch
_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII).fullmatch


class Scope(NamedTuple):
    """The parts of a credential: `key/day/region/service/aws4_request`. Version 4a has no region there."""

    key: str
    day: str
    region: str
    service: str

    @property
    def text(self) -> str:
        if self.region:
            return f"{self.day}/{self.region}/{self.service}/aws4_request"
        return f"{self.day}/{self.service}/aws4_request"


class Signed(NamedTuple):
    """What a request says of its signature, from the Authorization header or the query."""

    algorithm: str
    scope: Scope
    headers: str                 # "host;x-amz-date"
    signature: str
    date: str                    # "20261121T101500Z"
    token: str = ""
    presigned: bool = False


@lru_cache(4096)
def scope_of(credential: str, algorithm: str = HMAC) -> Scope | None:
    """The parts of a credential; None when it is not one."""
    if algorithm == ECDSA:
        found = _SCOPE_A(credential)
        return Scope(found[1], found[2], "", found[3]) if found else None
    found = _SCOPE(credential)
    return Scope(found[1], found[2], found[3], found[4]) if found else None


@lru_cache(256)
def moment(date: str) -> float | None:
    """Seconds since 1970 of an X-Amz-Date; None when it is not one."""
    found = _DATE(date)
    if found is None:
        return None
    year, month, day, hour, minute, second = map(int, found.groups())
    if not (1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60 and second < 61):
        return None
    return float(timegm((year, month, day, hour, minute, second)))


@lru_cache(4096)
def signing_key(secret: str, day: str, region: str, service: str) -> bytes:
    """The key of a day, a region and a service."""
    key = ("AWS4" + secret).encode()
    for part in (day, region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key


def signature(secret: str, scope: Scope, to_sign: str) -> str:
    """The signature that this secret gives."""
    key = signing_key(secret, scope.day, scope.region, scope.service)
    return hmac.digest(key, to_sign.encode(), "sha256").hex()


def string_to_sign(algorithm: str, date: str, scope: Scope, canonical: str) -> str:
    return f"{algorithm}\n{date}\n{scope.text}\n{sha256(canonical.encode('latin-1', 'replace')).hexdigest()}"


def canonical_request(request: Request, headers: str, payload: str, once: bool, without: str = "") -> str:
    """The request in its canonical form.

    once: S3's way, the path encoded once and never normalised.  without: the query parameter that is the signature.
    """
    given = request.headers
    names = names_of(headers)
    lines = "".join([f"{name}:{given.get(name, '')}\n" for name in names])
    if "  " in lines or "\t" in lines or " \n" in lines or ": " in lines:
        lines = "".join([f"{name}:{_folded(given.get(name, ''))}\n" for name in names])
    path = canonical_path(request.path, once)
    query = canonical_query(request.query, without) if request.query else ""
    return f"{request.method}\n{path}\n{query}\n{lines}\n{headers}\n{payload}"


@lru_cache(1024)
def names_of(headers: str) -> tuple[str, ...]:
    """The names in `SignedHeaders`."""
    return tuple(headers.split(";"))


def _folded(value: str) -> str:
    return _BLANKS.sub(" ", value.strip(" \t"))          # not split(): bytes of UTF-8 look like other blanks here


def canonical_path(path: str, once: bool) -> str:
    """The path as it is signed."""
    if path == "/" or not path:
        return "/"
    if once:
        return path if _PLAIN_PATH(path) else "/".join(map(_encoded, path.split("/")))      # an encoded slash stays one
    return quote(_normal(path).encode("latin-1"), "/" + SAFE)


def _normal(path: str) -> str:
    """Without empty and dotted segments."""
    if "//" not in path and "/." not in path:
        return path
    parts: list[str] = []
    for part in path.split("/"):
        if part == "..":
            if parts:
                parts.pop()
        elif part and part != ".":
            parts.append(part)
    text = "/" + "/".join(parts)
    return text + "/" if path.endswith("/") and parts else text


def canonical_query(query: str, without: str = "") -> str:
    """Parameters in order, each encoded in one way."""
    pairs = []
    for part in query.split("&"):
        if part:
            name, _, value = part.partition("=")
            name = _encoded(name)
            if name != without:
                pairs.append((name, _encoded(value)))
    pairs.sort()
    return "&".join(f"{name}={value}" for name, value in pairs)


def _encoded(text: str) -> str:
    return text if _PLAIN_PATH(text) and "/" not in text else quote(unquote_to_bytes(text.encode("latin-1")), SAFE)
