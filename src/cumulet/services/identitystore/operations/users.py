"""Users."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Conflict, Page, error, operation

from .. import attributes, stores
from ..resources import Membership, User

Entries = list[dict[str, Any]]


def shown(row: User) -> dict[str, Any]:
    return {"IdentityStoreId": row.store, "UserId": row.id, "UserArn": stores.arn(row), "Revision": str(row.revision),
            "UserStatus": "ENABLED", "CreatedAt": row.created, "CreatedBy": row.created_by, "UpdatedAt": row.updated,
            "UpdatedBy": row.updated_by, **row.attributes}


def _keep(there: stores.Store, row: User) -> None:
    row.folded, row.mail = row.attributes["UserName"].lower(), attributes.mail(row.attributes)
    same = there.call.table(User).find("name", there.id, row.folded)
    if same is not None and same.id != row.id:
        raise stores.conflict("Duplicate UserName")
    twin = there.call.table(User).find("email", row.mail, there.id) if row.mail else None
    if twin is not None and twin.id != row.id:
        raise stores.conflict("Duplicate email")
    try:
        there.call.put(row)
    except Conflict:
        raise stores.conflict("Duplicate UserName") from None


@operation
def create_user(call: Call, IdentityStoreId: str, UserName: str | None = None, Name: dict[str, str] | None = None,
                DisplayName: str | None = None, NickName: str | None = None, ProfileUrl: str | None = None,
                Emails: Entries | None = None, Addresses: Entries | None = None, PhoneNumbers: Entries | None = None,
                UserType: str | None = None, Title: str | None = None, PreferredLanguage: str | None = None,
                Locale: str | None = None, Timezone: str | None = None, Photos: Entries | None = None,
                Website: str | None = None, Birthdate: str | None = None, Roles: Entries | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_CreateUser.html"""
    there = stores.store(call, IdentityStoreId)
    given = {"UserName": UserName, "Name": Name, "DisplayName": DisplayName, "NickName": NickName, "ProfileUrl": ProfileUrl,
             "Emails": Emails, "Addresses": Addresses, "PhoneNumbers": PhoneNumbers, "UserType": UserType, "Title": Title,
             "PreferredLanguage": PreferredLanguage, "Locale": Locale, "Timezone": Timezone, "Photos": Photos,
             "Website": Website, "Birthdate": Birthdate, "Roles": Roles}
    kept = stores.checked(attributes.USER, {name: value for name, value in given.items() if value is not None})
    row = User(store=there.id, id=call.uuid(), folded="", mail=None, attributes=kept, created=call.now,
               created_by=call.principal.arn, updated=call.now, updated_by=call.principal.arn)
    _keep(there, row)
    return {"IdentityStoreId": there.id, "UserId": row.id, "UserArn": stores.arn(row), "Revision": str(row.revision)}


@operation
def describe_user(call: Call, IdentityStoreId: str, UserId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_DescribeUser.html"""
    return shown(stores.store(call, IdentityStoreId).get(User, UserId))


@operation
def list_users(call: Call, IdentityStoreId: str, Filters: list[dict[str, str]] = [],
               page: Page[Any] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_ListUsers.html"""
    there = stores.store(call, IdentityStoreId)
    if Filters:
        if attributes.capital(Filters[0]["AttributePath"]) != "UserName":
            raise error.ValidationException(f"The attribute path {Filters[0]['AttributePath']} is not supported")
        row = there.call.table(User).find("name", there.id, Filters[0]["AttributeValue"].lower())
        return {"Users": [shown(row)] if row else []}
    rows = there.call.table(User).scan(there.id, after=page.after, limit=page.limit + 1)
    return {"Users": [shown(row) for row in page.cut(rows, lambda row: row.id)]}


@operation
def update_user(call: Call, IdentityStoreId: str, UserId: str, Operations: Entries,
                Revision: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_UpdateUser.html"""
    there = stores.store(call, IdentityStoreId)
    row = there.get(User, UserId)
    stores.renew(call, row, attributes.USER, Operations, Revision)
    _keep(there, row)
    return {"IdentityStoreId": there.id, "UserId": row.id, "UserArn": stores.arn(row), "Revision": str(row.revision)}


@operation
def delete_user(call: Call, IdentityStoreId: str, UserId: str, Revision: str | None = None) -> None:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_DeleteUser.html"""
    there = stores.store(call, IdentityStoreId)
    row = there.get(User, UserId)
    stores.same_revision(row, Revision)
    there.call.table(Membership).delete_all(there.id, row.id, index="user")
    there.call.table(User).delete(there.id, row.id)


@operation
def get_user_id(call: Call, IdentityStoreId: str, AlternateIdentifier: dict[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/singlesignon/latest/IdentityStoreAPIReference/API_GetUserId.html"""
    there = stores.store(call, IdentityStoreId)
    path, value = unique(AlternateIdentifier, ("UserName", "Emails.value"))
    table, word = there.call.table(User), value.lower()
    row = None
    if path:
        row = table.find("email", word, there.id) if path == "Emails.value" else table.find("name", there.id, word)
    if row is None:
        raise stores.missing("USER", value)
    return {"IdentityStoreId": there.id, "UserId": row.id, "UserArn": stores.arn(row)}


def unique(given: dict[str, Any], paths: Any) -> tuple[str, str]:
    """(path, value) of an alternate identifier; ("", id) for one of elsewhere, which nobody here has."""
    if "ExternalId" in given:
        return "", str(given["ExternalId"]["Id"])
    path = attributes.capital(given["UniqueAttribute"]["AttributePath"])
    value = given["UniqueAttribute"]["AttributeValue"]
    if path not in paths or not isinstance(value, str):
        raise error.ValidationException(f"The attribute path {given['UniqueAttribute']['AttributePath']} is not supported")
    return path, value
