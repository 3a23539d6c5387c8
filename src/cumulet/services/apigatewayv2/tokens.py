"""JSON Web Tokens: believed when a key that their issuer publishes signed them. No wire, no tables.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cumulet.kernel import principals

_ALGORITHMS = ["RS256", "RS384", "RS512"]


class Refused(Exception):
    """The token is not good. status: 401, or 403 for one that may not do this."""

    def __init__(self, why: str, status: int = 401) -> None:
        super().__init__(why)
        self.status = status


class Token(NamedTuple):
    """A token's parts, believed or not."""

    text: str
    header: Mapping[str, Any]
    claims: Mapping[str, Any]

    @property
    def scopes(self) -> list[str]:
        given = self.claims.get("scope", self.claims.get("scp"))
        return [str(one) for one in given] if isinstance(given, list) else str(given).split() if given else []


def read(text: str) -> Token:
    """Its parts; raises when it is no token."""
    if text[:7].lower() == "bearer ":
        text = text[7:].strip()
    try:
        return Token(text, *principals.jwt.parts(text))
    except ValueError:
        raise Refused("unable to decode the token") from None


def knows(keys: bytes, token: Token) -> bool:
    """Is the key that signed it, by its id, among these?"""
    try:
        return any(key.get("kid") == token.header.get("kid") for key in json.loads(keys)["keys"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


def check(token: Token, keys: bytes, issuer: str, audiences: Sequence[str], scopes: Sequence[str], now: float) -> None:
    """Raise unless it is signed, of this issuer, for one of these audiences, holds now, and has one of these scopes."""
    from joserfc import jws
    from joserfc.errors import JoseError
    from joserfc.jwk import KeySet

    if token.header.get("alg") not in _ALGORITHMS:
        raise Refused("the signing method is invalid")
    try:
        named = [key for key in json.loads(keys)["keys"] if key.get("kid") == token.header.get("kid")]
        if not named:
            raise Refused("signature is invalid")
        jws.deserialize_compact(token.text, KeySet.import_key_set({"keys": named[:1]}).keys[0], algorithms=_ALGORITHMS)
    except (JoseError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Refused("signature is invalid") from None
    if str(token.claims.get("iss")).rstrip("/") != issuer.rstrip("/"):
        raise Refused("invalid issuer")
    given = token.claims.get("aud", token.claims.get("client_id"))
    if not set(given if isinstance(given, list) else [given]) & set(audiences):
        raise Refused("invalid audience")
    _check_time(token.claims, now)
    if scopes and not set(scopes) & set(token.scopes):
        raise Refused("insufficient scope", 403)


def _check_time(claims: Mapping[str, Any], now: float) -> None:
    try:
        if float(claims["exp"]) <= now:
            raise Refused("the token has expired")
        if float(claims.get("nbf", 0)) > now or float(claims.get("iat", 0)) > now:
            raise Refused("the token is not valid yet")
    except (KeyError, TypeError, ValueError):
        raise Refused("exp, nbf and iat must be numbers") from None


def keys_address(discovery: bytes | None) -> str:
    """Where an issuer's keys are, as its discovery document says; "" when it says nothing."""
    try:
        return str(json.loads(discovery or b"")["jwks_uri"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""


def told(token: Token) -> dict[str, Any]:
    """Claims and scopes as integrations get them: every claim as text."""
    return {"claims": {name: _text(value) for name, value in token.claims.items()}, "scopes": token.scopes or None}


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "[" + " ".join(map(_text, value)) + "]"
    return value if isinstance(value, str) else json.dumps(value)
