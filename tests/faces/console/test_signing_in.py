"""Who may use the console's API, and as whom."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import httpx
import pytest

from cumulet.faces.console import face
from cumulet.kernel.access.totp import code

from .conftest import Page

PASSWORD = "First-pass-1"


def user(page: Page, name: str = "ann", **options: Any) -> Any:
    iam = page.cloud.client("iam")
    iam.create_user(UserName=name)
    iam.create_login_profile(UserName=name, Password=PASSWORD, **options)
    return iam


def test_the_root_comes_in_with_one_click(visitor: Page) -> None:
    answer = visitor.sign_in().json()
    account = visitor.cloud.account
    assert (answer["account"], answer["arn"], answer["kind"]) == (account, f"arn:aws:iam::{account}:root", "root")
    assert visitor.ask("GET", "me").json()["account"] == account
    assert visitor.ask("POST", "sign-out").status_code == 200
    assert visitor.ask("GET", "me").status_code == 401


def test_an_account_is_found_by_its_alias(visitor: Page) -> None:
    alias = f"alias-{visitor.cloud.account}"
    visitor.cloud.client("iam").create_account_alias(AccountAlias=alias)
    answer = visitor.sign_in(account=alias).json()
    assert (answer["account"], answer["alias"]) == (visitor.cloud.account, alias)
    refused = visitor.sign_in(account="nobody-has-this-alias")
    assert (refused.status_code, refused.json()["error"]) == (
        401, "There is no such account: say its twelve digits, or its alias.")


def test_a_user_comes_in_with_a_password(visitor: Page) -> None:
    user(visitor)
    wrong = visitor.sign_in(username="ann", password="wrong")
    assert (wrong.status_code, wrong.json()["error"]) == (
        401, "Your authentication information is incorrect. Please try again.")
    answer = visitor.sign_in(username="ann", password=PASSWORD).json()
    assert (answer["name"], answer["kind"], answer["mfa"]) == ("ann", "user", False)
    assert visitor.invoke("sts", "GetCallerIdentity")["result"]["Arn"] == f"arn:aws:iam::{visitor.cloud.account}:user/ann"


def test_a_user_with_a_device_says_its_code(visitor: Page) -> None:
    iam = user(visitor)
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]
    seed = base64.b32decode(device["Base32StringSeed"])
    step = int(time.time()) // 30                  # as a phone does; the next step may begin at any line from here on
    iam.enable_mfa_device(UserName="ann", SerialNumber=device["SerialNumber"], AuthenticationCode1=code(seed, step - 1),
                          AuthenticationCode2=code(seed, step))
    asked = visitor.sign_in(username="ann", password=PASSWORD)
    assert (asked.status_code, asked.json()["asks"]) == (401, "code")
    assert visitor.sign_in(username="ann", password=PASSWORD, mfacode=code(seed, step + 1)).json()["mfa"] is True


def test_a_password_that_must_be_changed_is_asked_for(visitor: Page) -> None:
    user(visitor, PasswordResetRequired=True)
    visitor.cloud.client("iam").attach_user_policy(UserName="ann", PolicyArn="arn:aws:iam::aws:policy/IAMUserChangePassword")
    assert visitor.sign_in(username="ann", password=PASSWORD).json()["asks"] == "change"
    new = {"newpassword": "Second-pass-2", "newpassword2": "Second-pass-2"}
    assert visitor.sign_in(username="ann", password=PASSWORD, **new).status_code == 200
    assert visitor.sign_in(username="ann", password="Second-pass-2").status_code == 200


def test_a_role_is_switched_to(page: Page) -> None:
    iam, account = page.cloud.client("iam"), page.cloud.account
    statement = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    answer = page.ask("POST", "switch", {"role": role}).json()
    assert (answer["kind"], answer["name"]) == ("role", "reader/root")
    other = Page(page.cloud, answer["token"])
    assert other.invoke("sts", "GetCallerIdentity")["result"]["Arn"] == f"arn:aws:sts::{account}:assumed-role/reader/root"
    refused = page.ask("POST", "switch", {"role": f"arn:aws:iam::{account}:role/nobody"})
    assert refused.status_code == 401
    assert "not authorized to perform: sts:AssumeRole" in refused.json()["error"]
    page.cloud.clock.advance(3601)
    assert other.ask("GET", "me").status_code == 401


def test_a_session_ends_with_its_user_and_its_time(visitor: Page) -> None:
    iam = user(visitor)
    visitor.sign_in(username="ann", password=PASSWORD)
    assert visitor.ask("GET", "me").status_code == 200
    iam.delete_login_profile(UserName="ann")
    iam.delete_user(UserName="ann")
    assert visitor.ask("GET", "me").status_code == 401
    visitor.sign_in()
    visitor.cloud.clock.advance(12 * 3600 + 1)
    assert visitor.ask("GET", "me").status_code == 401


def test_who_moves_the_clock_stays(visitor: Page) -> None:
    visitor.sign_in()
    moved = visitor.ask("POST", "control/time", {"advance": 30 * 86_400})
    assert moved.status_code == 200
    assert visitor.ask("GET", "me").status_code == 200
    visitor.cloud.clock.advance(12 * 3600 + 1)
    assert visitor.ask("GET", "me").status_code == 401


def test_without_a_token_nothing_is_told(visitor: Page) -> None:
    for method, path in (("GET", "me"), ("GET", "services"), ("GET", "spec/sqs"), ("POST", "invoke"), ("POST", "presign"),
                         ("GET", "control/status"), ("POST", "control/reset"), ("GET", "object/bucket/key"),
                         ("GET", "coverage")):
        answer = visitor.ask(method, path, {} if method == "POST" else None)
        assert (answer.status_code, answer.json()["error"]) == (401, "Sign in first."), path
    assert Page(visitor.cloud, "somebody-elses").ask("GET", "me").status_code == 401


@pytest.mark.parametrize("headers", [
    {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "http://localhost:1"},
    {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
def test_pages_of_other_origins_are_refused(page: Page, headers: dict[str, str]) -> None:
    for method, path in (("POST", "sign-in"), ("GET", "me"), ("POST", "invoke"), ("GET", "roots")):
        answer = page.ask(method, path, {} if method == "POST" else None, headers)
        assert (answer.status_code, answer.json()["error"]) == (403, "Pages of other origins may not use the console."), path
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("host", ["evil.example", "evil.example:4566", "localhost.evil.example", "127.0.0.1.evil.example", "",
                                  "bucket.s3-website.localhost:4566"])
def test_names_that_somebody_pointed_here_are_refused(page: Page, host: str) -> None:
    answer = page.ask("GET", "me", headers={"Host": host})
    assert (answer.status_code, answer.json()["error"]) == (
        403, "The console answers to localhost and to addresses, not to other names.")


@pytest.mark.parametrize("host", ["localhost:4566", "127.0.0.1:4566", "[::1]:4566", "10.1.2.3:4566"])
def test_this_machines_names_and_addresses_are_taken(page: Page, host: str) -> None:
    answer = page.ask("GET", "me", headers={"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 200


def test_a_strict_server_lets_only_its_own_root_in(start_cloud: Any) -> None:
    thread = start_cloud(auth="strict", account="111122223333")
    face.mount(thread.cloud)
    with httpx.Client(base_url=thread.cloud.endpoint.replace("localhost", "127.0.0.1") + "/_console/api/") as http:
        assert http.get("roots").json() == {"account": "111122223333", "any": False}
        assert http.post("sign-in", json={"account": "111122223333"}).status_code == 200
        refused = http.post("sign-in", json={"account": "999999999999"})
        assert (refused.status_code, refused.json()["error"]) == (
            401, "This server takes only keys that IAM made: sign in as an IAM user.")


