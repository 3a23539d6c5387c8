"""What exists in IAM Identity Center. All but the instance lies in the account and region that own it."""

from __future__ import annotations

import msgspec

from cumulet.kernel import stored


@stored(key=("arn",), indexes={"account": ("account",), "store": ("store",)}, unique=("account",), scope="global")
class Instance(msgspec.Struct, kw_only=True):
    """store: the id of its identity store.  organization: of the management account, for all of its accounts; else "".

    mark: what the names of its SAML providers carry.  asked: the client token of its creation.
    attributes: for access control, key → source; None while they are not enabled.
    """

    arn: str
    account: str
    region: str
    name: str
    store: str
    created: float
    mark: str
    organization: str = ""
    enabled: bool = False
    asked: str = ""
    attributes: dict[str, str] | None = None
    tags: dict[str, str] = {}


@stored(key=("arn",), indexes={"name": ("instance", "name"), "instance": ("instance", "arn")}, unique=("name",))
class PermissionSet(msgspec.Struct, kw_only=True):
    """What one may do. version: another one with each change of what roles are made of.

    custom: (name, path) of each policy that the accounts have under the same name.  boundary: an ARN, or such a pair.
    """

    arn: str
    instance: str
    name: str
    created: float
    description: str | None = None
    duration: str = "PT1H"
    relay: str | None = None
    managed: list[str] = []
    custom: list[tuple[str, str]] = []
    inline: str = ""
    boundary: str = ""
    custom_boundary: tuple[str, str] | None = None
    version: int = 1
    tags: dict[str, str] = {}


@stored(key=("set", "target", "type", "principal"), indexes={"principal": ("type", "principal", "target", "set")})
class Assignment(msgspec.Struct, kw_only=True):
    """Who has a permission set in an account."""

    set: str
    target: str
    type: str
    principal: str
    created: float


@stored(key=("set", "target"), indexes={"target": ("target", "set")})
class Provisioned(msgspec.Struct, kw_only=True):
    """The role that a permission set is in an account, and of which version."""

    set: str
    target: str
    role: str
    version: int


@stored(key=("id",), indexes={"list": ("instance", "kind", "created", "id")})
class Request(msgspec.Struct, kw_only=True):
    """Something that was asked for and takes its time. kind: "assign", "unassign" or "provision"."""

    id: str
    instance: str
    kind: str
    set: str
    target: str
    created: float
    type: str = ""
    principal: str = ""
    status: str = "IN_PROGRESS"
    reason: str | None = None


@stored(key=("store", "user"), scope="global")
class DirectoryPassword(msgspec.Struct, kw_only=True):
    """The password of somebody of the directory, as a hash. account: the owner of the instance."""

    store: str
    user: str
    account: str
    salt: str
    hash: bytes


@stored(key=("id",), indexes={"expires": ("expires",)}, scope="global")
class Client(msgspec.Struct, kw_only=True):
    """A program that may ask for people's tokens, such as the AWS CLI. secret: its hash."""

    id: str
    secret: str
    expires: float
    refreshes: bool


@stored(key=("hash",), indexes={"user_code": ("user_code",), "expires": ("expires",)}, unique=("user_code",), scope="global")
class Device(msgspec.Struct, kw_only=True):
    """A sign-in that a program waits for. hash: of its code; user: who has approved it."""

    hash: str
    user_code: str
    client: str
    store: str
    account: str
    expires: float
    user: str = ""


@stored(key=("hash",), indexes={"refresh": ("refresh",), "expires": ("expires",)}, scope="global")
class PortalToken(msgspec.Struct, kw_only=True):
    """What a program has of somebody. refresh: the hash of what renews it, None for programs that may not."""

    hash: str
    client: str
    store: str
    account: str
    user: str
    expires: float
    refresh: str | None = None
