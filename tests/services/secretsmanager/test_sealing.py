"""Secrets at rest: under the account's own key, or a customer's."""

from __future__ import annotations

from typing import Any

from conftest import Cloud
from services.secretsmanager.test_secrets import make, secrets, value_of  # noqa: F401  (a fixture)
from services.sqs.queues import refused


def test_a_secret_under_a_key_of_ones_own_needs_that_key(cloud: Cloud, secrets: Any) -> None:  # noqa: F811
    kms = cloud.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    make(secrets, KmsKeyId=key)
    assert value_of(secrets) == "one"
    assert secrets.describe_secret(SecretId="db")["KmsKeyId"] == key
    assert secrets.list_secret_version_ids(SecretId="db")["Versions"][0]["KmsKeyIds"] == [key]
    kms.disable_key(KeyId=key)
    with refused("DecryptionFailure", "can't decrypt the protected secret text using the provided KMS key"):
        value_of(secrets)
    with refused("EncryptionFailure", "Check that the KMS key is available"):
        secrets.put_secret_value(SecretId="db", SecretString="two")
    kms.enable_key(KeyId=key)
    assert value_of(secrets) == "one"


def test_another_key_takes_over_the_labelled_versions(cloud: Cloud, secrets: Any) -> None:  # noqa: F811
    kms = cloud.client("kms")
    old, new = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2))
    make(secrets, KmsKeyId=old)
    secrets.put_secret_value(SecretId="db", SecretString="two")
    secrets.update_secret(SecretId="db", KmsKeyId=new)
    kms.disable_key(KeyId=old)
    assert (value_of(secrets), value_of(secrets, VersionStage="AWSPREVIOUS")) == ("two", "one")
    secrets.update_secret(SecretId="db", KmsKeyId="")
    kms.disable_key(KeyId=new)
    assert value_of(secrets) == "two"
    assert "KmsKeyId" not in secrets.describe_secret(SecretId="db")


def test_a_key_that_is_not_there(secrets: Any) -> None:  # noqa: F811
    with refused("EncryptionFailure"):
        make(secrets, KmsKeyId="alias/none")
    with refused("ResourceNotFoundException"):
        value_of(secrets)


def test_the_account_has_a_key_for_its_secrets(cloud: Cloud, secrets: Any) -> None:  # noqa: F811
    make(secrets)
    aliases = [one["AliasName"] for one in cloud.client("kms").list_aliases()["Aliases"]]
    assert "alias/aws/secretsmanager" in aliases


def test_another_account_cannot_read_what_is_under_the_accounts_own_key(cloud: Cloud, secrets: Any) -> None:  # noqa: F811
    arn = make(secrets)
    with refused("InvalidRequestException", "different AWS account if you encrypt the secret with the default KMS service key"):
        value_of(cloud.other().client("secretsmanager"), arn)
