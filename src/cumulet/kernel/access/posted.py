"""Who signed a text: the policies of S3's POST forms are signed as strings, not as requests."""

from __future__ import annotations

import hmac
from base64 import b64encode
from typing import TYPE_CHECKING

from . import credentials, faults, sigv4
from .contract import Identity

if TYPE_CHECKING:
    from ..cloud import Cloud
    from ..store.contract import Transaction


def signer(cloud: Cloud, tx: Transaction, credential: str, token: str, text: str, signature: str) -> Identity:
    """The caller by `x-amz-credential` (version 4) or a bare key (version 2). Raises S3's refusals."""
    scope = sigv4.scope_of(credential)
    if scope is None and "/" in credential:
        raise faults.bad_query("Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting"
                               ' "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".')
    key, region = (scope.key, scope.region) if scope is not None else (credential, "")
    found = credentials.find(cloud, tx, key, token, "s3", "s3", region)
    if found.secret:
        ours = sigv4.signature(found.secret, scope, text) if scope is not None else \
            b64encode(hmac.digest(found.secret.encode(), text.encode(), "sha1")).decode()
        if not hmac.compare_digest(ours.encode(), signature.encode()):
            raise faults.mismatch("s3", key, signature, text, "")
    return Identity(found.principal, region)
