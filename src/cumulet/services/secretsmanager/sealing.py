"""Values at rest: each version under a data key of its own from KMS, bound to its secret and version.

Under a customer's key KMS is asked at each read, with the caller's rights. Under the account's own key
(alias/aws/secretsmanager), which nobody can disable or forbid, the answer is always yes: the data key is kept at hand, sealed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cumulet.kernel import AwsError, Call, error

from .resources import Secret, Version
from .secrets import refused

DEFAULT_KEY = "alias/aws/secretsmanager"
_NONCE = b"\0" * 12                    # a data key seals one value only, so that its nonce may be any


def sealed(call: Call, secret: Secret, version: Version, plain: bytes) -> None:
    """Put a value into a version."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    key_id = secret.KmsKeyId or DEFAULT_KEY
    made = _ask(lambda: _kms(call, key_id).generate_data_key(
        KeyId=key_id, KeySpec="AES_256", EncryptionContext=_context(version)),
        error.EncryptionFailure("Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check "
                                "that the KMS key is available, enabled, and not in an invalid state."))
    version.key_id = key_id
    version.data_key = made["CiphertextBlob"]
    version.at_hand = call.seal(made["Plaintext"], _bound(version)) if key_id == DEFAULT_KEY else b""
    version.sealed = AESGCM(made["Plaintext"]).encrypt(_NONCE, plain, None)


def opened(call: Call, version: Version) -> bytes:
    """The value of a version."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(_data_key(call, version)).decrypt(_NONCE, version.sealed, None)


def _data_key(call: Call, version: Version) -> bytes:
    if version.key_id == DEFAULT_KEY:
        if call.principal.account != call.account and call.principal.kind != "service":
            raise refused("You can't access a secret from a different AWS account if you encrypt the secret with the default "
                          "KMS service key.")
        return call.unseal(version.at_hand, _bound(version))
    made = _ask(lambda: call.aws.kms.decrypt(CiphertextBlob=version.data_key, EncryptionContext=_context(version)),
                error.DecryptionFailure("Secrets Manager can't decrypt the protected secret text using the provided KMS key."))
    return bytes(made["Plaintext"])


def _kms(call: Call, key_id: str) -> Any:
    return call.as_service().kms if key_id == DEFAULT_KEY else call.aws.kms


def _bound(version: Version) -> bytes:
    """What a data key at hand is, and whose."""
    return f"secretsmanager:{version.secret}:{version.id}".encode()


def _context(version: Version) -> dict[str, str]:
    return {"SecretARN": version.secret, "SecretVersionId": version.id}


def _ask(ask: Callable[[], Any], failure: AwsError) -> Any:
    """What KMS answers; its refusals in this service's words."""
    try:
        return ask()
    except AwsError as problem:
        if problem.code == "AccessDeniedException":
            raise error.AccessDeniedException("Access to KMS is not allowed") from None
        if problem.status >= 500:
            raise
        raise failure from None
