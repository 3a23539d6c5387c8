"""Keys: what they are told to be, their states and their end; aliases, tags, listings."""

from __future__ import annotations

import json

import pytest

from conftest import Cloud
from services.kms.asking import code, new_key, refused

DAY = 86_400


def test_a_key_is_told_as_it_was_made(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    made = new_key(kms, Description="mine", Tags=[{"TagKey": "team", "TagValue": "blue"}])
    told = kms.describe_key(KeyId=made["KeyId"])["KeyMetadata"]
    assert told == made
    assert told["Arn"] == f"arn:aws:kms:us-east-1:{cloud.account}:key/{told['KeyId']}"
    assert {name: told[name] for name in ("AWSAccountId", "Enabled", "Description", "KeyUsage", "KeyState", "Origin",
                                          "KeyManager", "KeySpec", "CustomerMasterKeySpec", "MultiRegion")} == {
        "AWSAccountId": cloud.account, "Enabled": True, "Description": "mine", "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled", "Origin": "AWS_KMS", "KeyManager": "CUSTOMER", "KeySpec": "SYMMETRIC_DEFAULT",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT", "MultiRegion": False}
    assert told["EncryptionAlgorithms"] == ["SYMMETRIC_DEFAULT"]
    kms.update_key_description(KeyId=made["Arn"], Description="yours")
    assert kms.describe_key(KeyId=made["Arn"])["KeyMetadata"]["Description"] == "yours"


@pytest.mark.parametrize(("members", "error"), [
    ({"KeySpec": "RSA_2048"}, "ValidationException"),
    ({"KeySpec": "HMAC_256", "KeyUsage": "SIGN_VERIFY"}, "ValidationException"),
    ({"KeySpec": "ECC_SECG_P256K1", "KeyUsage": "KEY_AGREEMENT"}, "ValidationException"),
    ({"KeySpec": "ECC_NIST_P256", "CustomerMasterKeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}, "ValidationException"),
    ({"KeySpec": "SM2", "KeyUsage": "SIGN_VERIFY"}, "UnsupportedOperationException"),
    ({"KeySpec": "ML_KEM_512", "KeyUsage": "ENCAPSULATE_DECAPSULATE"}, "NotImplemented"),
    ({"Origin": "AWS_CLOUDHSM"}, "ValidationException"),
    ({"XksKeyId": "x"}, "ValidationException"),
    ({"CustomKeyStoreId": "cks-1234567890abcdef0", "Origin": "AWS_CLOUDHSM"}, "CustomKeyStoreNotFoundException"),
    ({"Tags": [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "a", "TagValue": "2"}]}, "TagException"),
    ({"Tags": [{"TagKey": "aws:a", "TagValue": "1"}]}, "TagException"),
    ({"Tags": [{"TagKey": str(n), "TagValue": ""} for n in range(51)]}, "TagException"),
])
def test_keys_that_cannot_be_are_refused_and_not_there(cloud: Cloud, members: dict, error: str) -> None:
    kms = cloud.client("kms")
    assert code(kms.create_key, **members) == error
    assert kms.list_keys()["Keys"] == []


def test_keys_are_listed_in_pages(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    made = {new_key(kms, MultiRegion=n % 2 == 0)["KeyId"] for n in range(5)}
    pages = list(kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 2}))
    assert [p["Truncated"] for p in pages] == [True, True, False]
    listed = [k for p in pages for k in p["Keys"]]
    assert {k["KeyId"] for k in listed} == made
    assert all(k["KeyArn"].endswith("/" + k["KeyId"]) for k in listed)
    assert kms.list_keys(ResourceOwners=["SELF"])["Keys"] == listed
    assert code(kms.list_keys, ResourceOwners=["SELF", "OTHER_ACCOUNTS_VIA_RAM"]) == "NotImplemented"
    assert code(kms.list_keys, Marker="nonsense!") == "InvalidMarkerException"


def test_names_that_name_no_key(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    none = "00000000-0000-4000-8000-000000000000"
    arn = f"arn:aws:kms:us-east-1:{cloud.account}:"
    assert refused(kms.describe_key, KeyId=none) == ("NotFoundException", f"Key '{arn}key/{none}' does not exist")
    assert refused(kms.describe_key, KeyId="nothing") == ("NotFoundException", "Invalid keyId 'nothing'")
    assert refused(kms.describe_key, KeyId="alias/nothing") == ("NotFoundException", f"Alias {arn}alias/nothing is not found.")
    assert refused(kms.describe_key, KeyId="arn:aws:s3:::bucket") == ("InvalidArnException", "Invalid arn arn:aws:s3:::bucket")
    key = new_key(kms)["KeyId"]
    kms.create_alias(AliasName="alias/a", TargetKeyId=key)
    assert code(kms.disable_key, KeyId="alias/a") == "NotFoundException"       # management takes ids and ARNs only


def test_a_disabled_key_is_not_used(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms)
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    kms.disable_key(KeyId=key["KeyId"])
    told = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert (told["Enabled"], told["KeyState"]) == (False, "Disabled")
    for operation, members in ((kms.encrypt, {"KeyId": key["KeyId"], "Plaintext": b"x"}),
                               (kms.decrypt, {"CiphertextBlob": blob}),
                               (kms.generate_data_key, {"KeyId": key["KeyId"], "KeySpec": "AES_256"}),
                               (kms.create_grant, {"KeyId": key["KeyId"], "Operations": ["Encrypt"],
                                                   "GranteePrincipal": f"arn:aws:iam::{cloud.account}:root"})):
        assert refused(operation, **members) == ("DisabledException", f"{key['Arn']} is disabled.")
    kms.enable_key(KeyId=key["KeyId"])
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_a_key_waits_for_its_deletion_and_goes(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms)
    kms.create_alias(AliasName="alias/leaving", TargetKeyId=key["KeyId"])
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    assert refused(kms.cancel_key_deletion, KeyId=key["KeyId"]) == (
        "KMSInvalidStateException", f"{key['Arn']} is not pending deletion.")
    for days in (6, 31):
        assert code(kms.schedule_key_deletion, KeyId=key["KeyId"], PendingWindowInDays=days) == "ValidationException"
    answer = kms.schedule_key_deletion(KeyId=key["KeyId"], PendingWindowInDays=7)
    assert (answer["KeyId"], answer["KeyState"], answer["PendingWindowInDays"]) == (key["Arn"], "PendingDeletion", 7)
    assert answer["DeletionDate"].timestamp() == pytest.approx(cloud.clock.now() + 7 * DAY, abs=60)
    leaving = ("KMSInvalidStateException", f"{key['Arn']} is pending deletion.")
    for operation, members in (
            (kms.encrypt, {"Plaintext": b"x"}), (kms.enable_key, {}), (kms.disable_key, {}), (kms.schedule_key_deletion, {}),
            (kms.update_key_description, {"Description": "x"}),
            (kms.tag_resource, {"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
            (kms.untag_resource, {"TagKeys": ["a"]}), (kms.enable_key_rotation, {})):
        assert refused(operation, KeyId=key["KeyId"], **members) == leaving
    assert refused(kms.create_alias, AliasName="alias/new", TargetKeyId=key["KeyId"]) == leaving
    assert refused(kms.decrypt, CiphertextBlob=blob) == leaving
    kms.cancel_key_deletion(KeyId=key["KeyId"])
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Disabled"
    cloud.clock.advance(8 * DAY)
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Disabled"
    kms.schedule_key_deletion(KeyId=key["KeyId"])
    cloud.clock.advance(29 * DAY)
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "PendingDeletion"
    cloud.clock.advance(2 * DAY)
    assert refused(kms.describe_key, KeyId=key["KeyId"]) == ("NotFoundException", f"Key '{key['Arn']}' does not exist")
    assert code(kms.describe_key, KeyId="alias/leaving") == "NotFoundException"
    assert "alias/leaving" not in {a["AliasName"] for a in kms.list_aliases(Limit=100)["Aliases"]}
    assert code(kms.decrypt, CiphertextBlob=blob) == "AccessDeniedException"


def test_aliases_name_keys_and_move_between_them(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    one, two = new_key(kms)["KeyId"], new_key(kms)["KeyId"]
    kms.create_alias(AliasName="alias/app", TargetKeyId=one)
    arn = f"arn:aws:kms:us-east-1:{cloud.account}:alias/app"
    assert refused(kms.create_alias, AliasName="alias/app", TargetKeyId=two) == (
        "AlreadyExistsException", f"An alias with the name {arn} already exists")
    blob = kms.encrypt(KeyId="alias/app", Plaintext=b"x")["CiphertextBlob"]
    kms.update_alias(AliasName="alias/app", TargetKeyId=two)
    assert kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyId"] == two
    assert code(kms.decrypt, CiphertextBlob=blob, KeyId="alias/app") == "IncorrectKeyException"
    [listed] = kms.list_aliases(KeyId=two)["Aliases"]
    assert (listed["AliasName"], listed["AliasArn"], listed["TargetKeyId"]) == ("alias/app", arn, two)
    assert kms.list_aliases(KeyId=one)["Aliases"] == []
    mac = new_key(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyId"]
    assert code(kms.update_alias, AliasName="alias/app", TargetKeyId=mac) == "ValidationException"
    kms.delete_alias(AliasName="alias/app")
    for operation, members in ((kms.delete_alias, {}), (kms.update_alias, {"TargetKeyId": one})):
        assert refused(operation, AliasName="alias/app", **members) == ("NotFoundException", f"Alias {arn} is not found.")
    assert code(kms.create_alias, AliasName="app", TargetKeyId=one) == "ValidationException"
    assert code(kms.create_alias, AliasName="alias/aws/app", TargetKeyId=one) == "InvalidAliasNameException"
    assert code(kms.create_alias, AliasName="alias/a", TargetKeyId="alias/aws/s3") == "NotFoundException"


def test_aliases_are_listed_in_pages_and_limited(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms)["KeyId"]
    names = [f"alias/n{n:02}" for n in range(50)]
    for name in names:
        kms.create_alias(AliasName=name, TargetKeyId=key)
    assert code(kms.create_alias, AliasName="alias/one-more", TargetKeyId=key) == "LimitExceededException"
    for members in ({}, {"KeyId": key}):
        pages = kms.get_paginator("list_aliases").paginate(**members, PaginationConfig={"PageSize": 20})
        listed = [a["AliasName"] for page in pages for a in page["Aliases"]]
        assert [name for name in listed if not name.startswith("alias/aws/")] == names
        assert listed == sorted(set(listed))


def test_tags_come_and_go(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms, Tags=[{"TagKey": "a", "TagValue": "1"}])["KeyId"]
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "2"}, {"TagKey": "b", "TagValue": ""}])
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "c", "TagValue": "3"}])
    kms.untag_resource(KeyId=key, TagKeys=["b", "none"])
    assert kms.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "a", "TagValue": "2"}, {"TagKey": "c", "TagValue": "3"}]
    first = kms.list_resource_tags(KeyId=key, Limit=1)
    assert (first["Truncated"], first["Tags"][0]["TagKey"]) == (True, "a")
    assert kms.list_resource_tags(KeyId=key, Marker=first["NextMarker"])["Tags"] == [{"TagKey": "c", "TagValue": "3"}]
    assert code(kms.tag_resource, KeyId=key, Tags=[{"TagKey": "aws:x", "TagValue": ""}]) == "TagException"


