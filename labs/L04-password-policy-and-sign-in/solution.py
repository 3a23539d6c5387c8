"""The account by the SDK, and sam in the browser: too simple, wrong, new, and in the end expired."""

from cumulet.faces.labs.room import Answer, Room

GIVEN, OWN, NEXT = "Given-by-admin-1", "Sams-own-secret-2", "Sams-next-secret-3"


def solve(room: Room) -> None:
    """Set up, sign in, and wait for ninety days."""
    iam, alias = room.client("iam"), f"lab-{room.account}"
    iam.update_account_password_policy(
        MinimumPasswordLength=14, RequireSymbols=True, RequireNumbers=True, RequireUppercaseCharacters=True,
        RequireLowercaseCharacters=True, AllowUsersToChangePassword=True, MaxPasswordAge=90, PasswordReusePrevention=5)
    iam.create_account_alias(AccountAlias=alias)
    iam.create_user(UserName="sam")
    for simple in ("Short-1", "no-capital-letters-1", "No-number-at-all", "NoSymbolAtAll12345"):
        room.refused("PasswordPolicyViolation", iam.create_login_profile, UserName="sam", Password=simple)
    iam.create_login_profile(UserName="sam", Password=GIVEN, PasswordResetRequired=True)

    def sign_in(password: str, **more: str) -> Answer:
        form = {"account": alias, "username": "sam", "password": password, **more}
        return room.post(f"{alias}.signin.localhost", "/console", form)

    wrong = sign_in("Not-my-password-1")
    assert wrong.status == 401
    assert b"Your authentication information is incorrect. Please try again." in wrong.body
    assert b"You must change your password" in sign_in(GIVEN).body
    assert b"minimum length of 14" in sign_in(GIVEN, newpassword="Short-1", newpassword2="Short-1").body
    entered = sign_in(GIVEN, newpassword=OWN, newpassword2=OWN)
    assert entered.status == 303
    status, page = room.get(f"{alias}.signin.localhost", "/console", {"Cookie": entered.cookie})
    assert status == 200
    assert b"<strong>sam</strong>" in page
    assert sign_in(GIVEN).status == 401

    room.advance(90 * 86400 + 1)
    status, page = room.get(f"{alias}.signin.localhost", "/console", {"Cookie": entered.cookie})
    assert b"<strong>sam</strong>" not in page
    assert b"You must change your password" in sign_in(OWN).body
    assert b"reuse prevention" in sign_in(OWN, newpassword=GIVEN, newpassword2=GIVEN).body
    assert sign_in(OWN, newpassword=NEXT, newpassword2=NEXT).status == 303
