"""Outbound web identity federation: each account's issuer of tokens that other services verify by its published keys.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from ..declare import stored

if TYPE_CHECKING:
    from ..call import Call

ALGORITHMS = ("RS256", "ES384")
PATH = "/_tokens/"


@stored(key=("id",), indexes={"account": ("account",)}, unique=("account",), scope="global")
class TokenIssuer(msgspec.Struct, kw_only=True):
    """An account's issuer. sealed: its private keys; public: what they are verified by, as a JSON Web Key Set. It stays when
    the feature is disabled: tokens that it gave before are good until they end."""

    id: str
    account: str
    sealed: bytes
    public: str
    enabled: bool = True


def of_account(call: Call) -> TokenIssuer | None:
    return call.table(TokenIssuer).find("account", call.account)


def url(call: Call, row: TokenIssuer) -> str:
    """Where its keys are found, as this client reaches us."""
    return f"{call.endpoint}{PATH}{row.id}"


def make_keys() -> tuple[str, str]:
    """New keys, private and public; slow."""
    from joserfc.jwk import ECKey, KeySet, RSAKey

    keys = KeySet([RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256"}),
                   ECKey.generate_key("P-384", {"use": "sig", "alg": "ES384"})])
    for key in keys.keys:
        key.ensure_kid()
    return json.dumps(keys.as_dict(private=True)), json.dumps(keys.as_dict(private=False))


def begin(call: Call) -> TokenIssuer:
    """An account's first issuer."""
    private, public = call.aside(make_keys)
    row = TokenIssuer(id=call.uuid(), account=call.account, sealed=b"", public=public)
    row.sealed = call.seal(private.encode(), _context(row))
    return call.put(row)


def sign(call: Call, row: TokenIssuer, algorithm: str, claims: Mapping[str, Any]) -> str:
    """The claims as a token."""
    from joserfc import jws
    from joserfc.jwk import KeySet

    keys = KeySet.import_key_set(json.loads(call.unseal(row.sealed, _context(row))))
    key = keys.keys[ALGORITHMS.index(algorithm)]
    header = {"alg": algorithm, "typ": "JWT", "kid": key.kid}
    return jws.serialize_compact(header, json.dumps(claims).encode(), key, algorithms=[algorithm])


def discovery(address: str) -> dict[str, Any]:
    """The OpenID Connect discovery document of the issuer at this address."""
    return {"issuer": address, "jwks_uri": f"{address}/.well-known/jwks.json", "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": [*ALGORITHMS],
            "claims_supported": ["aud", "exp", "iat", "iss", "jti", "sub"]}


def _context(row: TokenIssuer) -> bytes:
    return b"token issuer " + row.id.encode()
