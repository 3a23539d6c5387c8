"""Login profiles (a user's password for the console), and what an account asks of passwords."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, error, operation, principals

from ..entities import caller
from ..resources import User

_passwords = principals.passwords
Profile = _passwords.LoginProfile
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


def _user(call: Call, name: str | None) -> User:
    user = caller(call, name)
    if user is None:
        raise error.NoSuchEntityException("Login Profile for User root cannot be found.")
    return user


def _profile(call: Call, user: User) -> Profile:
    row = call.table(Profile).get(user.UserId)
    if row is None:
        raise error.NoSuchEntityException(f"Login Profile for User {user.UserName} cannot be found.")
    return row


def _told(user: User, row: Profile) -> dict[str, Any]:
    return {"LoginProfile": {"UserName": user.UserName, "CreateDate": row.created, "PasswordResetRequired": row.reset}}


def _check(call: Call, user: User, password: str) -> None:
    problem = _passwords.objection(_passwords.policy_of(call), user.UserName, call.account, password)
    if problem:
        raise error.PasswordPolicyViolationException(problem)


def _set(call: Call, user: User, row: Profile, password: str) -> None:
    """A new password, that the policy allows and that is none of the last ones."""
    _check(call, user, password)
    policy, new = _passwords.policy_of(call), _passwords.hashed(password, row.salt)
    if policy is not None and new in row.hashes[:policy.remembered]:
        raise error.PasswordPolicyViolationException(
            "Policy constraint violation with password reuse prevention during password change.")
    row.hashes = [new, *row.hashes][:_passwords.REMEMBERED]
    row.changed = call.now


@operation
def create_login_profile(call: Call, Password: str, UserName: str | None = None,
                         PasswordResetRequired: bool = False) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html"""
    user = _user(call, UserName)
    if call.table(Profile).get(user.UserId) is not None:
        raise error.EntityAlreadyExistsException(f"Login Profile for user {user.UserName} already exists.")
    _check(call, user, Password)
    salt = call.token(32, _ALPHABET)
    row = Profile(user=user.UserId, created=call.now, changed=call.now, salt=salt,
                  hashes=[_passwords.hashed(Password, salt)], reset=PasswordResetRequired)
    return _told(user, call.put(row))


@operation
def get_login_profile(call: Call, UserName: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetLoginProfile.html"""
    user = _user(call, UserName)
    return _told(user, _profile(call, user))


@operation
def update_login_profile(call: Call, UserName: str, Password: str | None = None,
                         PasswordResetRequired: bool | None = None) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateLoginProfile.html"""
    user = _user(call, UserName)
    row = _profile(call, user)
    if Password is not None:
        _set(call, user, row, Password)
        row.reset = False
    row.reset = row.reset if PasswordResetRequired is None else PasswordResetRequired
    call.put(row)


@operation
def delete_login_profile(call: Call, UserName: str | None = None) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteLoginProfile.html"""
    user = _user(call, UserName)
    _profile(call, user)
    call.table(Profile).delete(user.UserId)


@operation
def change_password(call: Call, OldPassword: str, NewPassword: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ChangePassword.html"""
    if call.principal.kind != "user":
        raise error.InvalidUserTypeException("Only IAM Users can change their own password.")
    user = _user(call, None)
    row = _profile(call, user)
    if not _passwords.matches(row, OldPassword):
        raise error.AccessDenied("The old password was incorrect.", 403)
    policy = _passwords.policy_of(call)
    end = _passwords.expires(policy, row)
    if policy is not None and policy.hard_expiry and end is not None and end <= call.now:
        raise error.EntityTemporarilyUnmodifiableException(
            "The password has expired. An administrator must set a new one.")
    _set(call, user, row, NewPassword)
    row.reset = False
    call.put(row)


# --- the account's policy ------------------------------------------------------------------------------------------------


@operation
def update_account_password_policy(call: Call, MinimumPasswordLength: int = 6, RequireSymbols: bool = False,
                                   RequireNumbers: bool = False, RequireUppercaseCharacters: bool = False,
                                   RequireLowercaseCharacters: bool = False, AllowUsersToChangePassword: bool = False,
                                   MaxPasswordAge: int = 0, PasswordReusePrevention: int = 0,
                                   HardExpiry: bool | None = None) -> None:
    """What is left out goes back to its default.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccountPasswordPolicy.html
    """
    call.put(_passwords.PasswordPolicy(
        minimum=MinimumPasswordLength, symbols=RequireSymbols, numbers=RequireNumbers, upper=RequireUppercaseCharacters,
        lower=RequireLowercaseCharacters, self_service=AllowUsersToChangePassword, max_age=MaxPasswordAge,
        remembered=PasswordReusePrevention, hard_expiry=HardExpiry))


@operation
def get_account_password_policy(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountPasswordPolicy.html"""
    row = _passwords.policy_of(call)
    if row is None:
        raise error.NoSuchEntityException(f"The Password Policy with domain name {call.account} cannot be found.")
    return {"PasswordPolicy": {
        "MinimumPasswordLength": row.minimum, "RequireSymbols": row.symbols, "RequireNumbers": row.numbers,
        "RequireUppercaseCharacters": row.upper, "RequireLowercaseCharacters": row.lower,
        "AllowUsersToChangePassword": row.self_service, "ExpirePasswords": bool(row.max_age),
        "MaxPasswordAge": row.max_age or None, "PasswordReusePrevention": row.remembered or None,
        "HardExpiry": row.hard_expiry}}


@operation
def delete_account_password_policy(call: Call) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteAccountPasswordPolicy.html"""
    row = _passwords.policy_of(call)
    if row is None:
        raise error.NoSuchEntityException("The account policy with name PasswordPolicy cannot be found.")
    call.table(_passwords.PasswordPolicy).delete(row.id)
