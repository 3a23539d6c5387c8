"""When users and roles last used which action: noted off the hot path, at most once in a quarter of an hour each.

Fed by the recorder, so that a call is answered before anything is written; what a dead process had not noted yet is noted at
the next use. Attempts count as well as successes, as AWS counts them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from ..declare import stored
from ..record.recorder import Entry
from .actions import action_of
from .tables import Role, User

if TYPE_CHECKING:
    from ..cloud import Cloud
    from ..store.contract import Transaction

EVERY = 900.0                    # seconds between two notes of one entity's one action
_REMEMBERED = 20_000


@stored(key=("entity", "service", "action"), scope="account")
class Use(msgspec.Struct, kw_only=True):
    """entity: the unique id of a user or role; service: the prefix of its actions in policies."""

    entity: str
    service: str
    action: str
    at: float
    region: str


class LastUse:
    """Notes uses as the recorder tells of calls."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._noted: dict[tuple[str, str, str], float] = {}

    def told(self, entries: Sequence[Entry]) -> None:
        """A hook of the recorder's."""
        due = [entry for entry in entries if self._is_due(entry)]
        if due:
            self._cloud.store.transact(lambda tx: _note(tx, due), lambda _, problem: self._done(due, problem))

    def _is_due(self, entry: Entry) -> bool:
        if ":user/" not in entry.principal and ":assumed-role/" not in entry.principal:
            return False
        key = (entry.principal, entry.service, entry.operation)
        if abs(entry.at - self._noted.get(key, -EVERY)) < EVERY:
            return False
        if len(self._noted) >= _REMEMBERED:
            self._noted.clear()
        self._noted[key] = entry.at
        return True

    def _done(self, due: Sequence[Entry], problem: BaseException | None) -> None:
        """What could not be written is due again."""
        if problem is not None:
            for entry in due:
                self._noted.pop((entry.principal, entry.service, entry.operation), None)


def _note(tx: Transaction, due: Sequence[Entry]) -> None:
    for entry in due:
        account, kind, path = _parts(entry.principal)
        if kind == "user":
            user = tx.table(User, account, "").get(path.rpartition("/")[2])
            entity = user.UserId if user else ""
        else:
            role = tx.table(Role, account, "").get(path.partition("/")[0])
            entity = role.RoleId if role else ""
        if entity:
            service, _, action = action_of(entry.service, entry.operation).partition(":")
            tx.table(Use, account, "").put(Use(entity=entity, service=service, action=action, at=entry.at,
                                               region=entry.region))


def _parts(arn: str) -> tuple[str, str, str]:
    """Account, kind and the rest of a user's or session's ARN."""
    parts = arn.split(":", 5)
    kind, _, rest = parts[5].partition("/")
    return parts[4], kind, rest
