"""Trusted services, delegated administrators, and the organization's resource policy."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation, principals

from .. import names, shown, standing, tree
from ..delegation import READING, WRITING, listed, statements
from ..resources import Account, DelegatedAdministrator, Organization, ResourcePolicy, ServiceAccess
from ..standing import constraint, invalid
from ..tagging import tagged


def _all_features(call: Call) -> Organization:
    within = standing.manager(call)
    if within.features != "ALL":
        raise constraint("ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", "You must enable all features for this operation.")
    return within


def _principal(name: str) -> str:
    if not name.endswith((".amazonaws.com", ".amazonaws.com.cn")):
        raise invalid("UNRECOGNIZED_SERVICE_PRINCIPAL", "You specified an unrecognized service principal.")
    return name


@operation(name="EnableAWSServiceAccess")
def enable_aws_service_access(call: Call, ServicePrincipal: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_EnableAWSServiceAccess.html"""
    within = _all_features(call)
    if call.table(ServiceAccess).get(within.id, _principal(ServicePrincipal)) is None:
        call.put(ServiceAccess(organization=within.id, service=ServicePrincipal, account=within.account, enabled=call.now))


@operation(name="DisableAWSServiceAccess")
def disable_aws_service_access(call: Call, ServicePrincipal: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DisableAWSServiceAccess.html"""
    within = standing.manager(call)
    if call.table(DelegatedAdministrator).scan(within.id, _principal(ServicePrincipal), index="service", limit=1):
        raise constraint("DELEGATED_ADMINISTRATOR_EXISTS_FOR_THIS_SERVICE",
                         "You attempted to disable service access while a delegated administrator is registered for it.")
    call.table(ServiceAccess).delete(within.id, ServicePrincipal)


@operation(name="ListAWSServiceAccessForOrganization")
def list_aws_service_access_for_organization(call: Call, page: Page[Any] = Page(20)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAWSServiceAccessForOrganization.html"""
    within = standing.reader(call)
    rows = call.table(ServiceAccess).scan(within.id, after=page.after, limit=page.limit + 1)
    return {"EnabledServicePrincipals": [{"ServicePrincipal": row.service, "DateEnabled": row.enabled}
                                         for row in page.cut(rows, lambda row: row.service)]}


# --- delegated administrators -------------------------------------------------------------------------------------------


@operation
def register_delegated_administrator(call: Call, AccountId: str, ServicePrincipal: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_RegisterDelegatedAdministrator.html"""
    within = _all_features(call)
    row = tree.account(call, within, AccountId)
    if AccountId == within.account:
        raise constraint("CANNOT_REGISTER_MASTER_AS_DELEGATED_ADMINISTRATOR",
                         "You attempted to register the management account as a delegated administrator.")
    if row.state != "ACTIVE":
        raise constraint("CANNOT_REGISTER_SUSPENDED_ACCOUNT_AS_DELEGATED_ADMINISTRATOR",
                         "You attempted to register a suspended account as a delegated administrator.")
    if call.table(ServiceAccess).get(within.id, _principal(ServicePrincipal)) is None:
        raise constraint("SERVICE_ACCESS_NOT_ENABLED",
                         "You attempted to register a delegated administrator before you enabled service access.")
    if call.table(DelegatedAdministrator).get(within.id, AccountId, ServicePrincipal) is not None:
        raise error.AccountAlreadyRegisteredException(
            "The specified account is already a delegated administrator for this AWS service.")
    call.put(DelegatedAdministrator(organization=within.id, member=AccountId, service=ServicePrincipal,
                                    account=within.account, enabled=call.now))


@operation
def deregister_delegated_administrator(call: Call, AccountId: str, ServicePrincipal: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeregisterDelegatedAdministrator.html"""
    within = standing.manager(call)
    tree.account(call, within, AccountId)
    if not call.table(DelegatedAdministrator).delete(within.id, AccountId, ServicePrincipal):
        raise not_registered()


def not_registered() -> Exception:
    return error.AccountNotRegisteredException(
        "The provided account is not a registered delegated administrator for your organization.")


@operation
def list_delegated_administrators(call: Call, ServicePrincipal: str | None = None,
                                  page: Page[Any] = Page(20)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListDelegatedAdministrators.html"""
    within = standing.reader(call)
    first: dict[str, DelegatedAdministrator] = {}
    for row in call.table(DelegatedAdministrator).scan(within.id):
        if ServicePrincipal in (None, row.service) and (page.after is None or row.member > page.after):
            known = first.setdefault(row.member, row)
            first[row.member] = min(known, row, key=lambda one: one.enabled)
    rows = page.cut(list(first.values()), lambda row: row.member)
    return {"DelegatedAdministrators": [_administrator(call, within, row) for row in rows]}


def _administrator(call: Call, within: Organization, row: DelegatedAdministrator) -> dict[str, Any]:
    account = call.table(Account).get(row.member)
    assert account is not None
    told = shown.account(call, within, account)
    del told["Paths"]
    return {**told, "DelegationEnabledDate": row.enabled}


@operation
def list_delegated_services_for_account(call: Call, AccountId: str, page: Page[Any] = Page(20)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListDelegatedServicesForAccount.html"""
    within = standing.reader(call)
    tree.account(call, within, AccountId)
    rows = call.table(DelegatedAdministrator).scan(within.id, AccountId, after=page.after, limit=page.limit + 1)
    if not rows and page.after is None:
        raise not_registered()
    return {"DelegatedServices": [{"ServicePrincipal": row.service, "DelegationEnabledDate": row.enabled}
                                  for row in page.cut(rows, lambda row: row.service)]}


# --- the resource policy ------------------------------------------------------------------------------------------------


@operation
def put_resource_policy(call: Call, Content: str, Tags: list[dict[str, str]] = []) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_PutResourcePolicy.html"""
    within = _all_features(call)
    _check(Content)
    row = call.table(ResourcePolicy).get(within.id)
    if row is None:
        row = ResourcePolicy(organization=within.id, id=names.new(call, "rp-", 8), account=within.account, content=Content,
                             tags=tagged({}, Tags))
    elif Tags:
        raise constraint("TAG_POLICY_VIOLATION", "You can give tags to a resource policy only when you create it.")
    row.content = Content
    return {"ResourcePolicy": _policy(call.put(row))}


def _check(content: str) -> None:
    """A policy of statements that name members, and operations that can be delegated."""
    try:
        document = principals.check_resource_policy(content)
    except principals.MalformedPolicy:
        document = {}
    found = statements(content) if document else []
    if not found or document.keys() - {"Version", "Id", "Statement"} or not all(
            s.get("Resource") or s.get("NotResource") for s in found):
        raise invalid("INVALID_RESOURCE_POLICY_JSON", "The provided resource policy is not valid.")
    for one in found:
        principal = one.get("Principal")
        if "NotPrincipal" in one or not (principal == "*" or (isinstance(principal, dict) and set(principal) == {"AWS"})):
            raise invalid("INVALID_PRINCIPAL", "The provided resource policy names an invalid principal.")
        for action in listed(one.get("Action")) or [""]:
            name = str(action).partition(":")[2]
            if not str(action).startswith("organizations:") or ("*" not in name and name not in READING | WRITING):
                raise invalid("UNSUPPORTED_ACTION_IN_RESOURCE_POLICY",
                              "The provided resource policy contains an action that cannot be delegated.")


@operation
def describe_resource_policy(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeResourcePolicy.html"""
    return {"ResourcePolicy": _policy(_existing(call, standing.reader(call)))}


@operation
def delete_resource_policy(call: Call) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DeleteResourcePolicy.html"""
    within = standing.manager(call)
    _existing(call, within)
    call.table(ResourcePolicy).delete(within.id)


def _existing(call: Call, within: Organization) -> ResourcePolicy:
    row = call.table(ResourcePolicy).get(within.id)
    if row is None:
        raise error.ResourcePolicyNotFoundException("We can't find a resource policy in your organization.")
    return row


def _policy(row: ResourcePolicy) -> dict[str, Any]:
    return {"ResourcePolicySummary": {"Id": row.id, "Arn": names.resource_policy_arn(row)}, "Content": row.content}
