"""Who exists: the rows that every call needs. The IAM and STS services edit them through the kernel's face.

Everything that belongs to an entity is keyed by the entity's unique id (AIDA…, AROA…, AGPA…), so that a rename touches one
row. Names are unique without regard to case: `folded` holds them in lower case.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from ..declare import Resource, Tagging, Verbs, by, fixed, linked, member, resource, stored
from . import managed as aws_policies
from . import passwords, totp
from .contract import Principal
from .keys import account_in as account_in
from .keys import make as make_key
from .passwords import check_password
from .policy import Malformed as MalformedPolicy
from .policy import check as check_policy
from .policy import check_resource as check_resource_policy
from .totp import check_totp


@resource("AWS::IAM::User", id="UserName", arn="arn:{partition}:iam::{account}:user{Path}{UserName}",
          missing="NoSuchEntityException", missing_message="The user with name {id} cannot be found.",
          tags=Tagging("TagUser", "UntagUser", "ListUserTags"), columns=("UserName", "Path", "UserId", "created"),
          returns={"Arn": "arn"}, indexes={"name": ("folded",), "path": ("Path",), "boundary": ("PermissionsBoundary",),
                                           "id": ("UserId",)},
          unique=("name",), scope="account")
class User(Resource, kw_only=True):
    """A person or a program with keys of its own."""

    UserName: Annotated[str, fixed]
    UserId: str
    folded: str
    Path: Annotated[str, fixed] = "/"
    PermissionsBoundary: Annotated[str | None, by("PutUserPermissionsBoundary", unset="DeleteUserPermissionsBoundary")] = None
    ManagedPolicyArns: Annotated[list[str] | None, linked("AttachUserPolicy", "DetachUserPolicy", "PolicyArn",
                                                          read="ListAttachedUserPolicies")] = None
    password_used: float = 0.0


@resource("AWS::IAM::Group", id="GroupName", arn="arn:{partition}:iam::{account}:group{Path}{GroupName}",
          missing="NoSuchEntityException", missing_message="The group with name {id} cannot be found.",
          tags="IAM has no tags on groups.", columns=("GroupName", "Path", "GroupId", "created"), returns={"Arn": "arn"},
          indexes={"name": ("folded",), "id": ("GroupId",)}, unique=("name",), scope="account")
class Group(Resource, kw_only=True):
    """Users who share policies."""

    GroupName: Annotated[str, fixed]
    GroupId: str
    folded: str
    Path: Annotated[str, fixed] = "/"
    ManagedPolicyArns: Annotated[list[str] | None, linked("AttachGroupPolicy", "DetachGroupPolicy", "PolicyArn",
                                                          read="ListAttachedGroupPolicies")] = None


@resource("AWS::IAM::Role", id="RoleName", arn="arn:{partition}:iam::{account}:role{Path}{RoleName}",
          missing="NoSuchEntityException", missing_message="The role with name {id} cannot be found.",
          tags=Tagging("TagRole", "UntagRole", "ListRoleTags"), columns=("RoleName", "Path", "RoleId", "created"),
          returns={"Arn": "arn", "RoleId": "RoleId"},
          indexes={"name": ("folded",), "boundary": ("PermissionsBoundary",), "id": ("RoleId",)}, unique=("name",),
          scope="account")
class Role(Resource, kw_only=True):
    """What others may become."""

    RoleName: Annotated[str, fixed]
    RoleId: str
    folded: str
    AssumeRolePolicyDocument: Annotated[str, by("UpdateAssumeRolePolicy", "PolicyDocument")] = ""
    Path: Annotated[str, fixed] = "/"
    Description: str | None = None
    MaxSessionDuration: int = 3600
    PermissionsBoundary: Annotated[str | None, by("PutRolePermissionsBoundary", unset="DeleteRolePermissionsBoundary")] = None
    ManagedPolicyArns: Annotated[list[str] | None, linked("AttachRolePolicy", "DetachRolePolicy", "PolicyArn",
                                                          read="ListAttachedRolePolicies")] = None
    used_at: float = 0.0
    used_in: str = ""


@resource("AWS::IAM::ManagedPolicy", id="PolicyArn", arn="arn:{partition}:iam::{account}:policy{Path}{ManagedPolicyName}",
          missing="NoSuchEntityException", missing_message="Policy {id} was not found.",
          verbs=Verbs(create="CreatePolicy", read="GetPolicy", update="CreatePolicyVersion", delete="DeletePolicy",
                      list="ListPolicies"),
          tags=Tagging("TagPolicy", "UntagPolicy", "ListPolicyTags"), columns=("ManagedPolicyName", "Path", "created"),
          returns={"PolicyArn": "arn", "PolicyId": "PolicyId", "DefaultVersionId": "default"},
          indexes={"name": ("folded",)}, unique=("name",), scope="account")
class ManagedPolicy(Resource, kw_only=True):
    """A customer's policy. PolicyDocument is the text of `default`, the version that counts; `latest` the number of the last
    one made."""

    PolicyArn: Annotated[str, member("Arn")]
    ManagedPolicyName: Annotated[str, fixed, member("PolicyName")]
    PolicyId: str
    folded: str
    Path: Annotated[str, fixed] = "/"
    Description: Annotated[str | None, fixed] = None
    PolicyDocument: Annotated[str, by("CreatePolicyVersion", also=(("SetAsDefault", True),))] = ""
    default: str = "v1"
    latest: int = 1
    updated: float = 0.0


@resource("AWS::IAM::InstanceProfile", id="InstanceProfileName",
          arn="arn:{partition}:iam::{account}:instance-profile{Path}{InstanceProfileName}",
          missing="NoSuchEntityException", missing_message="Instance Profile {id} cannot be found.",
          tags=Tagging("TagInstanceProfile", "UntagInstanceProfile", "ListInstanceProfileTags"),
          columns=("InstanceProfileName", "Path", "created"), returns={"Arn": "arn"},
          indexes={"name": ("folded",), "role": ("role", "InstanceProfileName")}, unique=("name",), scope="account")
class InstanceProfile(Resource, kw_only=True):
    """How an instance gets a role. role: the role's unique id."""

    InstanceProfileName: Annotated[str, fixed]
    InstanceProfileId: str
    folded: str
    Path: Annotated[str, fixed] = "/"
    Roles: Annotated[list[str] | None, linked("AddRoleToInstanceProfile", "RemoveRoleFromInstanceProfile", "RoleName",
                                              read="GetInstanceProfile")] = None
    role: str | None = None


