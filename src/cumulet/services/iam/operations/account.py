"""The account: its alias, and how much of everything it has."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation, principals

from ..resources import (
    AccessKey,
    Group,
    InstanceProfile,
    ManagedPolicy,
    OIDCProvider,
    PolicyVersion,
    Preferences,
    Role,
    SAMLProvider,
    ServerCertificate,
    SigningCertificate,
    User,
    VirtualMFADevice,
)
from ..resources import AccountAlias as _Alias


def _alias(call: Call) -> _Alias | None:
    return call.table(_Alias).find("account", call.account)


@operation
def create_account_alias(call: Call, AccountAlias: str) -> None:
    """An account has one alias: a new one takes the place of the old.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccountAlias.html
    """
    old = _alias(call)
    table = call.table(_Alias)
    taken = table.get(AccountAlias)
    if taken is not None and taken.account != call.account:
        raise error.EntityAlreadyExistsException(f"The account alias {AccountAlias} already exists.")
    if old is not None:
        table.delete(old.name)
    table.put(_Alias(name=AccountAlias, account=call.account, created=call.now))


@operation
def delete_account_alias(call: Call, AccountAlias: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccountAlias.html"""
    old = _alias(call)
    if old is None or old.name != AccountAlias:
        raise error.NoSuchEntityException(f"The account alias {AccountAlias} does not exist.")
    call.table(_Alias).delete(AccountAlias)


@operation
def list_account_aliases(call: Call, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListAccountAliases.html"""
    row = _alias(call)
    return {"AccountAliases": [row.name] if row and page.after is None else []}


@operation
def set_security_token_service_preferences(call: Call, GlobalEndpointTokenVersion: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetSecurityTokenServicePreferences.html"""
    call.put(Preferences(token_version=1 if GlobalEndpointTokenVersion == "v1Token" else 2))


@operation
def get_account_summary(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountSummary.html"""
    devices = call.table(VirtualMFADevice).scan()
    preferences = call.table(Preferences).get("account") or Preferences()
    counted = {
        "AccountAccessKeysPresent": min(1, call.table(AccessKey).count("", index="user")),
        "AccountMFAEnabled": min(1, call.table(VirtualMFADevice).count(call.account, index="user")),
        "AccountPasswordPresent": min(1, call.table(principals.passwords.LoginProfile).count("")),
        "AccountSigningCertificatesPresent": min(1, call.table(SigningCertificate).count("")),
        "GlobalEndpointTokenVersion": preferences.token_version, "Groups": call.table(Group).count(),
        "InstanceProfiles": call.table(InstanceProfile).count(), "MFADevices": len(devices),
        "MFADevicesInUse": sum(1 for row in devices if row.user is not None), "Policies": call.table(ManagedPolicy).count(),
        "PolicyVersionsInUse": call.table(PolicyVersion).count(),
        "Providers": call.table(OIDCProvider).count() + call.table(SAMLProvider).count(), "Roles": call.table(Role).count(),
        "ServerCertificates": call.table(ServerCertificate).count(), "Users": call.table(User).count()}
    return {"SummaryMap": counted | _QUOTAS}


# Those of a new account; requests to raise them are not taken.
_QUOTAS = {
    "AccessKeysPerUserQuota": 2, "AssumeRolePolicySizeQuota": 2048, "AttachedPoliciesPerGroupQuota": 10,
    "AttachedPoliciesPerRoleQuota": 10, "AttachedPoliciesPerUserQuota": 10, "GroupPolicySizeQuota": 5120,
    "GroupsPerUserQuota": 10, "GroupsQuota": 300, "InstanceProfilesQuota": 1000, "PoliciesQuota": 1500,
    "PolicySizeQuota": 6144, "PolicyVersionsInUseQuota": 10000, "RolePolicySizeQuota": 10240, "RolesQuota": 1000,
    "ServerCertificatesQuota": 20, "SigningCertificatesPerUserQuota": 2, "UserPolicySizeQuota": 2048, "UsersQuota": 5000,
    "VersionsPerPolicyQuota": 5}
