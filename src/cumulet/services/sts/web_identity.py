"""Tokens of OpenID Connect providers: read, and believed when a key of their issuer signed them. No wire, no tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cumulet.kernel import AwsError, error, principals

_ALGORITHMS = ["RS256", "RS384", "RS512", "ES256", "ES384", "ES512"]
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_TAGS, _SOURCE_IDENTITY = "https://aws.amazon.com/tags", "https://aws.amazon.com/source_identity"


class Token(NamedTuple):
    """What a token says, believed or not."""

    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @property
    def issuer(self) -> str:
        return str(self.claims.get("iss", "")).rstrip("/")

    @property
    def provider(self) -> str:
        """The issuer as IAM's providers are called: without its scheme."""
        return self.issuer.partition("://")[2]

    @property
    def subject(self) -> str:
        return str(self.claims.get("sub", ""))

    @property
    def audiences(self) -> list[str]:
        given = self.claims.get("aud")
        return [str(a) for a in given] if isinstance(given, list) else [str(given)] if given else []


def read(token: str) -> Token:
    """A token's parts; raises when it is none, or says too little."""
    try:
        found = Token(*principals.jwt.parts(token))
    except ValueError:
        raise invalid("The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
                      ) from None
    if not (found.issuer and found.subject and found.audiences and "exp" in found.claims and "iat" in found.claims):
        raise invalid("Missing a required claim: iss, sub, aud, exp and iat are needed")
    scheme, host = _place(found.issuer)
    if not host or (scheme != "https" and not (scheme == "http" and host in _LOOPBACK)):
        raise invalid("Issuer must be a valid URL")
    return found


def _place(url: str) -> tuple[str, str]:
    """Scheme and host; nothing of what is no URL."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", ""
    return parts.scheme, parts.hostname or ""


def keys_address(issuer: str, discovery: bytes) -> str:
    """Where the issuer's keys are, as its discovery document says."""
    try:
        said = json.loads(discovery)
        address, named = str(said["jwks_uri"]), str(said["issuer"])
    except (ValueError, KeyError, TypeError, RecursionError):
        raise unreachable() from None
    scheme, host = _place(address)
    if named.rstrip("/") != issuer or not host or (scheme != "https" and host not in _LOOPBACK):
        raise unreachable()
    return address


def verify(token: str, read: Token, keys: bytes, now: float) -> None:
    """Raise unless one of the issuer's keys signed it and it holds now. now: by the wall, as the issuer counts."""
    from joserfc import jws
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    if read.header.get("alg") not in _ALGORITHMS:
        raise invalid("The ID Token provided is signed by an algorithm that is not supported")
    try:
        listed = [k for k in json.loads(keys)["keys"] if k.get("kty") in ("RSA", "EC") and k.get("use", "sig") == "sig"]
        known = [k for k in listed if read.header.get("kid") in (None, k.get("kid"))]
        if not known or (len(known) > 1 and "kid" not in read.header):
            raise unreachable()
        jws.deserialize_compact(token, KeySet.import_key_set({"keys": known[:1]}).keys[0], algorithms=_ALGORITHMS)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise invalid("The ID Token's signature is not its issuer's") from None
    _check_time(read.claims, now)


def _check_time(claims: Mapping[str, Any], now: float) -> None:
    try:
        expires, begins = float(claims["exp"]), float(claims.get("nbf", claims["iat"]))
    except (TypeError, ValueError):
        raise invalid("exp, iat and nbf must be numbers") from None
    if expires <= now:
        raise error.ExpiredTokenException(
            f"Token expired: current date/time {int(now)} must be before the expiration date/time {int(expires)}")
    if begins > now + 300:
        raise invalid("The ID Token provided is not valid yet")


def conditions(read: Token, audience: str) -> dict[str, list[str]]:
    """The keys that trust policies ask: `<provider>:aud`, `:sub`, `:amr` …"""
    found = {"aud": [audience], "sub": [read.subject]}
    for name in ("amr", "azp", "email", "oaud"):
        value = read.claims.get(name)
        if isinstance(value, (str, list)) and value:
            found[name] = [str(v) for v in value] if isinstance(value, list) else [value]
    return {f"{read.provider}:{name}": value for name, value in found.items()}


def session_tags(read: Token) -> tuple[dict[str, str], tuple[str, ...], str]:
    """The tags that the token gives, which of them are transitive, and the source identity."""
    said = read.claims.get(_TAGS)
    said = said if isinstance(said, dict) else {}
    given = said.get("principal_tags")
    tags = {str(k): str(v[0] if isinstance(v, list) and v else v) for k, v in given.items()} if isinstance(given, dict) else {}
    transitive = tuple(str(k) for k in said.get("transitive_tag_keys") or ())
    if set(transitive) - set(tags):
        raise invalid("A transitive tag key is not among the tags of the token")
    return tags, transitive, str(read.claims.get(_SOURCE_IDENTITY) or "")


def invalid(message: str) -> AwsError:
    return error.InvalidIdentityTokenException(message)


def unreachable() -> AwsError:
    return invalid("Couldn't retrieve verification key from your identity provider, please reference"
                   " AssumeRoleWithWebIdentity documentation for requirements")
