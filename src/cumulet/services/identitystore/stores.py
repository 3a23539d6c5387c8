"""Which identity store a request means, and where its rows lie: each instance of IAM Identity Center has one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from cumulet.kernel import AwsError, Call, error

from . import attributes
from .resources import Group, Membership, User

Row = TypeVar("Row", User, Group, Membership)
_KIND = {User: "USER", Group: "GROUP", Membership: "GROUP_MEMBERSHIP"}
_WORD = {User: "user", Group: "group", Membership: "membership"}


class Store(NamedTuple):
    """call: as seen from the account and region that own the store."""

    id: str
    call: Call

    def get(self, kind: type[Row], id: str) -> Row:
        """By id or ARN; raises when there is none."""
        row = self.call.table(kind).get(self.id, id.rpartition("/")[2])
        if row is None:
            raise missing(_KIND[kind], id)
        return row


def visible(call: Call) -> list[dict[str, Any]]:
    """The instances that the caller's account has, or sees."""
    found: list[dict[str, Any]] = call.as_service().sso_admin.list_instances(MaxResults=100)["Instances"]
    return found


def store(call: Call, id: str) -> Store:
    """By id or ARN."""
    bare = id.rpartition("/")[2]
    for one in visible(call):
        if one["IdentityStoreId"] == bare and id in (bare, one["IdentityStoreArn"]):
            return Store(bare, call.elsewhere(one["OwnerAccountId"]))
    raise missing("IDENTITY_STORE", id)


def checked(kind: Mapping[str, type], given: dict[str, Any]) -> dict[str, Any]:
    """Attributes as they may be kept; raises for others."""
    if wrong := attributes.objection(kind, given):
        raise error.ValidationException(wrong)
    return given


def same_revision(row: User | Group, expected: str | None) -> None:
    """Raise when somebody else was faster."""
    if expected is not None and int(expected) != row.revision:
        raise conflict("The revision does not match the current revision of the resource.", "CONCURRENT_MODIFICATION")


def renew(call: Call, row: User | Group, kind: Mapping[str, type], operations: list[dict[str, Any]],
          expected: str | None) -> None:
    """Carry out the operations of an update on a row that is then kept."""
    same_revision(row, expected)
    found: Any = row.attributes
    for one in operations:
        found = attributes.changed(kind, found, one["AttributePath"], one.get("AttributeValue"))
        if isinstance(found, str):
            raise error.ValidationException(found)
    row.attributes = checked(kind, found)
    row.revision, row.updated, row.updated_by = row.revision + 1, call.now, call.principal.arn


def missing(kind: str, id: str) -> AwsError:
    word = "IdentityStore" if kind == "IDENTITY_STORE" else "MEMBERSHIP" if kind == "GROUP_MEMBERSHIP" else kind
    return error.ResourceNotFoundException(f"{word} not found.", ResourceType=kind, ResourceId=id)


def arn(row: User | Group | Membership) -> str:
    return f"arn:aws:identitystore:::{_WORD[type(row)]}/{row.id}"


def conflict(message: str, reason: str = "UNIQUENESS_CONSTRAINT_VIOLATION") -> AwsError:
    return error.ConflictException(message, Reason=reason)
