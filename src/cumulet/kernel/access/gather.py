"""Which policies count for a principal: of the user, of groups, of the role; its boundary, its session, its organization's."""

from __future__ import annotations

from collections.abc import Iterable
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
        row = tx.table(User, principal.account, "").get(principal.subject.rpartition("/")[2])
        entity = row.UserId if row else ""
    return tuple(_of_entity(tx, principal.account, entity, principal.kind != "role"))


def _of_entity(tx: Transaction, account: str, entity: str, grouped: bool) -> Iterable[Named]:
    entities = [entity]
    if grouped:
        entities += [m.group for m in tx.table(Membership, account, "").scan(entity)]
    for one in entities:
        for inline in tx.table(InlinePolicy, account, "").scan(one):
            yield Named(f"inline policy {inline.name}", compiled(inline.document))
        for attached in tx.table(Attachment, account, "").scan(one):
            if (text := document_of(tx, attached.policy)) is not None:
                yield Named(f"policy {attached.policy}", compiled(text))


def document_of(tx: Transaction, arn: str) -> str | None:
    """The text of a managed policy's default version."""
    account = account_of(arn)
    if not account:
        return managed.document(arn)
    row = tx.table(ManagedPolicy, account, "").get(arn)
    return row.PolicyDocument if row else None


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
    """The row of the user or role whose policies count; None for others, and when it is gone."""
    kind = Role if principal.kind == "role" else User
    if principal.kind not in ("user", "role", "federated") or principal.subject.endswith(":root"):
        return None
    return tx.table(kind, principal.account, "").get(principal.subject.rpartition("/")[2])


def session_of(principal: Principal) -> tuple[Named, ...] | None:
    """Policies of the session. A federated session without any is allowed nothing by its user's."""
    if principal.session_policies:
        return tuple(Named("session policy", compiled(text)) for text in principal.session_policies)
    return () if principal.kind == "federated" else None


def guards(policies: Iterable[tuple[str, str]]) -> tuple[Named, ...]:
    """Policies of a resource, which its service may have stored without IAM's checks."""
    return tuple(Named(origin, _lenient(text)) for origin, text in policies)


def _lenient(text: str) -> Policy:
    """A text that is no policy allows nobody."""
    try:
        return compiled(text)
    except (ValueError, KeyError, TypeError, AttributeError):
        return _NOTHING


Levels = tuple[tuple[Named, ...], ...]


def service_controls(tx: Transaction, principal: Principal) -> Levels:
    """SCPs over the caller; services and the roles that are linked to them are free of them."""
    if principal.kind in ("anonymous", "service") or ":role/aws-service-role/" in principal.subject:
        return ()
    return tuple(guards(level) for level in control_policies(tx, principal.account, SCP))


def resource_controls(tx: Transaction, principal: Principal, owner: str) -> Levels:
    """RCPs over the resource's account."""
    if not owner or ":role/aws-service-role/" in principal.subject:
        return ()
    return tuple(guards(level) for level in control_policies(tx, owner, RCP))
