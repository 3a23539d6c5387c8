"""Tables under keys of KMS: what is told of the key, and that nothing opens without it."""

import json
from typing import Any
from urllib.request import urlopen

import pytest

from .conftest import Make, S, refused


@pytest.fixture
def key(cloud: Any) -> str:
    arn: str = cloud.client("kms").create_key()["KeyMetadata"]["Arn"]
    return arn


def under(key: str = "") -> dict[str, Any]:
    return {"SSESpecification": {"Enabled": True, "SSEType": "KMS", **({"KMSMasterKeyId": key} if key else {})}}


def described(dynamodb: Any) -> dict[str, Any]:
    told: dict[str, Any] = dynamodb.describe_table(TableName="sealed")["Table"]
    return told


def test_a_table_tells_the_key_that_it_is_under(cloud: Any, make: Make, dynamodb: Any, key: str) -> None:
    kms = cloud.client("kms")
    kms.create_alias(AliasName="alias/mine", TargetKeyId=key)
    make("sealed", "id", **under("alias/mine"))
    assert described(dynamodb)["SSEDescription"] == {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": key}
    [grant] = kms.list_grants(KeyId=key)["Grants"]
    assert grant["GranteeServicePrincipal"] == "dynamodb.amazonaws.com"
    assert grant["Constraints"]["SourceArn"] == described(dynamodb)["TableArn"]
    dynamodb.update_table(TableName="sealed", **under())
    managed = kms.describe_key(KeyId="alias/aws/dynamodb")["KeyMetadata"]["Arn"]
    assert described(dynamodb)["SSEDescription"]["KMSMasterKeyArn"] == managed
    assert kms.list_grants(KeyId=key)["Grants"] == []
    dynamodb.update_table(TableName="sealed", SSESpecification={"Enabled": False})
    assert "SSEDescription" not in described(dynamodb)


def test_without_its_key_a_table_opens_to_nobody(cloud: Any, make: Make, dynamodb: Any, key: str) -> None:
    kms = cloud.client("kms")
    make("sealed", "id", **under(key))
    dynamodb.put_item(TableName="sealed", Item={"id": S("a")})
    kms.disable_key(KeyId=key)
    one: dict[str, Any] = {"TableName": "sealed", "Key": {"id": S("a")}}
    for call, members in ((dynamodb.get_item, one), (dynamodb.delete_item, one), (dynamodb.scan, {"TableName": "sealed"}),
                          (dynamodb.execute_statement, {"Statement": "SELECT * FROM sealed"})):
        assert "is inaccessible" in refused(call, "AccessDeniedException", **members)
    first = described(dynamodb)
    assert first["TableStatus"] == "INACCESSIBLE_ENCRYPTION_CREDENTIALS"
    cloud.clock.advance(60)
    since = described(dynamodb)["SSEDescription"]["InaccessibleEncryptionDateTime"]
    assert since == first["SSEDescription"]["InaccessibleEncryptionDateTime"]
    kms.enable_key(KeyId=key)
    assert dynamodb.get_item(**one)["Item"] == {"id": S("a")}
    assert described(dynamodb)["TableStatus"] == "ACTIVE"
    assert "InaccessibleEncryptionDateTime" not in described(dynamodb)["SSEDescription"]


def test_a_deleted_table_gives_its_grant_back(cloud: Any, make: Make, dynamodb: Any, key: str) -> None:
    make("sealed", "id", **under(key))
    dynamodb.delete_table(TableName="sealed")
    assert cloud.client("kms").list_grants(KeyId=key)["Grants"] == []


def test_the_grant_is_enough_where_policies_count(cloud: Any, make: Make, dynamodb: Any, key: str) -> None:
    urlopen(f"{cloud.endpoint}/_cumulet/iam", json.dumps({"subject": cloud.account, "mode": "enforce"}).encode()).read()
    make("sealed", "id", **under(key))
    dynamodb.put_item(TableName="sealed", Item={"id": S("a")})
    [grant] = cloud.client("kms").list_grants(KeyId=key)["Grants"]
    cloud.client("kms").revoke_grant(KeyId=key, GrantId=grant["GrantId"])
    refused(dynamodb.scan, "AccessDeniedException", TableName="sealed")


def test_keys_that_a_table_cannot_be_under(cloud: Any, make: Make, dynamodb: Any, key: str) -> None:
    make("plain", "id")
    kms = cloud.client("kms")

    def says(specification: dict[str, Any]) -> str:
        return refused(dynamodb.update_table, TableName="plain", SSESpecification=specification)

    signing = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
    assert "symmetric" in says({"Enabled": True, "KMSMasterKeyId": signing})
    kms.disable_key(KeyId=key)
    assert says({"Enabled": True, "KMSMasterKeyId": key}) == f"KMS key is not enabled: {key}"
    assert "not found: alias/none" in says({"Enabled": True, "KMSMasterKeyId": "alias/none"})
    assert "only when Enabled is true" in says({"Enabled": False, "SSEType": "KMS"})
    assert "must be KMS" in says({"Enabled": True, "SSEType": "AES256"})