@stored(key=("policy", "number"), scope="account")
class PolicyVersion(msgspec.Struct, kw_only=True):
    """One of the at most five texts of a managed policy."""

    policy: str
    number: int
    document: str
    created: float


@stored(key=("entity", "policy"), indexes={"policy": ("policy", "entity")}, scope="account")
class Attachment(msgspec.Struct, kw_only=True):
    """A managed policy of a user, group or role (by the entity's unique id)."""

    entity: str
    policy: str


@stored(key=("entity", "name"), scope="account")
class InlinePolicy(msgspec.Struct, kw_only=True):
    """A policy that is part of its user, group or role."""

    entity: str
    name: str
    document: str


@stored(key=("user", "group"), indexes={"group": ("group", "user")}, scope="account")
class Membership(msgspec.Struct, kw_only=True):
    """A user in a group, both by their unique ids."""

    user: str
    group: str


@stored(key=("id",), indexes={"user": ("user", "created")}, scope="account")
class AccessKey(msgspec.Struct, kw_only=True):
    """A long-term key. sealed: its secret, see handing.py. user: the user's unique id, or "" for the account's root.

    The owner's name and path are in the User row; `principal` is what the key stands for, kept in step by IAM.
    """

    id: str
    sealed: bytes = b""
    user: str
    created: float
    principal: Principal
    active: bool = True
    used_at: float = 0.0
    used_service: str = ""
    used_region: str = ""


@stored(key=("id",), indexes={"expires": ("expires",)}, scope="account")
class Session(msgspec.Struct, kw_only=True):
    """Temporary credentials, until a virtual moment. sealed: their secret and token."""

    id: str
    sealed: bytes = b""
    expires: float
    principal: Principal


@resource("AWS::IAM::VirtualMFADevice", id="SerialNumber", arn="arn:{partition}:iam::{account}:mfa{Path}{VirtualMfaDeviceName}",
          missing="NoSuchEntityException", missing_message="VirtualMFADevice with serial number {id} doesn't exist.",
          verbs=Verbs(create="CreateVirtualMFADevice", read="GetMFADevice", update="none", delete="DeleteVirtualMFADevice",
                      list="ListVirtualMFADevices"),
          tags=Tagging("TagMFADevice", "UntagMFADevice", "ListMFADeviceTags"),
          columns=("VirtualMfaDeviceName", "Path", "created"), returns={"SerialNumber": "SerialNumber"},
          indexes={"user": ("user", "SerialNumber")}, scope="account")
