"""SecureString values: sealed by KMS with the parameter's ARN as the encryption context.

A standard parameter is encrypted by its key itself; an advanced one, which may be longer than KMS takes, under a data key.
Under a customer's key KMS is asked at each reading, with the caller's rights. Under the account's own key (alias/aws/ssm),
which nobody can disable or forbid, the answer is always yes: the value is kept at hand as well, sealed.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from cumulet.kernel import AwsError, Call, error

from .names import invalid

DEFAULT_KEY = "alias/aws/ssm"
_ENVELOPE = b"\x02"                    # KMS's own ciphertexts begin with 1
_NONCE = b"\0" * 12                    # a data key seals one value only, so that its nonce may be any


def sealed(call: Call, arn: str, key_id: str, tier: str, value: str) -> str:
    """The value as it is kept and told without decryption, base64."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    context = {"PARAMETER_ARN": arn}
    if tier == "Standard":
        made = _ask(lambda: _kms(call, key_id).encrypt(KeyId=key_id, Plaintext=value.encode(), EncryptionContext=context))
        blob = made["CiphertextBlob"]
    else:
        made = _ask(lambda: _kms(call, key_id).generate_data_key(KeyId=key_id, KeySpec="AES_256", EncryptionContext=context))
        key = made["CiphertextBlob"]
        content = AESGCM(made["Plaintext"]).encrypt(_NONCE, value.encode(), arn.encode())
        blob = _ENVELOPE + len(key).to_bytes(2, "big") + key + content
    return base64.b64encode(blob).decode()


def at_hand(call: Call, arn: str, key_id: str, value: str) -> bytes:
    """What is kept of a value for quick reading."""
    return call.seal(value.encode(), arn.encode()) if key_id == DEFAULT_KEY else b""


def opened(call: Call, arn: str, value: str, quick: bytes) -> str:
    """The value as it was given."""
    if quick:
        if call.principal.account != call.account:
            raise invalid("A SecureString parameter that is encrypted with the AWS managed key can't be read by another "
                          "account.")
        return call.unseal(quick, arn.encode()).decode()
    return _by_kms(call, arn, value)


def _by_kms(call: Call, arn: str, value: str) -> str:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    blob, content = base64.b64decode(value), b""
    if blob[:1] == _ENVELOPE:
        end = 3 + int.from_bytes(blob[1:3], "big")
        blob, content = blob[3:end], blob[end:]
    plain = _ask(lambda: call.aws.kms.decrypt(CiphertextBlob=blob, EncryptionContext={"PARAMETER_ARN": arn}))["Plaintext"]
    return (AESGCM(plain).decrypt(_NONCE, content, arn.encode()) if content else plain).decode()


def _kms(call: Call, key_id: str) -> Any:
    return call.as_service().kms if key_id == DEFAULT_KEY else call.aws.kms


def _ask(ask: Callable[[], Any]) -> Any:
    """What KMS answers; that a key is not there, or not usable, is the request's fault."""
    try:
        return ask()
    except AwsError as problem:
        if problem.code == "AccessDeniedException":
            raise error.AccessDeniedException(problem.message) from None
        if problem.status >= 500:
            raise
        raise error.InvalidKeyId(problem.message or problem.code) from None
