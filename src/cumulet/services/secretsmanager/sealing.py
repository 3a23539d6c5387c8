"""Values at rest: sealed before they are kept, opened when they are read, bound to their secret and version."""

from __future__ import annotations

from cumulet.kernel import Call, not_implemented

from .resources import Secret, Version

DEFAULT_KEY = "alias/aws/secretsmanager"


def sealed(call: Call, secret: Secret, version: Version, plain: bytes) -> None:
    """Put a value into a version."""
    if secret.KmsKeyId not in (None, DEFAULT_KEY):
        raise not_implemented("KmsKeyId of a secret")
    version.sealed = call.seal(plain, _context(version))


def opened(call: Call, secret: Secret, version: Version) -> bytes:
    """The value of a version."""
    return call.unseal(version.sealed, _context(version))


def _context(version: Version) -> bytes:
    return f"{version.secret} {version.id}".encode()
