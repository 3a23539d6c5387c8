"""What services keep encrypted under their users' KMS keys: each thing lies with the data key that it is encrypted with, which
only KMS can open.

A data key serves a principal for some minutes. Until then it is at hand, sealed, and KMS is not asked: as AWS's services do, so
that a key that is disabled, or a permission that is taken away, shows after that time.

https://docs.aws.amazon.com/kms/latest/developerguide/kms-cryptography.html#enveloping
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import msgspec

from ..declare import stored
from ..errors import AwsError

if TYPE_CHECKING:
    from ..call import Call

_NONCE = 12
_WRITES, _READS = "w", "r"
_PASSING = 4                           # keys whose time is over that go when one is kept


@stored(key=("about", "use", "principal", "digest"), indexes={"until": ("until",)})
class DataKey(msgspec.Struct):
    """A data key at hand. about: the ARN of what it encrypts.  use: writing or reading.  digest: of `wrapped`, the key as KMS
    opens it; secret: the key, sealed.  key: the KMS key that was asked to make it."""

    about: str
    use: str
    principal: str
    digest: bytes
    key: str
    wrapped: bytes
    secret: bytes
    until: float


class Sealed(msgspec.Struct, array_like=True):
    """Something as it lies. about: what it was encrypted for, an ARN.  key: its data key, as KMS opens it."""

    about: str
    key: bytes
    nonce: bytes
    data: bytes


class Envelopes:
    """Seals and opens for one caller, or for a service that does it itself.

    context: the name in KMS's encryption context under which it is told what a key is about.
    seconds: how long a data key serves.
    refused: makes the service's own error of KMS's.
    proven: whoever gets a new data key must also be allowed to open it.
    """

    def __init__(self, call: Call, context: str, seconds: float, refused: Callable[[AwsError], AwsError], proven: bool,
                 as_service: bool) -> None:
        self._call = call
        self._context = context
        self._seconds = seconds
        self._refused = refused
        self._proven = proven
        self._as_service = as_service
        self._principal = "" if as_service else call.principal.arn
        self._opened: dict[bytes, bytes] = {}        # wrapped → secret
        self._written: dict[str, tuple[bytes, bytes]] = {}       # what it is about → secret, wrapped

    def seal(self, about: str, key: str, plain: bytes) -> bytes:
        """Something as it may be written down, under a KMS key."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        secret, wrapped = self._to_write(about, key)
        nonce = bytes.fromhex(self._call.token(2 * _NONCE))
        return msgspec.msgpack.encode(Sealed(about, wrapped, nonce, AESGCM(secret).encrypt(nonce, plain, about.encode())))

    def check(self, about: str, key: str) -> None:
        """Raises where `seal` would."""
        self._to_write(about, key)

    def open(self, written: bytes) -> bytes:
        """What `seal` was given, if KMS lets this reader have it."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        sealed = msgspec.msgpack.decode(written, type=Sealed)
        return AESGCM(self._to_read(sealed)).decrypt(sealed.nonce, sealed.data, sealed.about.encode())

    # --- data keys ---

    def _to_write(self, about: str, key: str) -> tuple[bytes, bytes]:
        """A data key, plain and wrapped; a new one when the principal's last has served its time."""
        found = self._written.get(about)
        if found is None:
            found = self._written[about] = self._at_hand(about, key) or self._made(about, key)
        return found

    def _at_hand(self, about: str, key: str) -> tuple[bytes, bytes] | None:
        for row in self._call.table(DataKey).scan(about, _WRITES, self._principal, limit=1):
            if row.until > self._call.now and row.key == key:
                return self._call.unseal(row.secret, row.wrapped), row.wrapped
        return None

    def _made(self, about: str, key: str) -> tuple[bytes, bytes]:
        made = self._asked(lambda kms: kms.generate_data_key(
            KeyId=key, KeySpec="AES_256", EncryptionContext={self._context: about}), about)
        secret, wrapped = made["Plaintext"], made["CiphertextBlob"]
        self._call.table(DataKey).delete_all(about, _WRITES, self._principal)
        self._keep(about, _WRITES, wrapped, secret, key)
        if self._proven:
            self._keep(about, _READS, wrapped, self._unwrapped(about, wrapped), key)
        return secret, wrapped

    def _to_read(self, sealed: Sealed) -> bytes:
        secret = self._opened.get(sealed.key)
        if secret is None:
            row = self._call.table(DataKey).get(sealed.about, _READS, self._principal, sha256(sealed.key).digest())
            if row is not None and row.until > self._call.now:
                secret = self._call.unseal(row.secret, row.wrapped)
            else:
                secret = self._unwrapped(sealed.about, sealed.key)
                self._keep(sealed.about, _READS, sealed.key, secret, "")
            self._opened[sealed.key] = secret
        return secret

    def _unwrapped(self, about: str, wrapped: bytes) -> bytes:
        told = self._asked(lambda kms: kms.decrypt(CiphertextBlob=wrapped, EncryptionContext={self._context: about}), about)
        secret: bytes = told["Plaintext"]
        return secret

    def _keep(self, about: str, use: str, wrapped: bytes, secret: bytes, key: str) -> None:
        table, now = self._call.table(DataKey), self._call.now
        for old in table.scan(index="until", high=now, limit=_PASSING):
            table.delete(old.about, old.use, old.principal, old.digest)
        table.put(DataKey(about, use, self._principal, sha256(wrapped).digest(), key, wrapped,
                          self._call.seal(secret, wrapped), now + self._seconds))

    def _asked(self, ask: Callable[[Any], Any], about: str) -> Any:
        peers = self._call.as_service(about) if self._as_service else self._call.aws
        try:
            return ask(peers.kms)
        except AwsError as problem:
            raise self._refused(problem) from None
