"""What happens unasked in Access Analyzer: a look at everything when an analyzer is made and once a day, and policies made."""

from __future__ import annotations

from cumulet.kernel import Call, parse_arn, principals, task, timer

from .findings import refresh
from .recommending import steps
from .resources import Analyzer, Finding, Generation, Recommendation

_DAY = 86400.0
_RAREST = 32                  # days between looks at what does not change
_OBSERVED = 90 * _DAY         # how far a generated policy looks back


@timer
def look(call: Call, analyzer: str, quiet: int = 0) -> None:
    """Look, and again tomorrow; after a quiet week ever more rarely: each listing of findings looks as well."""
    row = call.table(Analyzer).get(analyzer)
    if row is not None:
        quiet = 0 if refresh(call, row) else quiet + 1
        days = min(2 ** max(quiet - 7, 0), _RAREST)
        call.at(call.now + days * _DAY, look, name=analyzer, analyzer=analyzer, quiet=quiet)


@task(retries=5)
def generate(call: Call, id: str) -> None:
    """Gather what a user or role did."""
    row = call.table(Generation).get(id)
    if row is None or row.status != "IN_PROGRESS":
        return
    entity = _entity(call, row.principal)
    row.completed = call.now
    if entity is None:
        row.status, row.failure = "FAILED", f"{row.principal} was not found"
    else:
        row.status = "SUCCEEDED"
        row.uses = [(use.service, use.action) for use in call.table(principals.used.Use).scan(entity)
                    if use.at > call.now - _OBSERVED]
    call.put(row)


def _entity(call: Call, arn: str) -> str | None:
    """The unique id of a user or role of this account."""
    parts = parse_arn(arn)
    if parts is None or parts.account != call.account:
        return None
    name = parts.resource.rpartition("/")[2]
    if parts.resource.startswith("user/"):
        user = call.table(principals.User).get(name)
        return user.UserId if user is not None else None
    role = call.table(principals.Role).get(name)
    return role.RoleId if role is not None else None


@task(retries=5)
def recommend(call: Call, analyzer: str, finding: str) -> None:
    """Say what to do about a finding of unused permissions."""
    row = call.table(Recommendation).get(analyzer, finding)
    found = call.table(Finding).get(analyzer, finding)
    if row is None or found is None:
        return
    there = call.elsewhere(found.owner) if found.owner != call.account else call
    entity = _entity(there, found.resource)
    row.steps = steps(there, entity, {service for service, _ in found.services}) if entity is not None else []
    row.completed = call.now
    call.put(row)
