"""Who asks: the management account, a delegated administrator, or any member."""

from __future__ import annotations

from collections.abc import Sequence

from cumulet.kernel import AwsError, Call, error, organization

from . import delegation, names
from .resources import DelegatedAdministrator, Organization, ResourcePolicy


def member(call: Call) -> Organization:
    """The organization of the caller, whoever it is in there."""
    place = organization.organization_of(call.tx, call.account)
    row = call.table(Organization).get(place.id) if place else None
    if row is None:
        raise error.AWSOrganizationsNotInUseException("Your account is not a member of an organization.")
    return row


def reader(call: Call, policy_type: str = "") -> Organization:
    """The organization, for its manager, for delegated administrators of any service, and by its resource policy."""
    row = member(call)
    if row.account == call.account or call.table(DelegatedAdministrator).scan(row.id, call.account, limit=1):
        return row
    return _delegated(call, row, policy_type)


def manager(call: Call) -> Organization:
    """The organization, for its management account alone, which is about to change something."""
    row = member(call)
    if row.account != call.account:
        raise denied()
    touch(call, row)
    return row


def editor(call: Call, policy_type: str = "", *resources: str) -> Organization:
    """The organization, for its manager, or a member to which its resource policy gives this operation on what has these
    ids."""
    row = member(call)
    if row.account != call.account:
        _delegated(call, row, policy_type, [names.arn_of(call, row, id) for id in resources])
    touch(call, row)
    return row


def _delegated(call: Call, row: Organization, policy_type: str, resources: Sequence[str] = ()) -> Organization:
    policy = call.table(ResourcePolicy).get(row.id)
    if policy is None or not delegation.allows(policy.content, f"organizations:{call.operation}", call.principal, policy_type,
                                               resources):
        raise denied()
    return row


def touch(call: Call, row: Organization) -> None:
    """Decisions are made anew: something of the organization changes in this call."""
    row.version = call.uuid()
    organization.changed(call.tx, row.id, row.version)


def denied() -> AwsError:
    return error.AccessDeniedException("You don't have permissions to access this resource.")


def constraint(reason: str, message: str) -> AwsError:
    return error.ConstraintViolationException(message, Reason=reason)


def invalid(reason: str, message: str) -> AwsError:
    return error.InvalidInputException(message, Reason=reason)