class VirtualMFADevice(Resource, kw_only=True):
    """A second factor. seed: sealed; user: the unique id of the one whom it was enabled for (of the
    root the account); drift and last: see totp.py."""

    SerialNumber: str
    VirtualMfaDeviceName: Annotated[str | None, fixed, member("VirtualMFADeviceName")] = None
    Path: Annotated[str, fixed] = "/"
    seed: bytes = b""
    user: str | None = None
    enabled: float = 0.0
    drift: int = 0
    last: int = 0


@resource("AWS::IAM::OIDCProvider", id="Arn", arn="arn:{partition}:iam::{account}:oidc-provider/{Url}",
          missing="NoSuchEntityException", missing_message="OpenIDConnect Provider not found for arn {id}",
          verbs=Verbs(create="CreateOpenIDConnectProvider", read="GetOpenIDConnectProvider", update="none",
                      delete="DeleteOpenIDConnectProvider", list="ListOpenIDConnectProviders"),
          tags=Tagging("TagOpenIDConnectProvider", "UntagOpenIDConnectProvider", "ListOpenIDConnectProviderTags"),
          columns=("Url", "created"), returns={"Arn": "Arn"}, scope="account")
class OIDCProvider(Resource, kw_only=True):
    """Who may speak for web identities. Url: without its scheme, as AWS tells it."""

    Arn: Annotated[str, member("OpenIDConnectProviderArn")]
    Url: Annotated[str | None, fixed] = None
    ClientIdList: Annotated[list[str], linked("AddClientIDToOpenIDConnectProvider", "RemoveClientIDFromOpenIDConnectProvider",
                                              "ClientID")] = []
    ThumbprintList: Annotated[list[str], by("UpdateOpenIDConnectProviderThumbprint")] = []


@resource("AWS::IAM::SAMLProvider", id="Arn", arn="arn:{partition}:iam::{account}:saml-provider/{Name}",
          missing="NoSuchEntityException", missing_message="SAMLProvider not found for arn {id}",
          tags=Tagging("TagSAMLProvider", "UntagSAMLProvider", "ListSAMLProviderTags"), columns=("Name", "issuer", "created"),
          returns={"Arn": "Arn"}, scope="account")
class SAMLProvider(Resource, kw_only=True):
    """Who may speak for SAML identities: the issuer, and the certificates (base 64 of DER) that sign for it.

    keys: (id, since when, sealed PEM) of each private key that opens encrypted assertions.
    """

    Arn: Annotated[str, member("SAMLProviderArn")]
    Name: Annotated[str | None, fixed] = None
    SamlMetadataDocument: Annotated[str, member("SAMLMetadataDocument")] = ""
    AssertionEncryptionMode: str | None = None
    uuid: str = ""
    issuer: str = ""
    certificates: list[str] = []
    until: float = 0.0
    keys: list[tuple[str, float, bytes]] = []


@resource("AWS::IAM::ServerCertificate", id="ServerCertificateName",
          arn="arn:{partition}:iam::{account}:server-certificate{Path}{ServerCertificateName}",
          missing="NoSuchEntityException", missing_message="The Server Certificate with name {id} cannot be found.",
          verbs=Verbs(create="UploadServerCertificate"),
          tags=Tagging("TagServerCertificate", "UntagServerCertificate", "ListServerCertificateTags"),
          columns=("ServerCertificateName", "Path", "expires"), returns={"Arn": "arn"}, scope="account")
class ServerCertificate(Resource, kw_only=True):
    """A certificate for load balancers and the like. key: sealed PEM (PrivateKey is given, and never told)."""

    ServerCertificateName: str
    Path: str = "/"
    CertificateBody: Annotated[str, fixed] = ""
    CertificateChain: Annotated[str | None, fixed] = None
    PrivateKey: Annotated[str | None, fixed] = None
    known_as: str = ""
    key: bytes = b""
    expires: float = 0.0


@stored(key=("name",), indexes={"account": ("account",)}, scope="global")
class AccountAlias(msgspec.Struct, kw_only=True):
    """A name for an account, unique among all."""

    name: str
    account: str
    created: float


@stored(key=("organization",), scope="global")
class RootAccess(msgspec.Struct, kw_only=True):
    """How an organization reaches into its members' roots: of RootCredentialsManagement and RootSessions, what is enabled."""

    organization: str
    account: str
    features: list[str] = []


__all__ = ["AccessKey", "AccountAlias", "Attachment", "Group", "InlinePolicy", "InstanceProfile", "MalformedPolicy",
           "ManagedPolicy", "Membership", "OIDCProvider", "PolicyVersion", "Role", "RootAccess", "SAMLProvider",
           "ServerCertificate", "Session", "User", "VirtualMFADevice", "account_in", "aws_policies", "check_password",
           "check_policy", "check_resource_policy", "check_totp", "make_key", "passwords", "totp"]
