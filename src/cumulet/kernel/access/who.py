"""Whom a Principal element means: how directly a statement of a resource's own policy names the caller.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from .contract import Principal
from .policy import Statement

# How directly. The account: its identity policies must allow as well. The entity: a role whose session calls, or the user
# behind a federated session; boundaries and session policies limit that. Itself: the user, the session, a service, everyone.
NOBODY, ACCOUNT, ENTITY, ITSELF = range(4)


def grade(statement: Statement, principal: Principal, bounded: bool = False) -> int:
    """How directly the statement means this principal. bounded: it has a permissions boundary; a denial to all but some always
    means such a one, as AWS warns (access_policies_boundaries.html)."""
    if not statement.not_principal:
        return max([_named(principal, kind, name) for kind, name in statement.principals], default=NOBODY)
    if statement.allows:
        listed = any(_named(principal, kind, name) for kind, name in statement.principals)
    else:
        listed = not bounded and _excepted(statement, principal)
    return NOBODY if listed else ITSELF


def _named(principal: Principal, kind: str, name: str) -> int:
    if kind == "*" or (kind == "AWS" and name == "*"):
        return ITSELF
    if kind == "Service":
        return ITSELF if principal.kind == "service" and principal.arn == name else NOBODY
    if kind == "Federated":
        return ITSELF if principal.kind == "federated" and principal.arn == name else NOBODY
    if kind != "AWS" or principal.kind in ("anonymous", "service"):
        return NOBODY
    if name == principal.arn or (principal.kind == "user" and name == principal.id):
        return ITSELF
    if name == principal.account or name.endswith(f":iam::{principal.account}:root"):
        return ITSELF if principal.kind == "root" else ACCOUNT
    return ENTITY if name in (principal.subject, principal.id.partition(":")[0]) else NOBODY


def _excepted(statement: Statement, principal: Principal) -> bool:
    """A denial to all but some: whoever is excepted is so with its account, and a session with its role."""
    names = {name for kind, name in statement.principals if kind in ("AWS", "*")}
    if "*" in names:
        return True
    if principal.kind in ("service", "anonymous"):
        return ("Service", principal.arn) in statement.principals
    account = any(n == principal.account or n.endswith(f":iam::{principal.account}:root") for n in names)
    if principal.kind == "root":
        return account
    entity = principal.subject in names or principal.id.partition(":")[0] in names
    return account and (entity or (principal.kind == "federated" and principal.arn in names))
