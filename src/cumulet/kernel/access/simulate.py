"""Decisions without a call: what a principal might do. IAM's simulator and `explain` ask here; `engine` decides.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_testing-policies.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from . import catalogue, gather
from .context import Context
from .contract import Endpoint, Guard, Principal, root_of
from .engine import Named, Outcome, Question, Sets, evaluate
from .examine import Finding, examine
from .gather import account_of
from .patterns import Lookup
from .tables import Role, User

if TYPE_CHECKING:
    from ..call import Call

Documents = Sequence[tuple[str, str]]


class Simulated(NamedTuple):
    """decision: "allowed", "explicitDeny" or "implicitDeny", by which kind of policy ("identity", "scp", "boundary" …).

    matched: the statements that led there.  missing: condition keys that statements asked for and nobody gave.
    """

    decision: str
    kind: str
    matched: tuple[Finding, ...]
    missing: tuple[str, ...]


def simulate(call: Call, principal: Principal, policies: Documents | None, boundary: Documents | None, action: str,
             resource: str = "*", resource_policy: str = "", context: Mapping[str, list[str]] | None = None,
             owner: str = "") -> Simulated:
    """What would be decided.

    policies: the identity policies as (name, text); None: those that the principal has.  boundary: as policies; None: the
    principal's own, if any; an empty list: none counts.  context: condition keys and their values, above those that are known
    of the principal.  owner: the account of the resource, if its ARN does not say it.
    """
    sets = sets_of(call, principal, policies, boundary)
    owner = owner or account_of(resource) or principal.account
    if resource_policy:
        sets = sets._replace(guards=gather.guards([("resource policy", resource_policy)]))
    if action.partition(":")[0] in catalogue.under_resource_control():
        sets = sets._replace(rcps=gather.resource_controls(call.tx, principal, owner))
    asked = _Asked(known_of(call, principal, action, resource, Guard(owner)), context or {})
    question = Question(principal, action, resource, owner, asked)
    return told(question, sets, evaluate(question, sets, []), asked.missing)


def told(question: Question, sets: Sets, outcome: Outcome, missing: Iterable[str] = ()) -> Simulated:
    """An outcome with the statements that led to it."""
    effect = "Allow" if outcome.allowed else "Deny"
    matched = tuple(f for f in examine(question, sets) if f.matched and f.effect == effect)
    decision = "allowed" if outcome.allowed else "explicitDeny" if outcome.explicit else "implicitDeny"
    return Simulated(decision, outcome.kind, matched, tuple(sorted(set(missing))))


def sets_of(call: Call, principal: Principal, policies: Documents | None = None, boundary: Documents | None = None) -> Sets:
    """The caller's side, with other identity policies or another boundary where they are given."""
    found = gather.sets_of(call.tx, principal)
    if policies is not None:
        found = found._replace(identity=_named(policies))
    if boundary is not None:
        found = found._replace(boundary=_named(boundary) or None)
    return found


def _named(documents: Documents) -> tuple[Named, ...]:
    return gather.guards(documents)


def principal_of(call: Call, arn: str) -> Principal | None:
    """The user, role (as a session would be) or root with this ARN; None when there is none."""
    account, (kind, _, name) = account_of(arn), arn.split(":", 5)[-1].partition("/")
    name = name.rpartition("/")[2]
    if kind == "root" and account:
        return root_of(account)
    row: Any = None
    if kind == "user":
        row = call.tx.table(User, account, "").get(name)
        return Principal("user", account, arn, row.UserId, arn, "AKIA") if row is not None else None
    if kind == "role":
        row = call.tx.table(Role, account, "").get(name)
        partition = arn.split(":")[1]
        session = f"arn:{partition}:sts::{account}:assumed-role/{name}/simulated"
        return Principal("role", account, session, f"{row.RoleId}:simulated", arn) if row is not None else None
    return None


def known_of(call: Call, principal: Principal, action: str, resource: str, guard: Guard,
             endpoint: Endpoint | None = None) -> Context:
    """What is known of a principal, a resource and an endpoint without a request."""
    alone = call.elsewhere(principal.account)
    alone.principal, alone.request, alone.source_arn, alone.via = principal, None, "", ()
    known = Context(alone, {}, endpoint)
    known.about(action, resource, guard)
    return known


class _Asked:
    """A lookup that notes which keys nobody gave."""

    def __init__(self, known: Lookup, given: Mapping[str, list[str]]) -> None:
        self._known = known
        self._given = {key.lower(): values for key, values in given.items()}
        self.missing: set[str] = set()

    def __call__(self, key: str) -> list[str] | None:
        found = self._given.get(key.lower())
        if found is None:
            found = self._known(key)
        if found is None:
            self.missing.add(key)
        return found
