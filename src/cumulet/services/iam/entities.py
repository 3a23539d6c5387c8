"""What users, groups, roles and instance profiles have in common: names, ids, listings, tags."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from cumulet.kernel import Call, Page, error, principals

from . import catalogue, service_roles
from .resources import AccessKey, Attachment, Group, InlinePolicy, InstanceProfile, ManagedPolicy, Role, ServerCertificate, User

BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_MOST_TAGS = 50
R = TypeVar("R", User, Group, Role, InstanceProfile, ManagedPolicy, ServerCertificate)

# kind → (noun in messages, quota's word, most in an account)
_QUOTA: dict[type, tuple[str, int]] = {User: ("Users", 5000), Group: ("Groups", 300), Role: ("Roles", 1000),
                                       InstanceProfile: ("InstanceProfiles", 1000), ManagedPolicy: ("Policies", 1500)}


def unique_id(call: Call, prefix: str) -> str:
    """AIDA…, AROA…, AGPA…, ANPA…, AIPA…: never used twice."""
    return call.token(17, BASE32, prefix)


def make_room(call: Call, kind: type[R], name: str, taken: str) -> None:
    """Raise when the name is taken (in any case of letters) or the account is full."""
    table = call.table(kind)
    if table.find("name", name.lower()) is not None:
        raise error.EntityAlreadyExistsException(taken)
    word, most = _QUOTA[kind]
    if table.count() >= most:
        raise error.LimitExceededException(f"Cannot exceed quota for {word}PerAccount: {most}")


def listing(call: Call, kind: type[R], page: Page[Any], key: Callable[[R], str], wanted: Callable[[R], bool]) -> Sequence[R]:
    """One page of the rows that are wanted."""
    found: list[R] = []
    after = page.after
    while len(found) <= page.limit:
        rows = call.table(kind).scan(after=after, limit=page.limit + 1)
        found += [row for row in rows if wanted(row)]
        if len(rows) <= page.limit:
            break
        after = key(rows[-1])
    return page.cut(found[: page.limit + 1], key)


def page_of(marker: str | None, size: int | None, places: type = object) -> Page[Any]:
    """A page of an operation of which AWS's model has no paginator; `more` tells where it ends. places: what a marker of this
    operation holds."""
    try:
        after = json.loads(base64.urlsafe_b64decode(marker)) if marker else None
    except (ValueError, RecursionError):
        raise error.ValidationError(f"Invalid Marker: {marker}", 400) from None
    if after is not None and not isinstance(after, places):
        raise error.ValidationError(f"Invalid Marker: {marker}", 400)
    return Page(size or 100, 1000, after)


def more(page: Page[Any]) -> dict[str, Any]:
    """The members of an answer that tell whether a page is the last."""
    if page.next is None:
        return {"IsTruncated": False}
    return {"IsTruncated": True, "Marker": base64.urlsafe_b64encode(json.dumps(page.next).encode()).decode()}


def in_path(prefix: str) -> Callable[[Any], bool]:
    return lambda row: row.Path.startswith(prefix)


def boundary(arn: str | None) -> dict[str, str] | None:
    return {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn} if arn else None


def check_boundary(call: Call, arn: str | None) -> None:
    """A boundary is a managed policy."""
    if arn is not None and catalogue.known(call, arn) is None:
        raise error.NoSuchEntityException(f"Scope ARN: {arn} does not exist or is not attachable.")


def end(call: Call, entity: str) -> None:
    """Raise while an entity that is to be deleted has policies; forget what it used."""
    if call.table(Attachment).count(entity):
        raise error.DeleteConflictException("Cannot delete entity, must detach all policies first.")
    if call.table(InlinePolicy).count(entity):
        raise error.DeleteConflictException("Cannot delete entity, must delete policies first.")
    call.table(principals.used.Use).delete_all(entity)


def changeable(call: Call, name: str) -> Role:
    """A role that is not a service's own, unless that service asks; raises UnmodifiableEntity."""
    row = call.get(Role, name)
    reserved = row.Path.startswith(service_roles.RESERVED) and call.principal.kind != "service"
    if reserved or row.Path.startswith(service_roles.PATH):
        raise error.UnmodifiableEntityException(
            f"Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS")
    return row


def holder_id(call: Call, kind: str, name: str, change: bool = False) -> str:
    """The unique id of the user, group or role that holds policies; change: they are about to be others."""
    if kind == "user":
        return call.get(User, name).UserId
    if kind == "group":
        return call.get(Group, name).GroupId
    return (changeable(call, name) if change else call.get(Role, name)).RoleId


def caller(call: Call, name: str | None) -> User | None:
    """The user of this name, else the caller; None for the root."""
    if name is not None:
        return call.get(User, name)
    principal = call.principal
    if principal.kind == "root":
        return None
    if principal.kind != "user":
        raise error.ValidationError("Must specify userName when calling with non-User credentials", 400)
    return call.get(User, principal.subject.rpartition("/")[2])


def owner_id(user: User | None) -> str:
    """As rows name their owner: the user's unique id, "" for the root."""
    return user.UserId if user else ""


def keys_of(call: Call, user: str) -> list[AccessKey]:
    """The access keys of a user (by its unique id), or of the root ("")."""
    return call.table(AccessKey).scan(user, index="user")


# --- tags ----------------------------------------------------------------------------------------------------------------


def listed(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": k, "Value": v} for k, v in tags.items()]


def tagged(row: Any, given: Sequence[dict[str, str]]) -> dict[str, str]:
    """The tags of a row with more given; keys are not distinguished by case."""
    names = [t["Key"].lower() for t in given]
    if len(set(names)) != len(names):
        raise error.InvalidInputException("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if any(name.startswith("aws:") for name in names):
        raise error.InvalidInputException("Tag keys beginning with 'aws:' are reserved for system use.")
    old = {k: v for k, v in (row.tags if row is not None else {}).items() if k.lower() not in names}
    tags = old | {t["Key"]: t["Value"] for t in given}
    if len(tags) > _MOST_TAGS:
        raise error.LimitExceededException("The number of tags has reached the maximum limit.")
    return tags


def untagged(row: Any, keys: Sequence[str]) -> dict[str, str]:
    gone = {k.lower() for k in keys}
    return {k: v for k, v in row.tags.items() if k.lower() not in gone}


def tag_page(row: Any, page: Page[Any]) -> dict[str, Any]:
    """Tags by their keys, a page at a time."""
    keys = sorted(k for k in row.tags if page.after is None or k > page.after)
    return {"Tags": [{"Key": k, "Value": row.tags[k]} for k in page.cut(keys, lambda k: k)]}
