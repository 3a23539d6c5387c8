"""What exists in IAM. The kernel owns most of its tables, because every call of every service needs them."""

from __future__ import annotations

import msgspec

from cumulet.kernel import principals, stored

AccessKey = principals.AccessKey
AccountAlias = principals.AccountAlias
Attachment = principals.Attachment
Group = principals.Group
InlinePolicy = principals.InlinePolicy
InstanceProfile = principals.InstanceProfile
ManagedPolicy = principals.ManagedPolicy
Membership = principals.Membership
OIDCProvider = principals.OIDCProvider
PolicyVersion = principals.PolicyVersion
Role = principals.Role
SAMLProvider = principals.SAMLProvider
ServerCertificate = principals.ServerCertificate
User = principals.User
VirtualMFADevice = principals.VirtualMFADevice


@stored(key=("user", "id"), indexes={"digest": ("digest",)}, scope="account")
class SigningCertificate(msgspec.Struct, kw_only=True):
    """A certificate that signs a user's requests. user: the unique id, "" for the root; digest: SHA-256 of its DER."""

    user: str
    id: str
    body: str
    digest: str
    uploaded: float
    active: bool = True


@stored(key=("user", "id"), indexes={"fingerprint": ("fingerprint",)}, scope="account")
class SshPublicKey(msgspec.Struct, kw_only=True):
    """A user's key for Git over SSH, in both its texts."""

    user: str
    id: str
    ssh: str
    pem: str
    fingerprint: str
    uploaded: float
    active: bool = True


@stored(key=("user", "id"), indexes={"digest": ("digest",)}, scope="account")
class ServiceCredential(msgspec.Struct, kw_only=True):
    """A name and a secret for one service. digest: SHA-256 of the secret, which is told once and never kept."""

    user: str
    id: str
    service: str
    name: str
    digest: bytes
    created: float
    expires: float | None = None
    active: bool = True


@stored(key=("id",), indexes={"role": ("role",)}, scope="account")
class RoleDeletion(msgspec.Struct, kw_only=True):
    """A service-linked role that is being deleted, or was. role: its unique id."""

    id: str
    role: str
    running: bool = True


@stored(key=("id",), scope="account")
class Preferences(msgspec.Struct, kw_only=True):
    """What the account has chosen. token_version: of the global STS endpoint's tokens."""

    id: str = "account"
    token_version: int = 1


@stored(key=("id",), scope="account")
class CredentialReport(msgspec.Struct, kw_only=True):
    """The last report on users and their credentials; content: "" while it is being made."""

    id: str = "account"
    asked: float
    made: float = 0.0
    content: str = ""


@stored(key=("id",), indexes={"created": ("created",)}, scope="account")
class AccessReport(msgspec.Struct, kw_only=True):
    """When services were last used. entities: unique ids; uses: (entity, service, action, when, region).

    done: when it was finished, 0.0 while it is being made.
    """

    id: str
    arn: str
    granularity: str
    created: float
    done: float = 0.0
    services: list[str] = []
    entities: list[str] = []
    uses: list[tuple[str, str, str, float, str]] = []


@stored(key=("id",), indexes={"created": ("created",)}, scope="account")
class OrganizationReport(msgspec.Struct, kw_only=True):
    """When the accounts of an organization last used services. last: service → (account, path, when, region, accounts that
    used it). done: when it was finished, 0.0 while it is being made."""

    id: str
    path: str
    policy: str | None
    created: float
    done: float = 0.0
    services: list[str] = []
    last: dict[str, tuple[str, str, float, str, int]] = {}
