"""Sealing: AES-256-GCM under the machine's key, for what must not lie readable in the state (key material, secrets).

A sealed value is a version, the id of its key, a nonce, and the ciphertext with its tag. The key in use is what the state
says (`MachineKey`), read in the same transaction, so that another node's restore of a snapshot is seen at once.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from ..declare import stored
from ..store import keyring
from ..store.keyring import MachineKey, SealingProblem

if TYPE_CHECKING:
    from ..store.contract import Store, Transaction

_VERSION = b"\x01"
_ID_END = 9
_NONCE_END = 21
_LEAST = _NONCE_END + 16
_MOST_KNOWN = 4096


@stored(key=("account", "origin"), scope="global")
class Origin(msgspec.Struct, kw_only=True):
    """An account was loaded from the state of another one, whose number is in the contexts of what was sealed there."""

    account: str
    origin: str


class Sealing:
    """The seal of one open store."""

    def __init__(self, store: Store) -> None:
        self._folder = store.folder
        self._shared = store.blocking            # several nodes: the key is in the state itself
        self._given = keyring.from_environment()
        self._keys = {keyring.id_of(key): key for key in self._given}
        self._ciphers: dict[bytes, Any] = {}
        self._known: dict[bytes, bytes] = {}

    def check(self, tx: Transaction) -> None:
        """At the start: raises when this state is sealed under a key that is not here."""
        row = self._row(tx)
        if row is not None:
            self._find(row)
            keyring.refuse_unreadable(row, self._keys)

    def seal(self, tx: Transaction, plain: bytes, context: bytes) -> bytes:
        """Only who gives the same context reads it again."""
        row = self._row(tx) or self._begin(tx)
        nonce = os.urandom(_NONCE_END - _ID_END)
        return _VERSION + row.id + nonce + bytes(self._cipher(tx, row.id).encrypt(nonce, plain, context))

    def unseal(self, tx: Transaction, sealed: bytes, context: bytes) -> bytes:
        """What was sealed with this context; raises SealingProblem when it is not that."""
        from cryptography.exceptions import InvalidTag

        if len(sealed) < _LEAST or sealed[:1] != _VERSION:
            raise SealingProblem("This is no sealed value.")
        cipher = self._cipher(tx, sealed[1:_ID_END])
        for said in self._contexts(tx, context):
            try:
                return bytes(cipher.decrypt(sealed[_ID_END:_NONCE_END], sealed[_NONCE_END:], said))
            except InvalidTag:
                continue
        raise SealingProblem("A sealed value is damaged, or was sealed for another use.")

    @staticmethod
    def _contexts(tx: Transaction, context: bytes) -> Iterator[bytes]:
        """A context as it is said here, and as it was where the account's state came from."""
        yield context
        seen = {context}
        ahead = [context]
        origins = tx.table(Origin, "", "").scan()
        while ahead:
            said = ahead.pop()
            for row in origins:
                earlier = said.replace(row.account.encode(), row.origin.encode())
                if earlier not in seen:
                    seen.add(earlier)
                    ahead.append(earlier)
                    yield earlier

    def known(self, tx: Transaction, sealed: bytes, context: bytes) -> bytes:
        """As unseal, for what is read on each call: the latest are remembered."""
        plain = self._known.get(sealed)
        if plain is None:
            plain = self.unseal(tx, sealed, context)
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[sealed] = plain
        return plain

    # --- keys ---

    @staticmethod
    def _row(tx: Transaction) -> MachineKey | None:
        return tx.table(MachineKey, "", "").get("current")

    def _begin(self, tx: Transaction) -> MachineKey:
        """The first secret of a state: take the key that is there, or make one. The file is durable before the row is."""
        keys = self._given or ([] if self._shared else keyring.read(self._folder))
        key = keys[0] if keys else os.urandom(keyring.SIZE)
        kept = None
        if not keys and self._shared:
            kept = key
        elif not keys:
            keyring.write(self._folder, [key])
        self._keys[keyring.id_of(key)] = key
        return tx.table(MachineKey, "", "").put(MachineKey(keyring.id_of(key), kept))

    def _cipher(self, tx: Transaction, id: bytes) -> Any:
        cipher = self._ciphers.get(id)
        if cipher is None:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM

            if id not in self._keys:
                self._find(self._row(tx), tx.table(MachineKey, "", "").scan())
            if id not in self._keys:
                keyring.refuse_unreadable(MachineKey(id), self._keys)
            cipher = self._ciphers[id] = AESGCM(self._keys[id])
        return cipher

    def adopt(self, tx: Transaction, folder: str) -> None:
        """Know the keys of a snapshot from which an account comes."""
        keys = [key for key in keyring.read(folder) if keyring.id_of(key) not in self._keys]
        if keys and self._shared:
            for key in keys:
                tx.table(MachineKey, "", "").put(MachineKey(keyring.id_of(key), key, keyring.id_of(key).hex()))
        elif keys:
            keyring.copy(folder, self._folder)
        self._keys.update((keyring.id_of(key), key) for key in keys)

    def _find(self, row: MachineKey | None, more: Sequence[MachineKey] = ()) -> None:
        """Know the keys of the state: they may have come with a snapshot."""
        found = [] if self._shared else keyring.read(self._folder)
        found += [one.key for one in (row, *more) if one is not None and one.key is not None]
        self._keys.update((keyring.id_of(key), key) for key in found)
