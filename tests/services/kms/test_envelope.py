"""Envelope encryption by the AWS Encryption SDK, unmodified, against the port."""

from __future__ import annotations

from typing import Any

import aws_encryption_sdk
import botocore.session
import pytest
from aws_encryption_sdk import CommitmentPolicy, StrictAwsKmsMasterKeyProvider
from aws_encryption_sdk.exceptions import DecryptKeyError

from conftest import Cloud
from services.kms.asking import new_key

MESSAGE = b"a message of some length, " * 4000


def provider(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, *arns: str) -> Any:
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", cloud.endpoint)
    session = botocore.session.Session()
    session.set_credentials(cloud.account, "test")
    return StrictAwsKmsMasterKeyProvider(key_ids=list(arns), botocore_session=session)


@pytest.mark.parametrize("policy", [CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT,
                                    CommitmentPolicy.FORBID_ENCRYPT_ALLOW_DECRYPT])
def test_a_message_is_sealed_for_two_keys_and_opened_with_either(cloud: Cloud, monkeypatch: pytest.MonkeyPatch,
                                                                 policy: Any) -> None:
    kms = cloud.client("kms")
    one, two, other = (new_key(kms)["Arn"] for _ in range(3))
    sdk = aws_encryption_sdk.EncryptionSDKClient(commitment_policy=policy)
    sealed, _ = sdk.encrypt(source=MESSAGE, encryption_context={"purpose": "test"},
                            key_provider=provider(cloud, monkeypatch, one, two))
    assert MESSAGE[:26] not in sealed
    for arn in (one, two):
        plain, header = sdk.decrypt(source=sealed, key_provider=provider(cloud, monkeypatch, arn))
        assert plain == MESSAGE
        assert header.encryption_context["purpose"] == "test"
    with pytest.raises(DecryptKeyError):
        sdk.decrypt(source=sealed, key_provider=provider(cloud, monkeypatch, other))
    kms.disable_key(KeyId=one)
    with pytest.raises(DecryptKeyError):
        sdk.decrypt(source=sealed, key_provider=provider(cloud, monkeypatch, one))
    assert sdk.decrypt(source=sealed, key_provider=provider(cloud, monkeypatch, two))[0] == MESSAGE
