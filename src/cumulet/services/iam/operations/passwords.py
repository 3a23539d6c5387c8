"""Login profiles (a user's password for the console), and what an account asks of passwords."""

from __future__ import annotations

import hmac
from typing import Any, NamedTuple

from cumulet.kernel import Call, error, operation, principals

from ..entities import caller

_passwords = principals.passwords
Profile = _passwords.LoginProfile
_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


class Owner(NamedTuple):
    """Whose a password is: the unique id and name of a user; "" and "root"."""

    id: str
    name: str


def _owner(call: Call, name: str | None) -> Owner:
    user = caller(call, name)
    return Owner(user.UserId, user.UserName) if user is not None else Owner("", "root")


def _profile(call: Call, owner: Owner) -> Profile:
    row = call.table(Profile).get(owner.id)
    if row is None:
        raise error.NoSuchEntityException(f"Login Profile for User {owner.name} cannot be found.")
    return row


def _told(owner: Owner, row: Profile) -> dict[str, Any]:
    return {"LoginProfile": {"UserName": owner.name, "CreateDate": row.created, "PasswordResetRequired": row.reset}}


def _check(call: Call, owner: Owner, password: str) -> None:
    problem = _passwords.objection(_passwords.policy_of(call), owner.name, call.account, password)
    if problem:
        raise error.PasswordPolicyViolationException(problem)


def _hashes(call: Call, row: Profile, *passwords: str) -> tuple[bytes, ...]:
    """Made aside; once more when the profile has become another one meanwhile."""
    made = call.aside(_passwords.all_hashed, row.salt, *passwords)
    return made.found if made.salt == row.salt else _passwords.all_hashed(row.salt, *passwords).found


def _set(call: Call, row: Profile, new: bytes) -> None:
    """A new password, that is none of the last ones."""
    policy = _passwords.policy_of(call)
    if policy is not None and new in row.hashes[:policy.remembered]:
        raise error.PasswordPolicyViolationException(
            "Policy constraint violation with password reuse prevention during password change.")
    row.hashes = [new, *row.hashes][:_passwords.REMEMBERED]
    row.changed = call.now


@operation
def create_login_profile(call: Call, UserName: str | None = None, Password: str | None = None,
                         PasswordResetRequired: bool = False) -> dict[str, Any]:
    """The root of a member account gets a profile without a password: it has to be recovered before it can be used.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html
    """
    owner = _owner(call, UserName)
    if (Password is None) != (not owner.id):
        raise error.ValidationError("Password must be given for users, and must be omitted for the root", 400)
    if call.table(Profile).get(owner.id) is not None:
        raise error.EntityAlreadyExistsException(f"Login Profile for user {owner.name} already exists.")
    made = _passwords.Hashes(call.token(32, _ALPHABET), ())
    if Password is not None:
        _check(call, owner, Password)
        made = call.aside(_passwords.all_hashed, made.salt, Password)
    row = Profile(user=owner.id, created=call.now, changed=call.now, salt=made.salt, hashes=list(made.found),
                  reset=PasswordResetRequired)
    return _told(owner, call.put(row))


@operation
def get_login_profile(call: Call, UserName: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetLoginProfile.html"""
    owner = _owner(call, UserName)
    return _told(owner, _profile(call, owner))


@operation
def update_login_profile(call: Call, UserName: str, Password: str | None = None,
                         PasswordResetRequired: bool | None = None) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateLoginProfile.html"""
    owner = _owner(call, UserName)
    row = _profile(call, owner)
    if Password is not None:
        _check(call, owner, Password)
        _set(call, row, *_hashes(call, row, Password))
        row.reset = False
    row.reset = row.reset if PasswordResetRequired is None else PasswordResetRequired
    call.put(row)


@operation
def delete_login_profile(call: Call, UserName: str | None = None) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteLoginProfile.html"""
    call.table(Profile).delete(_profile(call, _owner(call, UserName)).user)


@operation
def change_password(call: Call, OldPassword: str, NewPassword: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ChangePassword.html"""
    if call.principal.kind != "user":
        raise error.InvalidUserTypeException("Only IAM Users can change their own password.")
    owner = _owner(call, None)
    row = _profile(call, owner)
    old, new = _hashes(call, row, OldPassword, NewPassword)
    if not row.hashes or not hmac.compare_digest(row.hashes[0], old):
        raise error.AccessDenied("The old password was incorrect.", 403)
    policy = _passwords.policy_of(call)
    end = _passwords.expires(policy, row)
    if policy is not None and policy.hard_expiry and end is not None and end <= call.now:
        raise error.EntityTemporarilyUnmodifiableException(
            "The password has expired. An administrator must set a new one.")
    _check(call, owner, NewPassword)
    _set(call, row, new)
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
