"""Streams with a KMS key: records lie encrypted under data keys that KMS gives to whoever writes, and opens for whoever reads.

A data key serves a principal for five minutes; until then it is at hand, sealed, and KMS is not asked. What was written before
encryption began, or under another key, stays as it is.

https://docs.aws.amazon.com/streams/latest/dev/what-is-sse.html
https://docs.aws.amazon.com/streams/latest/dev/permissions-user-key-KMS.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

import msgspec

from cumulet.kernel import AwsError, Call, error

from .resources import DataKey, Record, Stream
from .streams import Found

_NONCE = 12
_SERVES = 300.0
_READS = "reads "                      # before the principal of a key that decrypts
_PASSING = 4                           # keys whose time is over that go when one is kept
_ERRORS = {"NotFoundException": "KMSNotFoundException", "DisabledException": "KMSDisabledException",
           "KMSInvalidStateException": "KMSInvalidStateException", "InvalidKeyUsageException": "KMSInvalidStateException",
           "ThrottlingException": "KMSThrottlingException"}


class Wrapping(msgspec.Struct, array_like=True):
    """What is beside a sealed record: the data key as only KMS can open it, and the nonce."""

    key: bytes
    nonce: bytes


def check_key(call: Call, key: str) -> None:
    """Raises when a key is none that a stream can be encrypted with."""
    told = _asked(lambda: call.aws.kms.describe_key(KeyId=key))["KeyMetadata"]
    if told["KeyState"] == "Disabled":
        raise error.KMSDisabledException(f"{told['Arn']} is disabled.")
    if told["KeyState"] != "Enabled":
        raise error.KMSInvalidStateException(f"{told['Arn']} is in state {told['KeyState']}.")
    if told["KeySpec"] != "SYMMETRIC_DEFAULT" or told["KeyUsage"] != "ENCRYPT_DECRYPT":
        raise error.InvalidArgumentException(f"{told['Arn']} is not a symmetric encryption key.")


def key_of(stream: Stream) -> str | None:
    """The key that new records are encrypted with."""
    return stream.encryption["KeyId"] if stream.encryption else None


def seal(found: Found, records: Sequence[Record]) -> None:
    """Encrypt records before they are written down, where the stream has a key."""
    key = key_of(found.stream)
    if key is None:
        return
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    call, arn = found.call, found.call.arn(found.stream)
    secret, wrapped = _key_of_writer(found, key, arn)
    cipher = AESGCM(secret)
    for record in records:
        nonce = bytes.fromhex(call.token(2 * _NONCE))
        record.data = cipher.encrypt(nonce, record.data, arn.encode())
        record.sealed = msgspec.msgpack.encode(Wrapping(wrapped, nonce))


def open_all(found: Found, records: Sequence[Record]) -> None:
    """Decrypt what is sealed of these, as far as KMS lets this reader have it."""
    if not any(record.sealed is not None for record in records):
        return
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    arn = found.call.arn(found.stream)
    ciphers: dict[bytes, AESGCM] = {}
    for record in records:
        if record.sealed is not None:
            wrapping = msgspec.msgpack.decode(record.sealed, type=Wrapping)
            cipher = ciphers.get(wrapping.key)
            if cipher is None:
                cipher = ciphers[wrapping.key] = AESGCM(_key_of_reader(found, wrapping.key, arn))
            record.data = cipher.decrypt(wrapping.nonce, record.data, arn.encode())


def forget(call: Call, stream: Stream) -> None:
    """The stream has another key, or none, or is gone: data keys at hand are not used any more."""
    call.table(DataKey).delete_all(stream.Name)


def _key_of_writer(found: Found, key: str, arn: str) -> tuple[bytes, bytes]:
    """A data key to encrypt with, plain and wrapped; a new one when the principal's last has served its time."""
    call, stream = found
    table = call.table(DataKey)
    writer = f"{stream.Name} {call.principal.arn}"
    last = table.find("writer", writer)
    if last is not None and last.until > call.now:
        return call.unseal(last.secret, last.wrapped), last.wrapped
    made = _asked(lambda: call.aws.kms.generate_data_key(KeyId=key, KeySpec="AES_256", EncryptionContext=_context(arn)))
    secret, wrapped = made["Plaintext"], made["CiphertextBlob"]
    if last is not None:
        table.delete(stream.Name, last.principal, last.digest)
    _keep(found, wrapped, secret, writer, "")
    return secret, wrapped


def _key_of_reader(found: Found, wrapped: bytes, arn: str) -> bytes:
    """A data key to decrypt with. Who may only write has none at hand for it."""
    call, stream = found
    reader = f"{_READS}{call.principal.arn}"
    row = call.table(DataKey).get(stream.Name, reader, _digest(wrapped))
    if row is not None and row.until > call.now:
        return call.unseal(row.secret, row.wrapped)
    told = _asked(lambda: call.aws.kms.decrypt(CiphertextBlob=wrapped, EncryptionContext=_context(arn)))
    secret: bytes = told["Plaintext"]
    _keep(found, wrapped, secret, None, _READS)
    return secret


def _context(arn: str) -> dict[str, str]:
    return {"aws:kinesis:arn": arn}


def _keep(found: Found, wrapped: bytes, secret: bytes, writer: str | None, role: str) -> None:
    """At hand for five minutes."""
    call, stream = found
    table = call.table(DataKey)
    for old in table.scan(index="until", high=call.now, limit=_PASSING):
        table.delete(old.stream, old.principal, old.digest)
    table.put(DataKey(stream=stream.Name, principal=role + call.principal.arn, digest=_digest(wrapped), writer=writer,
                      wrapped=wrapped, secret=call.seal(secret, wrapped), until=call.now + _SERVES))


def _digest(wrapped: bytes) -> bytes:
    return sha256(wrapped).digest()


def _asked(work: Callable[[], Any]) -> Any:
    """KMS's refusals, as Kinesis passes them on."""
    try:
        return work()
    except AwsError as problem:
        code = _ERRORS.get(problem.code, "KMSAccessDeniedException")
        raise error.named(code, problem.message) from None