def test_an_aws_managed_key_comes_with_its_first_use(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    told = kms.describe_key(KeyId="alias/aws/secretsmanager")["KeyMetadata"]
    assert (told["KeyManager"], told["KeyState"]) == ("AWS", "Enabled")
    assert kms.describe_key(KeyId="alias/aws/secretsmanager")["KeyMetadata"]["KeyId"] == told["KeyId"]
    assert told["KeyId"] != kms.describe_key(KeyId="alias/aws/ssm")["KeyMetadata"]["KeyId"]
    every = kms.list_aliases(Limit=100)["Aliases"]
    assert [a["AliasName"] for a in every if "TargetKeyId" in a] == ["alias/aws/secretsmanager", "alias/aws/ssm"]
    assert {"AliasName": "alias/aws/s3", "AliasArn": f"arn:aws:kms:us-east-1:{cloud.account}:alias/aws/s3"} in every
    assert kms.get_key_rotation_status(KeyId=told["KeyId"])["KeyRotationEnabled"] is True
    assert "secretsmanager.us-east-1.amazonaws.com" in kms.get_key_policy(KeyId=told["KeyId"])["Policy"]
    for operation, members in ((kms.disable_key, {}), (kms.schedule_key_deletion, {}), (kms.disable_key_rotation, {}),
                               (kms.put_key_policy, {"Policy": "{}"}), (kms.tag_resource, {"Tags": []})):
        assert code(operation, KeyId=told["KeyId"], **members) == "AccessDeniedException"
    assert code(kms.delete_alias, AliasName="alias/aws/ssm") == "InvalidAliasNameException"
    assert code(kms.describe_key, KeyId="alias/aws/nothing") == "NotFoundException"
    blob = kms.encrypt(KeyId="alias/aws/ssm", Plaintext=b"x")["CiphertextBlob"]
    cloud.clock.advance(366 * DAY)
    key = kms.describe_key(KeyId="alias/aws/ssm")["KeyMetadata"]
    assert len(kms.list_key_rotations(KeyId=key["KeyId"])["Rotations"]) == 1
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_the_last_use_of_a_key_is_told(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms)
    told = kms.get_key_last_usage(KeyId=key["KeyId"])
    assert "KeyLastUsage" not in told
    assert told["KeyCreationDate"] == told["TrackingStartDate"]
    assert told["KeyCreationDate"].timestamp() == pytest.approx(key["CreationDate"].timestamp(), abs=0.01)
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    assert kms.get_key_last_usage(KeyId=key["KeyId"])["KeyLastUsage"]["Operation"] == "Encrypt"
    cloud.clock.advance(1000)
    kms.decrypt(CiphertextBlob=blob)
    used = kms.get_key_last_usage(KeyId=key["KeyId"])["KeyLastUsage"]
    assert used["Operation"] == "Decrypt"
    assert used["Timestamp"].timestamp() == pytest.approx(cloud.clock.now(), abs=60)


def test_there_are_no_custom_key_stores(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    assert kms.describe_custom_key_stores()["CustomKeyStores"] == []
    for operation in (kms.connect_custom_key_store, kms.disconnect_custom_key_store, kms.delete_custom_key_store,
                      kms.describe_custom_key_stores):
        assert code(operation, CustomKeyStoreId="cks-1234567890abcdef0") == "CustomKeyStoreNotFoundException"
    assert code(kms.describe_custom_key_stores, CustomKeyStoreName="x") == "CustomKeyStoreNotFoundException"
    assert code(kms.describe_custom_key_stores, CustomKeyStoreName="x", CustomKeyStoreId="y") == "ValidationException"
    assert code(kms.create_custom_key_store, CustomKeyStoreName="x") == "NotImplemented"


def test_cloudformation_ends_a_key_after_the_days_that_it_was_given(cloud: Cloud) -> None:
    kms, control = cloud.client("kms"), cloud.client("cloudcontrol")
    given = {"Description": "made", "EnableKeyRotation": True, "RotationPeriodInDays": 120, "PendingWindowInDays": 7,
             "Enabled": True, "Tags": [{"Key": "a", "Value": "b"}]}
    token = control.create_resource(TypeName="AWS::KMS::Key", DesiredState=json.dumps(given))["ProgressEvent"]["RequestToken"]
    cloud.clock.idle()
    made = control.get_resource_request_status(RequestToken=token)["ProgressEvent"]
    key = made["Identifier"]
    assert made["OperationStatus"] == "SUCCESS"
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 120
    assert kms.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "a", "TagValue": "b"}]
    policy = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": cloud.account}, "Action": "kms:*", "Resource": "*"}]}
    patch = [{"op": "add", "path": "/KeyPolicy", "value": policy}, {"op": "replace", "path": "/Enabled", "value": False}]
    control.update_resource(TypeName="AWS::KMS::Key", Identifier=key, PatchDocument=json.dumps(patch))
    cloud.clock.idle()
    assert json.loads(kms.get_key_policy(KeyId=key)["Policy"]) == policy
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"
    control.delete_resource(TypeName="AWS::KMS::Key", Identifier=key)
    cloud.clock.idle()
    told = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert told["DeletionDate"].timestamp() == pytest.approx(cloud.clock.now() + 7 * DAY, abs=60)
    assert control.list_resources(TypeName="AWS::KMS::Key")["ResourceDescriptions"] == []
    assert code(control.get_resource, TypeName="AWS::KMS::Key", Identifier=key) == "ResourceNotFoundException"
