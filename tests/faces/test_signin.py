"""The console's sign-in page, as a browser uses it."""

from __future__ import annotations

import base64
import threading
import time
from typing import Any

import pytest

from conftest import Cloud
from cumulet.faces.labs.room import Answer, Room
from cumulet.kernel.access import console, passwords
from cumulet.kernel.access.totp import code

PASSWORD = "First-pass-1"


class Visitor:
    """A browser at the page of one account."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.room = Room(cloud.endpoint, (cloud.account,))
        self.host = f"{cloud.account}.signin.localhost"
        self.iam = cloud.client("iam")

    def user(self, name: str = "ann", **options: Any) -> None:
        self.iam.create_user(UserName=name)
        self.iam.create_login_profile(UserName=name, Password=PASSWORD, **options)

    def post(self, password: str = PASSWORD, name: str = "ann", headers: dict[str, str] | None = None, host: str = "",
             **form: str) -> Answer:
        return self.room.post(host or self.host, "/console", {"account": self.cloud.account, "username": name,
                                                              "password": password, **form}, headers)

    def sees(self, cookie: str) -> bytes:
        status, body = self.room.get(self.host, "/console", {"Cookie": cookie})
        assert status == 200
        return body


@pytest.fixture
def visitor(cloud: Cloud) -> Visitor:
    return Visitor(cloud)


def test_a_user_signs_in_and_out(visitor: Visitor) -> None:
    visitor.user()
    assert f'value="{visitor.cloud.account}"'.encode() in visitor.sees("")
    answer = visitor.post()
    assert (answer.status, answer.cookie.partition("=")[0]) == (303, "cumulet-console")
    assert b"<strong>ann</strong>" in visitor.sees(answer.cookie)
    assert b"Signed in" not in visitor.sees("cumulet-console=somebody-elses")
    assert visitor.iam.get_user(UserName="ann")["User"]["PasswordLastUsed"]
    left = visitor.room.post(visitor.host, "/console/sign-out", {}, {"Cookie": answer.cookie})
    assert (left.status, left.cookie) == (303, "cumulet-console=")
    assert b"Signed in" not in visitor.sees(answer.cookie)


def test_who_is_wrong_is_not_told_why(visitor: Visitor) -> None:
    visitor.user()
    visitor.iam.create_user(UserName="keyless")
    answers = {visitor.post(**wrong).body.replace(name.encode(), b"") for name, wrong in (
        ("ann", {"password": "x"}), ("nobody", {"name": "nobody"}), ("keyless", {"name": "keyless"}))}
    one, = answers
    assert b"Your authentication information is incorrect. Please try again." in one
    assert PASSWORD.encode() not in one
    wrong = visitor.post("x")
    assert (wrong.status, wrong.cookie) == (401, "")


def test_an_alias_names_the_account(visitor: Visitor) -> None:
    visitor.user()
    alias = f"team-{visitor.cloud.account}"
    visitor.iam.create_account_alias(AccountAlias=alias)
    assert visitor.post(account=alias, host=f"{alias}.signin.aws.amazon.com").status == 303
    assert visitor.post(account="no-such-alias").status == 401


def test_pages_of_other_origins_sign_nobody_in(visitor: Visitor) -> None:
    visitor.user()
    for headers in ({"Origin": "http://evil.example.com"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert visitor.post(headers=headers).status == 403
    answer = visitor.post(headers={"Origin": f"http://{visitor.host}"})
    assert answer.status == 303
    out = visitor.room.post(visitor.host, "/console/sign-out", {}, {"Cookie": answer.cookie, "Origin": "http://evil.example.com"})
    assert out.status == 403
    assert b"Signed in" in visitor.sees(answer.cookie)


def test_a_first_password_is_changed_under_the_policy(visitor: Visitor) -> None:
    visitor.iam.update_account_password_policy(MinimumPasswordLength=12, RequireNumbers=True, AllowUsersToChangePassword=True)
    visitor.user(PasswordResetRequired=True)
    asked = visitor.post()
    assert asked.status == 200
    assert b"You must change your password" in asked.body
    assert b'name="newpassword2"' in asked.body
    short = visitor.post(newpassword="short1", newpassword2="short1")
    assert b"minimum length of 12" in short.body
    unequal = visitor.post(newpassword="Second-pass-22", newpassword2="other")
    assert b"not the same" in unequal.body
    assert unequal.cookie == ""
    assert visitor.post(newpassword="Second-pass-22", newpassword2="Second-pass-22").status == 303
    assert visitor.post().status == 401
    assert visitor.post("Second-pass-22").status == 303


def test_an_old_password_expires_softly_or_hard(visitor: Visitor) -> None:
    visitor.iam.update_account_password_policy(MaxPasswordAge=90)
    visitor.user()
    visitor.cloud.clock.advance(90 * 86400 + 1)
    assert b"You must change your password" in visitor.post().body
    visitor.iam.update_account_password_policy(MaxPasswordAge=90, HardExpiry=True)
    hard = visitor.post()
    assert (hard.status, b"Contact your administrator" in hard.body) == (401, True)


def test_a_device_is_asked_for_its_code(visitor: Visitor) -> None:
    visitor.user()
    made = visitor.iam.create_virtual_mfa_device(VirtualMFADeviceName="ann")["VirtualMFADevice"]
    seed, step = base64.b32decode(made["Base32StringSeed"]), int(time.time()) // 30
    visitor.iam.enable_mfa_device(UserName="ann", SerialNumber=made["SerialNumber"], AuthenticationCode1=code(seed, step - 1),
                                  AuthenticationCode2=code(seed, step))
    asked = visitor.post()
    assert (asked.status, asked.cookie) == (200, "")
    assert b"code of your MFA device" in asked.body
    assert visitor.post(mfacode="000000" if code(seed, step + 1) != "000000" else "000001").status == 401
    assert visitor.post(mfacode=code(seed, step + 1)).status == 303
    assert visitor.post(mfacode=code(seed, step + 1)).status == 401            # no code counts twice


def test_a_session_ends_by_the_clock_and_with_its_user(visitor: Visitor) -> None:
    visitor.user()
    first, second = visitor.post().cookie, visitor.post().cookie
    assert first != second
    visitor.cloud.clock.advance(console.LASTS - 60)
    assert b"Signed in" in visitor.sees(first)
    visitor.cloud.clock.advance(61)
    assert b"Signed in" not in visitor.sees(first)
    third = visitor.post().cookie
    visitor.iam.delete_login_profile(UserName="ann")
    visitor.iam.delete_user(UserName="ann")
    assert b"Signed in" not in visitor.sees(third)


def test_odd_requests_are_refused(visitor: Visitor) -> None:
    assert visitor.room.get(visitor.host, "/elsewhere")[0] == 404
    assert visitor.room.get(visitor.host, "/console", method="DELETE")[0] == 405
    assert visitor.room.post(visitor.host, "/console", {}, {"Content-Type": "text/plain"}).status == 400
    hostile = visitor.post(name='"><script>')
    assert b"<script>" not in hostile.body


def test_a_sign_in_is_told_on_the_bus(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor.user()
    told: list[tuple[str, str, Any]] = []
    monkeypatch.setattr(visitor.cloud.kernel.bus, "emit", lambda call, source, kind, detail, resources:
                        told.append((source, kind, detail)))
    visitor.post()
    visitor.post("wrong")
    assert [(source, kind) for source, kind, _ in told] == [("aws.signin", "AWS Console Sign In via CloudTrail")] * 2
    assert [detail["responseElements"]["ConsoleLogin"] for _, _, detail in told] == ["Success", "Failure"]
    assert told[0][2]["userIdentity"]["arn"] == f"arn:aws:iam::{visitor.cloud.account}:user/ann"


def test_others_are_answered_while_a_password_is_hashed(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor.user()
    seen: set[int] = set()
    hashed = passwords.hashed

    def noted(password: str, salt: str) -> bytes:
        seen.add(threading.get_ident())
        return hashed(password, salt)

    async def loop() -> int:
        return threading.get_ident()

    monkeypatch.setattr(passwords, "hashed", noted)
    assert visitor.post().status == 303
    assert visitor.post("wrong", "nobody").status == 401
    assert seen
    assert visitor.cloud.thread.call(loop()) not in seen
