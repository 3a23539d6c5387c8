"""Which policies count for a principal: of the user, of groups, of the role; its boundary, its session, its organization's."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from . import managed
from .contract import Principal
from .engine import Named, Sets
from .organization import RCP, SCP, control_policies
from .policy import Policy, compiled
from .tables import Attachment, InlinePolicy, ManagedPolicy, Membership, Role, User

if TYPE_CHECKING:
    from ..store.contract import Transaction

_ALL = compiled('{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}')
_NOTHING = Policy(())


def sets_of(tx: Transaction, principal: Principal) -> Sets:
    """The caller's side: all but what guards the resource."""
    return Sets(own_policies(tx, principal), boundary_of(tx, principal), session_of(principal),
                scps=service_controls(tx, principal))


def own_policies(tx: Transaction, principal: Principal) -> tuple[Named, ...]:
    """Identity policies. (A federated user has those of the one who made the session.)"""
    if principal.kind in ("anonymous", "service", "root"):
        return ()
    entity = principal.id.partition(":")[0]
    if principal.kind == "federated":
        if principal.subject.endswith(":root"):
            return (Named("the account's root", _ALL),)
        row = tx.table(User, principal.account, "").known(principal.subject.rpartition("/")[2])
        entity = row.UserId if row else ""
    return _remembered(tx, principal.account, entity, principal.kind != "role")


_KINDS = (Attachment, InlinePolicy, ManagedPolicy, Membership)
_MOST = 2_000                # entities whose policies are kept together
# The answer is always the same object until something is written to the table: its identity is the table's version.
_VERSION = "SELECT 1 FROM {table} WHERE scope = {scope} LIMIT 1"


def _remembered(tx: Transaction, account: str, entity: str, grouped: bool) -> tuple[Named, ...]:
    """The policies of an entity; put together once, as long as nobody writes to the tables that they are in."""
    if tx.store.blocking:
        return tuple(_of_entity(tx, account, entity, grouped))
    memory = tx.store.memory.setdefault("policies", {})
    versions = [tx.table(kind, account, "").known_sql(_VERSION) for kind in _KINDS]
    known = memory.get((account, entity))
    if known is not None and all(was is now for was, now in zip(known[0], versions, strict=True)):
        return known[1]  # type: ignore[no-any-return]
    found = tuple(_of_entity(tx, account, entity, grouped))
    if len(memory) >= _MOST:
        memory.clear()
    memory[account, entity] = (versions, found)
    return found


# What is asked on every call: kept by the store as long as nothing is written there.
_GROUPS = 'SELECT "group" FROM {table} WHERE scope = {scope} AND "user" = ? ORDER BY "group"'
_INLINE = 'SELECT "name", "document" FROM {table} WHERE scope = {scope} AND "entity" = ? ORDER BY "name"'
_ATTACHED = 'SELECT "policy" FROM {table} WHERE scope = {scope} AND "entity" = ? ORDER BY "policy"'


def _of_entity(tx: Transaction, account: str, entity: str, grouped: bool) -> Iterable[Named]:
    inlines, attachments = tx.table(InlinePolicy, account, ""), tx.table(Attachment, account, "")
    entities = [entity]
    if grouped:
        entities += [group for (group,) in tx.table(Membership, account, "").known_sql(_GROUPS, entity)]
    for one in entities:
        for name, text in inlines.known_sql(_INLINE, one):
            yield Named(f"inline policy {name}", compiled(text))
        for (policy,) in attachments.known_sql(_ATTACHED, one):
            if (text := document_of(tx, policy)) is not None:
                yield Named(f"policy {policy}", compiled(text))


def document_of(tx: Transaction, arn: str) -> str | None:
    """The text of a managed policy's default version."""
    account = account_of(arn)
    if not account:
        return managed.document(arn)
    row = tx.table(ManagedPolicy, account, "").known(arn)
    return row.PolicyDocument if row else None


@lru_cache(4096)
def account_of(arn: str) -> str:
    """The account that an ARN names; "" when it names none (AWS's own policies)."""
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and len(parts[4]) == 12 and parts[4].isdigit() else ""


def boundary_of(tx: Transaction, principal: Principal) -> tuple[Named, ...] | None:
    """The boundary of the user or role (also behind a federated session); None when there is none."""
    if principal.kind not in ("user", "role", "federated"):
        return None
    row = entity_of(tx, principal)
    if row is None or not row.PermissionsBoundary:
        return None
    text = document_of(tx, row.PermissionsBoundary)
    return (Named("permissions boundary", compiled(text)),) if text else ()


def entity_of(tx: Transaction, principal: Principal) -> Any:
    """The row of the user or role whose policies count; None for others, and when it is gone. A session knows its user by the
    name of then."""
    kind: Any = Role if principal.kind == "role" else User
    if principal.kind not in ("user", "role", "federated") or principal.subject.endswith(":root"):
        return None
    table = tx.table(kind, principal.account, "")
    row = table.known(principal.subject.rpartition("/")[2])
    if principal.kind == "user" and (row is None or row.UserId != principal.id):
        return table.find("id", principal.id)
    return row


def tags_of(tx: Transaction, principal: Principal) -> dict[str, str]:
    """Of the user or role, and of the session above them."""
    row = entity_of(tx, principal) if principal.kind in ("user", "role") else None
    return (row.tags if row is not None else {}) | dict(principal.tags)


def session_of(principal: Principal) -> tuple[Named, ...] | None:
    """Policies of the session. A federated session without any is allowed nothing by its user's."""
    if principal.session_policies:
        return tuple(Named("session policy", compiled(text)) for text in principal.session_policies)
    return () if principal.kind == "federated" else None


def guards(policies: Iterable[tuple[str, str]]) -> tuple[Named, ...]:
    """Policies of a resource, which its service may have stored without IAM's checks."""
    return tuple(Named(origin, _lenient(text)) for origin, text in policies)


@lru_cache(4096)
def denies(text: str) -> bool:
    """Does a policy of a resource deny anything? (Without that it cannot keep out who needs no allowance.)"""
    return any(not statement.allows for statement in _lenient(text).statements)


def _lenient(text: str) -> Policy:
    """A text that is no policy allows nobody."""
    try:
        return compiled(text)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return _NOTHING


Levels = tuple[tuple[Named, ...], ...]


def service_controls(tx: Transaction, principal: Principal) -> Levels:
    """SCPs over the caller; services and the roles that are linked to them are free of them."""
    if principal.kind in ("anonymous", "service") or ":role/aws-service-role/" in principal.subject:
        return ()
    levels = control_policies(tx, principal.account, SCP)
    return tuple(guards(level) for level in levels) if levels else ()


def resource_controls(tx: Transaction, principal: Principal, owner: str) -> Levels:
    """RCPs over the resource's account."""
    if not owner or ":role/aws-service-role/" in principal.subject:
        return ()
    levels = control_policies(tx, owner, RCP)
    return tuple(guards(level) for level in levels) if levels else ()
