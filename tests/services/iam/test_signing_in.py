"""Passwords, the account's password policy, virtual MFA devices: over the wire."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from conftest import Cloud
from cumulet.kernel.access.contract import root_of
from cumulet.kernel.access.passwords import LoginProfile, check_password, given
from cumulet.kernel.access.tables import User, VirtualMFADevice
from cumulet.kernel.access.totp import check_totp, code
from cumulet.kernel.call import Call


def refused(fn: Any, **members: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as problem:
        fn(**members)
    return problem.value.response["Error"]["Code"], problem.value.response["Error"]["Message"]


@pytest.fixture
def iam(cloud: Cloud) -> Any:
    return cloud.client("iam")


def inside(cloud: Cloud, fn: Any) -> Any:
    """What the console and STS do: ask the kernel, in a transaction of this account."""
    kernel = cloud.kernel
    return cloud.thread.call(kernel.store.run(lambda tx: fn(
        Call(kernel, tx, "signin", "Test", cloud.account, "us-east-1", root_of(cloud.account), kernel.clock.now()))))


def sign_in(cloud: Cloud, name: str, password: str) -> str:
    def tried(call: Call) -> str:
        user = call.get(User, name)
        profile = call.table(LoginProfile).get(user.UserId)
        return check_password(call, user, given(password, profile.salt if profile else name))

    return str(inside(cloud, tried))


def test_a_password_comes_changes_and_goes(cloud: Cloud, iam: Any) -> None:
    iam.create_user(UserName="ann")
    assert refused(iam.get_login_profile, UserName="ann") == ("NoSuchEntity", "Login Profile for User ann cannot be found.")
    made = iam.create_login_profile(UserName="ann", Password="First-pass1", PasswordResetRequired=True)["LoginProfile"]
    assert (made["UserName"], made["PasswordResetRequired"]) == ("ann", True)
    assert iam.get_login_profile(UserName="ann")["LoginProfile"] == made
    assert refused(iam.create_login_profile, UserName="ann", Password="First-pass1") == (
        "EntityAlreadyExists", "Login Profile for user ann already exists.")
    assert "PasswordLastUsed" not in iam.get_user(UserName="ann")["User"]
    assert (sign_in(cloud, "ann", "First-pass1"), sign_in(cloud, "ann", "other")) == ("change", "wrong")
    assert abs(iam.get_user(UserName="ann")["User"]["PasswordLastUsed"].timestamp() - cloud.clock.now()) < 60
    iam.update_login_profile(UserName="ann", Password="Second-pass2")
    assert (sign_in(cloud, "ann", "Second-pass2"), sign_in(cloud, "ann", "First-pass1")) == ("ok", "wrong")
    iam.update_login_profile(UserName="ann", PasswordResetRequired=True)
    assert sign_in(cloud, "ann", "Second-pass2") == "change"
    assert refused(iam.delete_user, UserName="ann") == (
        "DeleteConflict", "Cannot delete entity, must delete login profile first.")
    iam.delete_login_profile(UserName="ann")
    assert refused(iam.delete_login_profile, UserName="ann")[0] == "NoSuchEntity"
    iam.delete_user(UserName="ann")


def test_the_default_asks_for_eight_characters_of_three_kinds(iam: Any) -> None:
    iam.create_user(UserName="ann")
    for bad in ("Sh0rt!", "alllowercase", "lower and 1"[:10].replace(" ", "")):
        assert refused(iam.create_login_profile, UserName="ann", Password=bad)[0] == "PasswordPolicyViolation"
    iam.create_login_profile(UserName="ann", Password="Longer-than8")


def test_the_accounts_policy_is_told_and_kept(cloud: Cloud, iam: Any) -> None:
    assert refused(iam.get_account_password_policy) == (
        "NoSuchEntity", f"The Password Policy with domain name {cloud.account} cannot be found.")
    iam.update_account_password_policy(
        MinimumPasswordLength=10, RequireSymbols=True, RequireNumbers=True, RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=True, AllowUsersToChangePassword=True, MaxPasswordAge=90, PasswordReusePrevention=2,
        HardExpiry=False)
    assert iam.get_account_password_policy()["PasswordPolicy"] == {
        "MinimumPasswordLength": 10, "RequireSymbols": True, "RequireNumbers": True, "RequireUppercaseCharacters": True,
        "RequireLowercaseCharacters": True, "AllowUsersToChangePassword": True, "ExpirePasswords": True,
        "MaxPasswordAge": 90, "PasswordReusePrevention": 2, "HardExpiry": False}
    iam.create_user(UserName="ann")
    for bad, says in (("Aa1-", "Password should have a minimum length of 10"),
                      ("aaaaaaaaaa1-", "Password should have at least one uppercase letter"),
                      ("AAAAAAAAAA1-", "Password should have at least one lowercase letter"),
                      ("AAAAAAAAAAa-", "Password should have at least one number"),
                      ("AAAAAAAAAAa1", "Password should have at least one symbol")):
        assert refused(iam.create_login_profile, UserName="ann", Password=bad) == ("PasswordPolicyViolation", says)
    iam.create_login_profile(UserName="ann", Password="Password-no.1")
    iam.update_login_profile(UserName="ann", Password="Password-no.2")
    assert refused(iam.update_login_profile, UserName="ann", Password="Password-no.1")[0] == "PasswordPolicyViolation"
    iam.update_login_profile(UserName="ann", Password="Password-no.3")
    iam.update_login_profile(UserName="ann", Password="Password-no.1")
    iam.update_account_password_policy()
    assert iam.get_account_password_policy()["PasswordPolicy"] == {
        "MinimumPasswordLength": 6, "RequireSymbols": False, "RequireNumbers": False, "RequireUppercaseCharacters": False,
        "RequireLowercaseCharacters": False, "AllowUsersToChangePassword": False, "ExpirePasswords": False}
    iam.delete_account_password_policy()
    assert refused(iam.delete_account_password_policy) == (
        "NoSuchEntity", "The account policy with name PasswordPolicy cannot be found.")


@pytest.mark.parametrize(("hard", "answer"), [(False, "change"), (True, "expired")])
def test_passwords_end_by_the_clock(cloud: Cloud, iam: Any, hard: bool, answer: str) -> None:
    iam.update_account_password_policy(MaxPasswordAge=30, HardExpiry=hard)
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    iam.create_login_profile(UserName="ann", Password="Password-no.1")
    cloud.clock.advance(29 * 86400)
    assert sign_in(cloud, "ann", "Password-no.1") == "ok"
    cloud.clock.advance(86400)
    assert sign_in(cloud, "ann", "Password-no.1") == answer
    ann = cloud.client("iam", key=key["AccessKeyId"], secret=key["SecretAccessKey"])
    change = {"OldPassword": "Password-no.1", "NewPassword": "Password-no.2"}
    if hard:
        assert refused(ann.change_password, **change)[0] == "EntityTemporarilyUnmodifiable"
        iam.update_login_profile(UserName="ann", Password="Password-no.2")
    else:
        ann.change_password(**change)
    assert sign_in(cloud, "ann", "Password-no.2") == "ok"


def test_users_change_their_own_password(cloud: Cloud, iam: Any) -> None:
    iam.create_user(UserName="ann")
    key = iam.create_access_key(UserName="ann")["AccessKey"]
    ann = cloud.client("iam", key=key["AccessKeyId"], secret=key["SecretAccessKey"])
    assert refused(ann.change_password, OldPassword="x", NewPassword="Second-pass2")[0] == "NoSuchEntity"
    iam.create_login_profile(UserName="ann", Password="First-pass1", PasswordResetRequired=True)
    assert refused(ann.change_password, OldPassword="x", NewPassword="Second-pass2") == (
        "AccessDenied", "The old password was incorrect.")
    assert refused(ann.change_password, OldPassword="First-pass1", NewPassword="weak")[0] == "PasswordPolicyViolation"
    ann.change_password(OldPassword="First-pass1", NewPassword="Second-pass2")
    assert sign_in(cloud, "ann", "Second-pass2") == "ok"
    assert refused(iam.change_password, OldPassword="a", NewPassword="Second-pass2")[0] == "InvalidUserType"


def test_a_member_accounts_root_gets_a_profile_without_a_password(iam: Any) -> None:
    assert refused(iam.get_login_profile) == ("NoSuchEntity", "Login Profile for User root cannot be found.")
    assert refused(iam.create_login_profile, Password="First-pass1")[0] == "ValidationError"
    assert iam.create_login_profile()["LoginProfile"]["UserName"] == "root"
    assert iam.get_account_summary()["SummaryMap"]["AccountPasswordPresent"] == 1
    iam.delete_login_profile()
    assert iam.get_account_summary()["SummaryMap"]["AccountPasswordPresent"] == 0


# --- MFA -----------------------------------------------------------------------------------------------------------------


def seed_of(made: dict[str, Any]) -> bytes:
    return base64.b32decode(made["Base32StringSeed"])


def codes(seed: bytes, *steps: int, off: float = 0) -> list[str]:
    now = int(time.time() + off) // 30
    return [code(seed, now + step) for step in steps]


def test_codes_are_those_of_any_authenticator() -> None:
    seed = b"12345678901234567890"
    assert code(seed, 59 // 30) == "287082"                       # RFC 6238, appendix B, without its first two digits
    theirs = TOTP(seed, 6, SHA1(), 30)
    assert [code(seed, step) for step in range(500)] == [theirs.generate(step * 30).decode() for step in range(500)]


def test_a_device_is_made_enabled_and_given_up(cloud: Cloud, iam: Any) -> None:
    iam.create_user(UserName="ann")
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone", Path="/a/", Tags=[{"Key": "a", "Value": "1"}])
    device = made["VirtualMFADevice"]
    serial = device["SerialNumber"]
    assert serial == f"arn:aws:iam::{cloud.account}:mfa/a/phone"
    assert device["QRCodePNG"].startswith(b"\x89PNG")
    assert len(device["Base32StringSeed"]) == 64
    assert refused(iam.create_virtual_mfa_device, VirtualMFADeviceName="phone", Path="/a/") == (
        "EntityAlreadyExists", "MFADevice entity at the same path and name already exists.")
    unassigned = iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned")["VirtualMFADevices"]
    assert [d["SerialNumber"] for d in unassigned] == [serial]
    assert "Base32StringSeed" not in unassigned[0]
    enable = {"UserName": "ann", "SerialNumber": serial}
    assert refused(iam.enable_mfa_device, AuthenticationCode1="000000", AuthenticationCode2="000000", **enable) == (
        "InvalidAuthenticationCode", "Authentication code for device is not valid.")
    first, second = codes(seed_of(device), -1, 0)
    assert refused(iam.enable_mfa_device, AuthenticationCode1=second, AuthenticationCode2=first,
                   **enable)[0] == "InvalidAuthenticationCode"
    iam.enable_mfa_device(AuthenticationCode1=first, AuthenticationCode2=second, **enable)
    assert refused(iam.enable_mfa_device, AuthenticationCode1=first, AuthenticationCode2=second,
                   **enable)[0] == "EntityAlreadyExists"
    told = iam.list_mfa_devices(UserName="ann")["MFADevices"]
    assert [(d["UserName"], d["SerialNumber"]) for d in told] == [("ann", serial)]
    assert iam.get_mfa_device(SerialNumber=serial, UserName="ann")["EnableDate"] == told[0]["EnableDate"]
    iam.create_user(UserName="bob")
    key = iam.create_access_key(UserName="bob")["AccessKey"]
    bob = cloud.client("iam", key=key["AccessKeyId"], secret=key["SecretAccessKey"])
    assert refused(bob.get_mfa_device, SerialNumber=serial)[0] == "NoSuchEntity"     # without a name it is about oneself
    assigned = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    assert [d["User"]["UserName"] for d in assigned] == ["ann"]
    assert refused(iam.delete_virtual_mfa_device, SerialNumber=serial) == (
        "DeleteConflict", "MFA VirtualDevice in use. Must deactivate first.")
    assert refused(iam.delete_user, UserName="ann")[0] == "DeleteConflict"
    iam.deactivate_mfa_device(UserName="ann", SerialNumber=serial)
    assert refused(iam.deactivate_mfa_device, UserName="ann", SerialNumber=serial)[0] == "NoSuchEntity"
    assert iam.list_mfa_devices(UserName="ann")["MFADevices"] == []
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    assert refused(iam.delete_virtual_mfa_device, SerialNumber=serial) == (
        "NoSuchEntity", f"VirtualMFADevice with serial number {serial} doesn't exist.")


def test_a_code_counts_once_and_only_now(cloud: Cloud, iam: Any) -> None:
    iam.create_user(UserName="ann")
    iam.create_user(UserName="bob")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    seed, serial = seed_of(device), device["SerialNumber"]
    first, second = codes(seed, -1, 0)
    iam.enable_mfa_device(UserName="ann", SerialNumber=serial, AuthenticationCode1=first, AuthenticationCode2=second)

    def accepted(given: str, name: str = "ann") -> bool:
        return bool(inside(cloud, lambda call: check_totp(
            call, call.table(VirtualMFADevice).get(serial), call.get(User, name).UserId, given)))

    old, used, new, far = codes(seed, -20, 0, 1, 20)
    assert not any(accepted(given) for given in (old, used, far))
    assert not accepted(new, "bob")
    assert accepted(new)
    assert not accepted(new)


def test_a_device_that_is_off_is_synchronised(cloud: Cloud, iam: Any) -> None:
    iam.create_user(UserName="ann")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    seed, serial = seed_of(device), device["SerialNumber"]
    enable = {"UserName": "ann", "SerialNumber": serial}
    first, second = codes(seed, -1, 0)
    iam.enable_mfa_device(AuthenticationCode1=first, AuthenticationCode2=second, **enable)
    first, second, third = codes(seed, 0, 1, 2, off=3600)
    iam.resync_mfa_device(AuthenticationCode1=first, AuthenticationCode2=second, **enable)
    assert inside(cloud, lambda call: check_totp(call, call.table(VirtualMFADevice).get(serial),
                                                 call.get(User, "ann").UserId, third))
    assert refused(iam.resync_mfa_device, AuthenticationCode1=third, AuthenticationCode2=first,
                   **enable)[0] == "InvalidAuthenticationCode"


def test_devices_have_tags(iam: Any) -> None:
    tags = [{"Key": "a", "Value": "1"}]
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="d", Tags=tags)["VirtualMFADevice"]["SerialNumber"]
    iam.tag_mfa_device(SerialNumber=serial, Tags=[{"Key": "b", "Value": "2"}])
    iam.untag_mfa_device(SerialNumber=serial, TagKeys=["a"])
    assert iam.list_mfa_device_tags(SerialNumber=serial)["Tags"] == [{"Key": "b", "Value": "2"}]
