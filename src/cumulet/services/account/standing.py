"""Whose account is asked about: one's own, or a member's of the organization that one manages."""

from __future__ import annotations

from cumulet.kernel import AwsError, Call, error, organization

_SERVICE = "account.amazonaws.com"


def account(call: Call, id: str | None) -> Call:
    """The call as seen from the account that it is about."""
    if id is None:
        return call
    place = organization.organization_of(call.tx, call.account)
    if place is None or not _manages(call, place):
        raise denied(call)
    if id == place.management:
        raise denied(call, " (The management account can only be managed using the standalone context from the management"
                     " account.)")
    theirs = organization.organization_of(call.tx, id)
    if theirs is None or theirs.id != place.id:
        raise denied(call)
    return call.elsewhere(account=id)


def _manages(call: Call, place: organization.Place) -> bool:
    """The management account, or the administrator to whom it gave Account Management; once that is trusted."""
    whole = call.table(organization.Organization).get(place.id)
    trusted = call.table(organization.ServiceAccess).get(place.id, _SERVICE)
    if whole is None or whole.features != "ALL" or trusted is None:
        return False
    return call.account == place.management or \
        call.table(organization.DelegatedAdministrator).get(place.id, call.account, _SERVICE) is not None


def denied(call: Call, why: str = "") -> AwsError:
    return error.AccessDeniedException(
        f"User: {call.principal.arn} is not authorized to perform: account:{call.operation}{why}", 403)
