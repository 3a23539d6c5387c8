"""`aws sso login` without a browser: a device's code, approved at the portal, traded for credentials of a role."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from conftest import Cloud
from cumulet.faces.labs.room import Answer, Room
from cumulet.kernel.access.tables import Session

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
VIEW = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


def refused(call: Callable[..., Any], **members: Any) -> str:
    with pytest.raises(ClientError) as problem:
        call(**members)
    return str(problem.value.response["Error"]["Code"])


class Login:
    """A user with a permission set in the one account of an instance, and the AWS CLI as a client."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        sso, people = cloud.client("sso-admin"), cloud.client("identitystore")
        self.arn = sso.create_instance()["InstanceArn"]
        sso.update_instance(InstanceArn=self.arn, PermissionSetsEnabled=True)
        self.store = sso.describe_instance(InstanceArn=self.arn)["IdentityStoreId"]
        self.user = people.create_user(IdentityStoreId=self.store, UserName="ana", DisplayName="Ana", Name={
            "GivenName": "Ana", "FamilyName": "Lima"})["UserId"]
        self.group = people.create_group(IdentityStoreId=self.store, DisplayName="readers")["GroupId"]
        people.create_group_membership(IdentityStoreId=self.store, GroupId=self.group, MemberId={"UserId": self.user})
        made = sso.create_permission_set(InstanceArn=self.arn, Name="Reader", SessionDuration="PT2H")["PermissionSet"]
        of = {"InstanceArn": self.arn, "PermissionSetArn": made["PermissionSetArn"]}
        sso.attach_managed_policy_to_permission_set(**of, ManagedPolicyArn=VIEW)
        sso.create_account_assignment(**of, TargetId=cloud.account, TargetType="AWS_ACCOUNT", PrincipalType="GROUP",
                                      PrincipalId=self.group)
        cloud.clock.idle()
        unsigned = Config(signature_version=UNSIGNED)
        self.oidc, self.portal = cloud.client("sso-oidc", config=unsigned), cloud.client("sso", config=unsigned)
        told = self.oidc.register_client(clientName="cli", clientType="public", scopes=["sso:account:access"])
        self.client = {"clientId": told["clientId"], "clientSecret": told["clientSecret"]}
        self.room = Room(cloud.endpoint, (cloud.account,))

    def start(self) -> dict[str, Any]:
        return dict(self.oidc.start_device_authorization(**self.client, startUrl=f"https://{self.store}.awsapps.com/start"))

    def approve(self, code: str, headers: dict[str, str] | None = None, **form: str) -> Answer:
        return self.room.post(f"{self.store}.awsapps.localhost", "/start/device",
                              {"user_code": code, "username": "ana", **form}, headers)

    def token(self, device: str) -> dict[str, Any]:
        return dict(self.oidc.create_token(**self.client, grantType=GRANT, deviceCode=device))

    def login(self) -> dict[str, Any]:
        started = self.start()
        first = self.approve(started["userCode"], password="Some-secret-1")
        if b"no password yet" in first.body:
            self.approve(started["userCode"], newpassword="Some-secret-1", newpassword2="Some-secret-1")
        return self.token(started["deviceCode"])


@pytest.fixture
def login(cloud: Cloud) -> Login:
    return Login(cloud)


