"""What a decision does: nothing is decided (off), refused calls pass and are noted (audit), or are refused (enforce).

The server has a mode, and accounts and roles may have others: from the settings, or changed while it runs. A role's own mode
is stronger than its account's, that one than the server's. What was changed is kept in one row.
"""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, get_args

import msgspec

from ..declare import stored
from ..settings import IamMode, mode_subject

if TYPE_CHECKING:
    from ..call import Call
    from ..store.contract import Transaction

MODES: tuple[IamMode, ...] = get_args(IamMode)
_ROW = "modes"
_LATEST = "latest change of modes"
_FRESH = 1.0                 # seconds until another node's change is seen


@stored(key=("name",), scope="global")
class ChangedModes(msgspec.Struct):
    """The modes that were set while a server ran, by account or role."""

    name: str
    modes: dict[str, IamMode]


def mode_of(call: Call) -> IamMode:
    """The mode of this call: of its role, its account, or the server."""
    settings = call.cloud.settings
    if not settings.modes and not _changed(call.tx):
        return settings.iam
    principal = call.principal
    return _first(call, principal.subject, principal.account or call.account)


def is_enforced(call: Call, account: str) -> bool:
    """Are decisions enforced in an account, for its own root?"""
    return _first(call, account) == "enforce"


def mode_there(call: Call, owner: str, mode: IamMode) -> IamMode:
    """The mode for what another account owns: the stricter of the caller's and the owner's."""
    if owner in ("", call.principal.account):
        return mode
    return max(mode, _first(call, owner), key=MODES.index)


def all_off(call: Call) -> bool:
    """Does no account and no role enforce or audit anything?"""
    settings = call.cloud.settings
    others = _changed(call.tx)
    if settings.iam == "off" and not others and not settings.modes:
        return True
    return settings.iam == "off" and {*others.values(), *dict(settings.modes).values()} <= {"off"}


def _first(call: Call, *subjects: str) -> IamMode:
    """The mode of the first that has one of its own, or the server's."""
    settings = call.cloud.settings
    changed = _changed(call.tx)
    if changed or settings.modes:
        given = dict(settings.modes)
        for subject in subjects:
            found = changed.get(subject) or given.get(subject)
            if found is not None:
                return found
    return settings.iam


def change(tx: Transaction, subject: str, mode: str | None) -> None:
    """Set the mode of an account or a role; None forgets it. Raises ValueError for what is neither."""
    if mode is not None and mode not in MODES:
        raise ValueError(f"the mode is one of {', '.join(MODES)}")
    found = dict(_read(tx))
    if mode is None:
        found.pop(subject, None)
    else:
        found[mode_subject(subject)] = mode
    tx.table(ChangedModes, "", "").put(ChangedModes(_ROW, found))
    tx.after_commit(lambda: _forget(tx.store.memory))


def _forget(memory: dict[str, Any]) -> None:
    """What transactions read that began before this commit is not to be kept either."""
    memory[_LATEST] = monotonic()
    memory.pop(_ROW, None)


def all_of(tx: Transaction, settings: Any) -> dict[str, IamMode]:
    """Every account and role that has a mode of its own."""
    return dict(settings.modes) | dict(_read(tx))


def _read(tx: Transaction) -> Mapping[str, IamMode]:
    row = tx.table(ChangedModes, "", "").get(_ROW)
    return row.modes if row is not None else {}


def _changed(tx: Transaction) -> Mapping[str, IamMode]:
    store = tx.store
    known: tuple[float, Mapping[str, IamMode]] | None = store.memory.get(_ROW)
    now = monotonic() if store.blocking or known is None else 0.0
    if known is not None and not (store.blocking and now - known[0] > _FRESH):
        return known[1]
    known = (now, _read(tx))
    if not (store.blocking and now - store.memory.get(_LATEST, -_FRESH) <= _FRESH):
        store.memory[_ROW] = known
    return known[1]
