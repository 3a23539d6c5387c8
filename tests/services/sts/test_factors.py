"""The second factor in STS."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from conftest import Cloud


class Device:
    """An authenticator of the user ann, and her key."""

    def __init__(self, cloud: Cloud) -> None:
        iam = cloud.client("iam")
        iam.create_user(UserName="ann")
        iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"},
            {"Effect": "Allow", "Action": "sqs:*", "Resource": "*",
             "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}]}))
        made = iam.create_virtual_mfa_device(VirtualMFADeviceName="d")["VirtualMFADevice"]
        self.serial = str(made["SerialNumber"])
        self.codes = TOTP(base64.b32decode(made["Base32StringSeed"]), 6, SHA1(), 30, enforce_key_length=False)
        now = int(time.time())
        iam.enable_mfa_device(UserName="ann", SerialNumber=self.serial, AuthenticationCode1=self.code(now - 60),
                              AuthenticationCode2=self.code(now - 30))
        key = iam.create_access_key(UserName="ann")["AccessKey"]
        self.keys = {"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}

    def code(self, at: float) -> str:
        return self.codes.generate(int(at)).decode()

    def given(self, at: float) -> dict[str, str]:
        return {"SerialNumber": self.serial, "TokenCode": self.code(at)}


def refused(fn: Any, **members: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as problem:
        fn(**members)
    return problem.value.response["Error"]["Code"], problem.value.response["Error"]["Message"]


def using(credentials: dict[str, Any]) -> dict[str, Any]:
    return {"key": credentials["AccessKeyId"], "secret": credentials["SecretAccessKey"], "token": credentials["SessionToken"]}


def test_a_session_token_with_a_code_counts_as_two_factors(strict: Cloud) -> None:
    device = Device(strict)
    sts, now = strict.client("sts", **device.keys), time.time()
    plain = strict.client("sqs", **using(sts.get_session_token()["Credentials"]))
    assert refused(plain.list_queues)[0] == "AccessDenied"
    given = device.given(now)
    assert refused(sts.get_session_token, SerialNumber=device.serial, TokenCode="000000") == (
        "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ")
    session = strict.client("sqs", **using(sts.get_session_token(**given)["Credentials"]))
    assert session.list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert refused(sts.get_session_token, **given)[0] == "AccessDenied"            # no code counts twice
    assert refused(sts.get_session_token, TokenCode="123456")[0] == "ValidationError"


def test_a_role_may_ask_for_a_code(strict: Cloud) -> None:
    device = Device(strict)
    trust = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"AWS": strict.account}, "Action": "sts:AssumeRole",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}, "NumericLessThan": {"aws:MultiFactorAuthAge": "300"}}}]}
    role = strict.client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    sts, now = strict.client("sts", **device.keys), time.time()
    asked = {"RoleArn": role, "RoleSessionName": "one"}
    assert refused(sts.assume_role, **asked)[0] == "AccessDenied"
    assert refused(sts.assume_role, **asked, SerialNumber=device.serial, TokenCode="000000")[0] == "AccessDenied"
    assert sts.assume_role(**asked, **device.given(now))["Credentials"]["AccessKeyId"].startswith("ASIA")


def test_digits_of_other_scripts_are_no_code(strict: Cloud) -> None:
    device, odd = Device(strict), "١٢٣٤٥٦"
    sts, iam = strict.client("sts", **device.keys), strict.client("iam")
    code, _ = refused(sts.get_session_token, SerialNumber=device.serial, TokenCode=odd)
    assert code in ("AccessDenied", "ValidationError")
    code, _ = refused(iam.resync_mfa_device, UserName="ann", SerialNumber=device.serial, AuthenticationCode1=odd,
                      AuthenticationCode2=odd)
    assert code in ("InvalidAuthenticationCode", "ValidationError")
