"""Member accounts: made, told, moved, removed, closed."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import names, shown, standing, tree
from ..background import close, make_account
from ..resources import Account, CreateAccountRequest, DelegatedAdministrator, Organization
from ..standing import constraint
from ..tagging import tagged

Tags = list[dict[str, str]]
_DAY = 86_400.0
_WAIT = 4 * _DAY
_LEAST_CLOSED, _MOST_CLOSED = 10, 1000


@operation(accepts=("IamUserAccessToBilling",))
def create_account(call: Call, Email: str, AccountName: str, RoleName: str = "OrganizationAccountAccessRole",
                   Tags: Tags = []) -> dict[str, Any]:
    """The account is made by a task. There are no bills here, so who may see them changes nothing.

    https://docs.aws.amazon.com/organizations/latest/APIReference/API_CreateAccount.html
    """
    within = standing.manager(call)
    if call.table(Account).count(within.id, index="organization") >= tree.MOST_ACCOUNTS:
        raise constraint("ACCOUNT_NUMBER_LIMIT_EXCEEDED", "You have exceeded the allowed number of AWS accounts.")
    row = CreateAccountRequest(id=names.new(call, "car-", 32), organization=within.id, account=call.account, name=AccountName,
                               email=Email, role=RoleName, requested=call.now, tags=tagged({}, Tags))
    call.put(row)
    call.task(make_account, request=row.id)
    return {"CreateAccountStatus": shown.creation(row)}


@operation
def describe_create_account_status(call: Call, CreateAccountRequestId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeCreateAccountStatus.html"""
    within = standing.reader(call)
    row = call.table(CreateAccountRequest).get(CreateAccountRequestId)
    if row is None or row.organization != within.id:
        raise error.CreateAccountStatusNotFoundException(
            "We can't find an create account request with the CreateAccountRequestId that you specified.")
    return {"CreateAccountStatus": shown.creation(row)}


@operation
def list_create_account_status(call: Call, States: list[str] = [], page: Page[Any] = Page(20)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListCreateAccountStatus.html"""
    within = standing.reader(call)
    rows = [row for row in call.table(CreateAccountRequest).scan(within.id, index="list", after=page.after)
            if not States or row.state in States]
    return {"CreateAccountStatuses": [shown.creation(row) for row in page.cut(rows, lambda row: row.id)]}


@operation
def describe_account(call: Call, AccountId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_DescribeAccount.html"""
    within = standing.reader(call)
    return {"Account": shown.account(call, within, tree.account(call, within, AccountId))}


@operation
def list_accounts(call: Call, page: Page[Account] = Page(20)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccounts.html"""
    within = standing.reader(call)
    rows = call.table(Account).scan(within.id, index="organization", after=page.after, limit=page.limit + 1)
    return {"Accounts": [shown.account(call, within, row) for row in page.cut(rows, lambda row: row.account)]}


@operation
def list_accounts_for_parent(call: Call, ParentId: str, page: Page[Account] = Page(20)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_ListAccountsForParent.html"""
    within = standing.reader(call)
    tree.parent(call, within, ParentId)
    rows = call.table(Account).scan(ParentId, index="parent", after=page.after, limit=page.limit + 1)
    return {"Accounts": [shown.account(call, within, row) for row in page.cut(rows, lambda row: row.account)]}


@operation
def move_account(call: Call, AccountId: str, SourceParentId: str, DestinationParentId: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_MoveAccount.html"""
    within = standing.manager(call)
    row = tree.account(call, within, AccountId)
    tree.parent(call, within, SourceParentId, "SourceParentNotFoundException")
    tree.parent(call, within, DestinationParentId, "DestinationParentNotFoundException")
    if row.parent != SourceParentId:
        raise error.SourceParentNotFoundException("You specified a source parent that doesn't hold the account.")
    if row.parent == DestinationParentId:
        raise error.DuplicateAccountException("That account is already present in the specified destination.")
    row.parent = DestinationParentId
    call.put(row)


@operation
def remove_account_from_organization(call: Call, AccountId: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_RemoveAccountFromOrganization.html"""
    within = standing.manager(call)
    _leave(call, within, tree.account(call, within, AccountId))


@operation
def leave_organization(call: Call) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_LeaveOrganization.html"""
    within = standing.member(call)
    standing.touch(call, within)
    _leave(call, within, tree.account(call, within, call.account))


def _leave(call: Call, within: Organization, row: Account) -> None:
    if row.account == within.account:
        raise error.MasterCannotLeaveOrganizationException(
            "You can't remove a management account from an organization. If you want the management account to become a member"
            " account in another organization, you must first delete the current organization of the management account.")
    if call.table(DelegatedAdministrator).scan(within.id, row.account, limit=1):
        raise constraint("CANNOT_REMOVE_DELEGATED_ADMINISTRATOR_FROM_ORG", "You attempted to remove an account from the"
                         " organization that is a delegated administrator for a service integrated with Organizations.")
    if row.method == "CREATED" and call.now < row.created + _WAIT:
        raise constraint("WAIT_PERIOD_ACTIVE", "You must wait until at least four days after the account was created before"
                         " you can remove it from its organization.")
    tree.part(call, row)


@operation
def close_account(call: Call, AccountId: str) -> None:
    """https://docs.aws.amazon.com/organizations/latest/APIReference/API_CloseAccount.html"""
    within = standing.manager(call)
    if within.features != "ALL":
        raise constraint("ORGANIZATION_NOT_IN_ALL_FEATURES_MODE", "You must enable all features to close an account.")
    if AccountId == within.account:
        raise constraint("CANNOT_CLOSE_MANAGEMENT_ACCOUNT", "You attempted to close the management account.")
    row = tree.account(call, within, AccountId)
    if row.state == "SUSPENDED":
        raise error.AccountAlreadyClosedException("You attempted to close an account that is already closed.")
    if row.state == "PENDING_CLOSURE":
        raise error.ConflictException("The account is being closed.")
    members = list(call.table(Account).iterate(within.id, index="organization"))
    recent = sum(1 for one in members if one.closed and one.closed > call.now - 30 * _DAY)
    if recent >= max(_LEAST_CLOSED, min(_MOST_CLOSED, len(members) // 10)):
        raise constraint("CLOSE_ACCOUNT_QUOTA_EXCEEDED", "You have exceeded close account quota for the past 30 days.")
    row.state, row.closed = "PENDING_CLOSURE", call.now
    call.put(row)
    call.task(close, member=row.account)
