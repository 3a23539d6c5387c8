"""Which instance a request means, who may ask, and where its rows lie."""

from __future__ import annotations

from typing import NamedTuple

from cumulet.kernel import AwsError, Call, error, organization

from .resources import Instance, PermissionSet


class Place(NamedTuple):
    """call: as seen from the account that owns the instance."""

    instance: Instance
    call: Call

    def set(self, arn: str) -> PermissionSet:
        """A permission set of the instance; raises when there is none."""
        row = self.call.table(PermissionSet).get(arn)
        if row is None or row.instance != self.instance.arn:
            raise missing("PermissionSet", arn)
        return row


def visible(call: Call) -> list[Instance]:
    """The account's own instance, and the organization's for those to whom it is handed over; of all regions."""
    table = call.table(Instance)
    own = table.find("account", call.account)
    found = [own] if own else []
    place = organization.organization_of(call.tx, call.account)
    if place is not None and place.management != call.account and call.table(organization.DelegatedAdministrator).get(
            place.id, call.account, "sso.amazonaws.com") is not None:
        shared = table.find("account", place.management)
        found += [shared] if shared and shared.organization else []
    return sorted(found, key=lambda row: row.arn)


def of(call: Call, arn: str) -> Place:
    """The instance, for an account that sees it."""
    for row in visible(call):
        if row.arn == arn and row.region == call.region:
            return Place(row, call.elsewhere(row.account))
    raise denied(call)


def sets(call: Call, arn: str) -> Place:
    """The instance, which must have permission sets enabled."""
    place = of(call, arn)
    if not place.instance.enabled:
        raise error.ValidationException("Permission sets are not enabled for this instance of IAM Identity Center.")
    return place


def accounts(place: Place) -> list[str]:
    """The accounts in which the instance may assign; one for an instance of an account."""
    if not place.instance.organization:
        return [place.instance.account]
    rows = place.call.table(organization.Account).scan(place.instance.organization, index="organization")
    return [row.account for row in rows if row.state == "ACTIVE"]


def denied(call: Call) -> AwsError:
    return error.AccessDeniedException(f"User: {call.principal.arn} is not authorized to perform: sso:{call.operation}")


def missing(what: str, id: str) -> AwsError:
    return error.ResourceNotFoundException(f"{what} not found: {id}")


def tagged(old: dict[str, str], given: list[dict[str, str]]) -> dict[str, str]:
    """The old tags with the new ones on top."""
    if any(tag["Key"].lower().startswith("aws:") for tag in given):
        raise error.ValidationException("Tag keys that begin with aws: are reserved.")
    found = {**old, **{tag["Key"]: tag["Value"] for tag in given}}
    if len(found) > 50:
        raise error.ServiceQuotaExceededException("A resource has at most 50 tags.")
    return found
