"""The screens of KMS, Secrets Manager, Parameter Store and SNS as a person uses them, and roles taken; in Chromium."""

from __future__ import annotations

import json

from playwright.sync_api import Browser, expect

from conftest import Cloud

from .browser import Person, profile


def test_a_key_encrypts_and_decrypts(person: Person, console: Cloud) -> None:
    person.go("kms")
    person.press("Create key")
    person.field("Alias").fill("ours")
    person.confirm("Create key")
    expect(person.row("alias/ours")).to_contain_text("Enabled")
    person.row("alias/ours").get_by_role("link").click()
    person.field("Text").fill("a secret")
    person.press("Encrypt")
    expect(person.field("Encrypted, in base64")).not_to_have_value("")
    person.field("Text").fill("")
    person.press("Decrypt")
    expect(person.field("Text")).to_have_value("a secret")
    person.go("kms")
    person.pick("alias/ours")
    person.press("Schedule deletion")
    person.confirm("Schedule deletion")
    expect(person.row("alias/ours")).to_contain_text("PendingDeletion")
    kms = console.client("kms")
    assert kms.describe_key(KeyId="alias/ours")["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_a_secret_is_stored_shown_and_changed(person: Person, console: Cloud) -> None:
    person.go("secretsmanager")
    person.press("Store secret")
    person.field("Secret name").fill("database")
    person.field("Value").fill('{"password": "first"}')
    person.confirm("Store secret")
    person.tab.get_by_role("link", name="database", exact=True).click()
    person.press("Show value")
    expect(person.tab.get_by_label("Secret value", exact=True)).to_contain_text('"password": "first"')
    person.press("Put new value")
    person.field("Value").fill('{"password": "second"}')
    person.confirm("Put")
    expect(person.tab.get_by_role("row").filter(has_text="AWSPREVIOUS")).to_have_count(1)
    secrets = console.client("secretsmanager")
    assert secrets.get_secret_value(SecretId="database")["SecretString"] == '{"password": "second"}'


def test_a_parameter_is_made_and_changed(person: Person, console: Cloud) -> None:
    person.go("ssm")
    person.press("Create parameter")
    person.field("Parameter name").fill("/app/url")
    person.field("Value").fill("http://one")
    person.confirm("Create parameter")
    person.tab.get_by_role("link", name="/app/url").click()
    person.press("Edit")
    person.field("Value").fill("http://two")
    person.confirm("Save")
    expect(person.tab.get_by_role("heading", name="String, version 2")).to_be_visible()
    assert console.client("ssm").get_parameter(Name="/app/url")["Parameter"]["Value"] == "http://two"


def test_what_a_topic_sends_to_people_is_in_the_mailbox(person: Person, console: Cloud) -> None:
    person.go("sns")
    person.press("Create topic")
    person.field("Topic name").fill("news")
    person.confirm("Create topic")
    person.tab.get_by_role("link", name="news", exact=True).click()
    person.press("Create subscription")
    person.choose("Protocol", "email")
    person.field("Endpoint").fill("ann@example.com")
    person.confirm("Create subscription")
    expect(person.row("ann@example.com")).to_be_visible()
    person.go("sns/mailbox")
    expect(person.row("ann@example.com")).to_contain_text("Confirm")


def test_a_role_is_taken_and_given_back(browser: Browser, console: Cloud) -> None:
    iam = console.client("iam")
    user = iam.create_user(UserName="ann")["User"]["Arn"]
    iam.create_login_profile(UserName="ann", Password="First-pass-1")
    iam.put_user_policy(UserName="ann", PolicyName="any", PolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
    iam.create_role(RoleName="worker", AssumeRolePolicyDocument=json.dumps(
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": user}, "Action": "sts:AssumeRole"}]}))
    person = Person(profile(browser), console.endpoint, console.account)
    person.sign_in("ann", "First-pass-1")
    person.tab.get_by_role("button", name=f"ann @ {console.account}").click()
    person.tab.get_by_role("menuitem", name="Switch role…").click()
    person.field("Role").fill("worker")
    person.tab.keyboard.press("Escape")                # the list of roles stays open otherwise
    person.confirm("Switch role")
    taken = person.tab.get_by_role("button", name="worker")
    expect(taken).to_be_visible()
    taken.click()
    person.tab.get_by_role("menuitem", name="Switch back to ann").click()
    expect(person.tab.get_by_role("button", name=f"ann @ {console.account}")).to_be_visible()
    person.context.close()
