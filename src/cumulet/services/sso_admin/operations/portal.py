"""The access portal's API: what programs ask with somebody's token."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call, Page, Principal, error, operation, organization, principals

from .. import attributes, durations, portal
from ..resources import PermissionSet, PortalToken, Provisioned
from ..standing import Place


def _unknown() -> AwsError:
    return error.UnauthorizedException("Session token not found or invalid")


def _holder(call: Call, token: str) -> tuple[Place, PortalToken, dict[str, Any]]:
    found = portal.holder(call, token)
    if found is None:
        raise _unknown()
    return found


@operation
def list_accounts(call: Call, accessToken: str, page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_ListAccounts.html"""
    place, token, _ = _holder(call, accessToken)
    ids = sorted({right.account for right in portal.rights(place, token.user)})
    rest = [id for id in ids if page.after is None or id > page.after]
    rows = ((id, call.table(organization.Account).get(id)) for id in page.cut(rest, str))
    return {"accountList": [{"accountId": id, "accountName": row.name if row else None,
                             "emailAddress": row.email if row else None} for id, row in rows]}


@operation
def list_account_roles(call: Call, accessToken: str, accountId: str, page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_ListAccountRoles.html"""
    place, token, _ = _holder(call, accessToken)
    names = [right.role for right in portal.rights(place, token.user) if right.account == accountId
             and (page.after is None or right.role > page.after)]
    return {"roleList": [{"roleName": name, "accountId": accountId} for name in page.cut(names, str)]}


@operation
def get_role_credentials(call: Call, roleName: str, accountId: str, accessToken: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_GetRoleCredentials.html"""
    place, token, user = _holder(call, accessToken)
    right = next((one for one in portal.rights(place, token.user) if (one.account, one.role) == (accountId, roleName)), None)
    row = place.call.table(PermissionSet).find("name", place.instance.arn, roleName)
    made = place.call.table(Provisioned).get(row.arn, accountId) if right and row else None
    there = call.elsewhere(accountId)
    role = there.table(principals.Role).get(made.role) if made else None
    if right is None or role is None:
        raise error.named("ForbiddenException", "No access", 403)
    tags = attributes.tags(place.instance.attributes or {}, user)
    begun = _begin(there, role, user["UserName"], tags, durations.seconds(right.duration))
    return {"roleCredentials": {"accessKeyId": begun.id, "secretAccessKey": begun.secret, "sessionToken": begun.token,
                                "expiration": int(begun.expires * 1000)}}


def _begin(call: Call, role: principals.Role, name: str, tags: dict[str, str], seconds: int) -> principals.handing.Handed:
    """A session of the role, named as its user."""
    portal.swept(call, principals.Session)
    arn = f"arn:aws:sts::{call.account}:assumed-role/{role.RoleName}/{name}"
    who = Principal("role", call.account, arn, f"{role.RoleId}:{name}", call.arn(role), tags=tuple(tags.items()))
    call.table(principals.Role).change(role.RoleName, used_at=call.now, used_in=call.region)
    return principals.handing.temporary(call, who, seconds)


@operation
def logout(call: Call, accessToken: str) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/PortalAPIReference/API_Logout.html"""
    if not call.table(PortalToken).delete(portal.digest(accessToken)):
        raise _unknown()