def test_a_device_waits_until_somebody_signs_in(login: Login) -> None:
    started = login.start()
    page = urlsplit(started["verificationUriComplete"])
    assert page.hostname == f"{login.store}.awsapps.localhost"
    assert parse_qs(page.query)["user_code"] == [started["userCode"]]
    status, shown = login.room.get(page.netloc, f"{page.path}?{page.query}")
    assert (status, started["userCode"].encode() in shown) == (200, True)
    assert refused(login.token, device=started["deviceCode"]) == "AuthorizationPendingException"
    assert b"no password yet" in login.approve(started["userCode"]).body
    assert b"not the same" in login.approve(started["userCode"], newpassword="Some-secret-1", newpassword2="x").body
    assert b"at least 8" in login.approve(started["userCode"], newpassword="short", newpassword2="short").body
    other = {"Origin": "http://evil.example.com"}
    assert login.approve(started["userCode"], other, newpassword="Some-secret-1", newpassword2="Some-secret-1").status == 403
    assert refused(login.token, device=started["deviceCode"]) == "AuthorizationPendingException"
    done = login.approve(started["userCode"], newpassword="Some-secret-1", newpassword2="Some-secret-1")
    assert (done.status, b"approved" in done.body) == (200, True)
    told = login.token(started["deviceCode"])
    assert (told["tokenType"], told["expiresIn"]) == ("Bearer", 28800)
    assert refused(login.token, device=started["deviceCode"]) == "InvalidGrantException"      # once

    again = login.start()
    assert login.approve(again["userCode"], password="wrong").status == 401
    assert login.approve(again["userCode"], password="Some-secret-1", username="nobody").status == 401
    assert login.approve(again["userCode"], newpassword="Another-1", newpassword2="Another-1").status == 401
    assert login.approve(again["userCode"], password="Some-secret-1").status == 200
    late = login.start()
    login.cloud.clock.advance(601)
    assert b"not any more" in login.approve(late["userCode"], password="Some-secret-1").body
    assert refused(login.token, device=late["deviceCode"]) == "ExpiredTokenException"


def test_a_token_gives_credentials_of_the_role(login: Login) -> None:
    token = login.login()["accessToken"]
    account = login.cloud.account
    assert [one["accountId"] for one in login.portal.list_accounts(accessToken=token)["accountList"]] == [account]
    assert login.portal.list_account_roles(accessToken=token, accountId=account)["roleList"] == [
        {"roleName": "Reader", "accountId": account}]
    given = login.portal.get_role_credentials(accessToken=token, accountId=account, roleName="Reader")["roleCredentials"]
    assert abs(given["expiration"] / 1000 - login.cloud.clock.now() - 7200) < 60
    key = {"key": given["accessKeyId"], "secret": given["secretAccessKey"], "token": given["sessionToken"]}
    who = login.cloud.client("sts", **key).get_caller_identity()
    assert who["Account"] == account
    assert who["Arn"].partition("/")[2].startswith("AWSReservedSSO_Reader_")
    assert who["Arn"].endswith("/ana")
    s3 = login.cloud.client("s3", **key)
    s3.list_buckets()
    login.cloud.clock.advance(7201)
    assert refused(s3.list_buckets) == "ExpiredToken"
    assert refused(login.portal.get_role_credentials, accessToken=token, accountId=account, roleName="Admin") == \
        "ForbiddenException"


def test_a_token_ends_is_renewed_and_goes_with_its_user(login: Login) -> None:
    told = login.login()
    login.cloud.clock.advance(8 * 3600 + 1)
    assert refused(login.portal.list_accounts, accessToken=told["accessToken"]) == "UnauthorizedException"
    renew = {**login.client, "grantType": "refresh_token", "refreshToken": told["refreshToken"]}
    second = login.oidc.create_token(**renew)
    assert login.portal.list_accounts(accessToken=second["accessToken"])["accountList"]
    assert refused(login.oidc.create_token, **renew) == "InvalidGrantException"
    login.portal.logout(accessToken=second["accessToken"])
    assert refused(login.portal.list_accounts, accessToken=second["accessToken"]) == "UnauthorizedException"
    assert refused(login.portal.logout, accessToken=second["accessToken"]) == "UnauthorizedException"
    third = login.login()
    login.cloud.client("identitystore").delete_user(IdentityStoreId=login.store, UserId=login.user)
    assert refused(login.portal.list_accounts, accessToken=third["accessToken"]) == "UnauthorizedException"


def test_rights_go_with_the_group(login: Login) -> None:
    token = login.login()["accessToken"]
    login.cloud.client("identitystore").delete_group(IdentityStoreId=login.store, GroupId=login.group)
    assert login.portal.list_accounts(accessToken=token)["accountList"] == []
    assert refused(login.portal.get_role_credentials, accessToken=token, accountId=login.cloud.account,
                   roleName="Reader") == "ForbiddenException"


