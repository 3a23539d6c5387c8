"""SecureStrings: sealed by KMS, opened on request."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from conftest import Cloud
from services.sqs.queues import refused
from services.ssm.test_parameters import put, ssm  # noqa: F401  (a fixture)


def plain(ssm: Any, name: str) -> str:  # noqa: F811
    return str(ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"])


def test_a_secure_string_is_told_sealed_unless_it_is_asked_for_in_plain(cloud: Cloud, ssm: Any) -> None:  # noqa: F811
    put(ssm, "/p", "hidden", Type="SecureString")
    told = ssm.get_parameter(Name="/p")["Parameter"]
    assert told["Type"] == "SecureString"
    assert b"hidden" not in base64.b64decode(told["Value"])
    assert plain(ssm, "/p") == "hidden"
    arn = told["ARN"]
    opened = cloud.client("kms").decrypt(CiphertextBlob=base64.b64decode(told["Value"]),
                                         EncryptionContext={"PARAMETER_ARN": arn})
    assert opened["Plaintext"] == b"hidden"
    assert ssm.describe_parameters()["Parameters"][0]["KeyId"] == "alias/aws/ssm"
    for paginated in (ssm.get_parameter_history(Name="/p", WithDecryption=True), ssm.get_parameters(
            Names=["/p"], WithDecryption=True), ssm.get_parameters_by_path(Path="/", WithDecryption=True)):
        assert [one["Value"] for one in paginated["Parameters"]] == ["hidden"]
    assert ssm.get_parameters_by_path(Path="/")["Parameters"][0]["Value"] == told["Value"]


@pytest.mark.parametrize(("tier", "size"), [("Standard", 4096), ("Advanced", 8192), ("Advanced", 1)])
def test_as_long_as_its_tier_allows(ssm: Any, tier: str, size: int) -> None:  # noqa: F811
    put(ssm, "p", "x" * size, Type="SecureString", Tier=tier)
    assert plain(ssm, "p") == "x" * size
    assert len(ssm.get_parameter(Name="p")["Parameter"]["Value"]) > size


def test_under_a_key_of_ones_own(cloud: Cloud, ssm: Any) -> None:  # noqa: F811
    kms = cloud.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    put(ssm, "p", "one", Type="SecureString", KeyId=key)
    put(ssm, "p", "two", Type="SecureString", Overwrite=True)
    assert plain(ssm, "p") == "two"
    assert plain(ssm, "p:1") == "one"
    assert [one["KeyId"] for one in ssm.get_parameter_history(Name="p")["Parameters"]] == [key, "alias/aws/ssm"]
    kms.disable_key(KeyId=key)
    with refused("InvalidKeyId", "is disabled"):
        plain(ssm, "p:1")
    with refused("InvalidKeyId"):
        put(ssm, "q", "x", Type="SecureString", KeyId="alias/none")
    with refused("ValidationException", "KeyId"):
        put(ssm, "q", "x", KeyId=key)
    with refused("ParameterNotFound"):
        plain(ssm, "q")
