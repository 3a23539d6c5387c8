"""Queues with a KMS key: bodies lie encrypted under data keys that KMS gives to whoever sends, and opens for whoever receives.

A data key serves a principal for the queue's reuse period; until then it is at hand, sealed, and KMS is not asked.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-server-side-encryption.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import msgspec

from cumulet.kernel import AwsError, Call, error

from .resources import DataKey, Message, Queue

_NONCE = 12
_PASSING = 4                           # keys whose time is over that go when one is kept
_ERRORS = {"NotFoundException": "KmsNotFound", "DisabledException": "KmsDisabled",
           "KMSInvalidStateException": "KmsInvalidState", "InvalidKeyUsageException": "KmsInvalidKeyUsage"}


class Sealed(msgspec.Struct, array_like=True):
    """A body as it lies: the queue that it was sent to, the data key as only KMS can open it, nonce and ciphertext."""

    queue: str
    key: bytes
    nonce: bytes
    data: bytes


def seal(call: Call, queue: Queue, body: str) -> bytes:
    """A body as it may be written down."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    arn = call.arn(queue)
    secret, wrapped = _key_of_sender(call, queue, arn)
    nonce = bytes.fromhex(call.token(2 * _NONCE))
    return msgspec.msgpack.encode(Sealed(arn, wrapped, nonce, AESGCM(secret).encrypt(nonce, body.encode(), arn.encode())))


def check(call: Call, queue: Queue) -> None:
    """Raises when this caller can send nothing to the queue, for KMS gives it no key."""
    if queue.KmsMasterKeyId is not None:
        _key_of_sender(call, queue, call.arn(queue))


def opened(call: Call, queue: Queue, message: Message) -> str:
    """The body of a message, as far as KMS lets this receiver have it."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    sealed = msgspec.msgpack.decode(message.sealed or b"", type=Sealed)
    secret = _key_of_receiver(call, queue, sealed)
    return AESGCM(secret).decrypt(sealed.nonce, sealed.data, sealed.queue.encode()).decode()


def forget(call: Call, queue: Queue) -> None:
    """The queue has another key, or none: data keys at hand are not used any more."""
    call.table(DataKey).delete_all(queue.number)


def _key_of_sender(call: Call, queue: Queue, arn: str) -> tuple[bytes, bytes]:
    """A data key to encrypt with, plain and wrapped; a new one when the principal's last has served its time."""
    table = call.table(DataKey)
    sender = f"{queue.number} {call.principal.arn}"
    last = table.find("sender", sender)
    if last is not None and last.until > call.now:
        return call.unseal(last.secret, last.wrapped), last.wrapped
    kms, context = call.aws.kms, {"aws:sqs:arn": arn}
    made = _asked(lambda: kms.generate_data_key(KeyId=queue.KmsMasterKeyId, KeySpec="AES_256", EncryptionContext=context))
    wrapped: bytes = made["CiphertextBlob"]
    secret = _unwrapped(call, wrapped, arn)          # AWS proves a new key in this way, so that senders need both permissions
    if last is not None:
        table.delete(queue.number, last.principal, last.digest)
    _keep(call, queue, wrapped, secret, sender)
    return secret, wrapped


def _key_of_receiver(call: Call, queue: Queue, sealed: Sealed) -> bytes:
    row = call.table(DataKey).get(queue.number, call.principal.arn, _digest(sealed.key))
    if row is not None and row.until > call.now:
        return call.unseal(row.secret, row.wrapped)
    secret = _unwrapped(call, sealed.key, sealed.queue)
    _keep(call, queue, sealed.key, secret, row.sender if row is not None else None)
    return secret


def _unwrapped(call: Call, wrapped: bytes, arn: str) -> bytes:
    told = _asked(lambda: call.aws.kms.decrypt(CiphertextBlob=wrapped, EncryptionContext={"aws:sqs:arn": arn}))
    secret: bytes = told["Plaintext"]
    return secret


def _keep(call: Call, queue: Queue, wrapped: bytes, secret: bytes, sender: str | None) -> None:
    """At hand until the reuse period is over."""
    table = call.table(DataKey)
    for old in table.scan(index="until", high=call.now, limit=_PASSING):
        table.delete(old.queue, old.principal, old.digest)
    table.put(DataKey(queue=queue.number, principal=call.principal.arn, digest=_digest(wrapped), sender=sender, wrapped=wrapped,
                      secret=call.seal(secret, wrapped), until=call.now + queue.KmsDataKeyReusePeriodSeconds))


def _digest(wrapped: bytes) -> bytes:
    return sha256(wrapped).digest()


def _asked(work: Callable[[], Any]) -> Any:
    """KMS's refusals, as SQS passes them on."""
    try:
        return work()
    except AwsError as problem:
        code = _ERRORS.get(problem.code, "KmsAccessDenied")
        raise error.named(code, f"{problem.message} (Service: AWSKMS; Error Code: {problem.code})") from None
