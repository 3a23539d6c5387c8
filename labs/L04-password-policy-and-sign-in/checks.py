"""The policy asks enough, the account has an address, and sam has been there."""

from cumulet.faces.labs.room import Room, Wrong


def policy(room: Room) -> None:
    """Each of its parts."""
    found = room.client("iam").get_account_password_policy()["PasswordPolicy"]
    asked = ("RequireSymbols", "RequireNumbers", "RequireUppercaseCharacters", "RequireLowercaseCharacters",
             "AllowUsersToChangePassword")
    missing = [name for name in asked if not found.get(name)]
    if missing:
        raise Wrong(f"the policy lacks {', '.join(missing)}")
    if found["MinimumPasswordLength"] < 14:
        raise Wrong(f"passwords may have {found['MinimumPasswordLength']} characters, and should have 14 at least")
    if found.get("MaxPasswordAge") != 90:
        raise Wrong(f"a password lasts {found.get('MaxPasswordAge', 'without end')}, and should last 90 days")
    if found.get("PasswordReusePrevention", 0) < 5:
        raise Wrong("a password of the last five may come again")


def _alias(room: Room) -> str:
    found = room.client("iam").list_account_aliases()["AccountAliases"]
    if not found:
        raise Wrong("the account has no alias")
    return str(found[0])


def alias(room: Room) -> None:
    """The address answers, and knows whose it is."""
    name = _alias(room)
    status, page = room.get(f"{name}.signin.localhost", "/console")
    if status != 200 or name.encode() not in page:
        raise Wrong(f"the sign-in page of {name} answers {status}")


def user(room: Room) -> None:
    """Sam has a password."""
    room.client("iam").get_login_profile(UserName="sam")


def signed(room: Room) -> None:
    """Sam was there, and has a password of sam's own."""
    iam = room.client("iam")
    if "PasswordLastUsed" not in iam.get_user(UserName="sam")["User"]:
        raise Wrong("sam has not signed in")
    if iam.get_login_profile(UserName="sam")["LoginProfile"]["PasswordResetRequired"]:
        raise Wrong("sam has signed in, and must still set a new password")