def test_clients_must_be_known(login: Login) -> None:
    assert refused(login.oidc.register_client, clientName="x", clientType="confidential") == "InvalidClientMetadataException"
    assert refused(login.oidc.register_client, clientName="x", clientType="public", scopes=["all"]) == "InvalidScopeException"
    url = f"https://{login.store}.awsapps.com/start"
    wrong = {**login.client, "clientSecret": "x"}
    assert refused(login.oidc.start_device_authorization, **wrong, startUrl=url) == "InvalidClientException"
    for odd in ("https://d-0.awsapps.com/start", "https://[", "start"):
        assert refused(login.oidc.start_device_authorization, **login.client, startUrl=odd) == "InvalidRequestException"
    assert refused(login.oidc.create_token, **login.client, grantType="password") == "UnsupportedGrantTypeException"
    login.cloud.clock.advance(90 * 86400 + 1)
    assert refused(login.oidc.start_device_authorization, **login.client, startUrl=url) == "InvalidClientException"


def test_the_aws_cli_works_with_a_profile_of_the_portal(login: Login, tmp_path: Path) -> None:
    url = f"http://{login.store}.awsapps.localhost/start"
    (tmp_path / "config").write_text(f"[profile ana]\nsso_start_url = {url}\nsso_region = us-east-1\nsso_role_name = Reader\n"
                                     f"sso_account_id = {login.cloud.account}\nregion = us-east-1\n")
    cache = tmp_path / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    (cache / f"{hashlib.sha1(url.encode()).hexdigest()}.json").write_text(json.dumps({
        "startUrl": url, "region": "us-east-1", "accessToken": login.login()["accessToken"],
        "expiresAt": "2999-01-01T00:00:00Z"}))
    ran = subprocess.run([Path(sys.executable).with_name("aws"), "sts", "get-caller-identity", "--profile", "ana", "--output",
                          "json"], capture_output=True, text=True, timeout=60, env={
        "HOME": str(tmp_path), "AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_ENDPOINT_URL": login.cloud.endpoint,
        "PATH": os.environ["PATH"]})
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["Arn"].endswith("/ana")


def test_attributes_of_a_user_become_session_tags(login: Login) -> None:
    sso, account = login.cloud.client("sso-admin"), login.cloud.account
    of = {"InstanceArn": login.arn}

    def given(**sources: str) -> dict[str, Any]:
        return {**of, "InstanceAccessControlAttributeConfiguration": {"AccessControlAttributes": [
            {"Key": key, "Value": {"Source": [source]}} for key, source in sources.items()]}}

    ask = sso.describe_instance_access_control_attribute_configuration
    assert refused(ask, **of) == "ResourceNotFoundException"
    assert refused(sso.update_instance_access_control_attribute_configuration, **given()) == "ResourceNotFoundException"
    sso.create_instance_access_control_attribute_configuration(**given(Who="${path:userName}"))
    assert refused(sso.create_instance_access_control_attribute_configuration, **given()) == "ConflictException"
    sso.update_instance_access_control_attribute_configuration(**given(
        Family="${path:name.familyName}", Mail="${path:emails[primary eq true].value}", Title="${path:title}"))
    told = ask(**of)
    assert told["Status"] == "ENABLED"
    assert len(told["InstanceAccessControlAttributeConfiguration"]["AccessControlAttributes"]) == 3
    login.cloud.client("identitystore").update_user(IdentityStoreId=login.store, UserId=login.user, Operations=[
        {"AttributePath": "emails", "AttributeValue": [{"value": "ana@example.com", "primary": True}]}])

    def tags() -> dict[str, str]:
        token = login.login()["accessToken"]
        key = login.portal.get_role_credentials(accessToken=token, accountId=account, roleName="Reader")["roleCredentials"]
        row = login.cloud.thread.call(login.cloud.kernel.store.run(
            lambda tx: tx.table(Session, account, "").get(key["accessKeyId"])))
        return dict(row.principal.tags)

    assert tags() == {"Family": "Lima", "Mail": "ana@example.com"}                 # the user has no title
    sso.delete_instance_access_control_attribute_configuration(**of)
    assert refused(ask, **of) == "ResourceNotFoundException"
    assert tags() == {}
