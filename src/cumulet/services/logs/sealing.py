"""Blocks of groups that have a KMS key: encrypted under a data key that only KMS can give back."""

from __future__ import annotations

from hashlib import sha256

from cumulet.kernel import AwsError, Call, error

from .names import invalid
from .resources import Block, DataKey, LargeObject, LogGroup

_NONCE = 12


def renew(call: Call, group: LogGroup) -> None:
    """A new data key under the group's KMS key, for what comes from now on."""
    arn = call.arn(group)
    try:
        made = call.as_service(arn).kms.generate_data_key(KeyId=group.KmsKeyId, KeySpec="AES_256",
                                                          EncryptionContext={"aws:logs:arn": arn})
    except AwsError as problem:
        raise invalid("The specified KMS key does not exist or is not allowed to be used with LogGroup "
                      f"'{arn}'") from problem
    row = call.table(DataKey).insert(DataKey(group=group.number, arn=arn, sealed=made["CiphertextBlob"]))
    group.data_key = row.id


class Keys:
    """The data keys that one call needs, each asked of KMS once."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._plain: dict[int, bytes] = {}

    def _key(self, number: int) -> bytes:
        if number not in self._plain:
            row = self._call.table(DataKey).get(number)
            if row is None:
                raise error.ResourceNotFoundException("The data key of these events is gone.")
            try:
                told = self._call.as_service(row.arn).kms.decrypt(CiphertextBlob=row.sealed,
                                                                  EncryptionContext={"aws:logs:arn": row.arn})
            except AwsError as problem:
                raise error.AccessDeniedException(f"The events are encrypted, and their key cannot be used: {problem.message}",
                                                  status=400) from problem
            self._plain[number] = told["Plaintext"]
        return self._plain[number]

    def seal(self, data: bytes, number: int, base: int) -> bytes:
        """A block's bytes under a data key. The nonce follows from what is sealed: never one for two."""
        if not number:
            return data
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        key = self._key(number)
        nonce = sha256(key + base.to_bytes(8, "big") + data).digest()[:_NONCE]
        return nonce + AESGCM(key).encrypt(nonce, data, None)

    def open(self, block: Block | LargeObject) -> bytes:
        """The bytes of a block, or of an object, in the clear."""
        if not block.key:
            return block.data
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        return AESGCM(self._key(block.key)).decrypt(block.data[:_NONCE], block.data[_NONCE:], None)
