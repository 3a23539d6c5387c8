"""Topics with a KMS key: what waits or is archived lies encrypted, under data keys that only KMS can give back.

https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html
"""

from __future__ import annotations

from typing import Any

import msgspec

from cumulet.kernel import AwsError, Call, error

from .resources import Topic

_PLAIN, _SEALED = b"\0", b"\1"
_NONCE = 12
_ERRORS = {"NotFoundException": "KMSNotFoundException", "DisabledException": "KMSDisabledException",
           "KMSInvalidStateException": "KMSInvalidStateException", "ThrottlingException": "KMSThrottlingException"}


class Sealed(msgspec.Struct, array_like=True):
    """Encrypted bytes, with the encrypted key to them."""

    topic: str
    key: bytes
    nonce: bytes
    data: bytes


def check(call: Call, topic: Topic) -> None:
    """The publisher, too, must be allowed to use the topic's key."""
    if topic.KmsMasterKeyId is None:
        return
    try:
        _data_key(call.aws, topic.KmsMasterKeyId, call.arn(topic))
    except AwsError as problem:
        code = _ERRORS.get(problem.code, "KMSAccessDeniedException")
        raise error.named(code, f"{problem.message} (Service: AWSKMS; Error Code: {problem.code})") from None


def seal(call: Call, topic: Topic, plain: bytes) -> bytes:
    """As it may be written down."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if topic.KmsMasterKeyId is None:
        return _PLAIN + plain
    arn = call.arn(topic)
    made = _data_key(call.as_service(arn), topic.KmsMasterKeyId, arn)
    nonce = bytes.fromhex(call.token(2 * _NONCE))
    data = AESGCM(made["Plaintext"]).encrypt(nonce, plain, arn.encode())
    return _SEALED + msgspec.msgpack.encode(Sealed(arn, made["CiphertextBlob"], nonce, data))


def _data_key(peers: Any, key: str, arn: str) -> Any:
    return peers.kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext={"aws:sns:topicArn": arn})


def unseal(call: Call, written: bytes) -> bytes:
    """What `seal` was given. Raises while KMS does not give the key."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    if written[:1] == _PLAIN:
        return written[1:]
    sealed = msgspec.msgpack.decode(written[1:], type=Sealed)
    key = call.as_service(sealed.topic).kms.decrypt(CiphertextBlob=sealed.key,
                                                    EncryptionContext={"aws:sns:topicArn": sealed.topic})["Plaintext"]
    return AESGCM(key).decrypt(sealed.nonce, sealed.data, sealed.topic.encode())
