"""Multi-Region keys: replicas, what they share, a new primary, and how they end."""

from __future__ import annotations

import os

from conftest import Cloud
from services.kms.asking import code, new_key
from services.kms.test_importing import FOR_EVER, bring, state

DAY = 86_400


def test_a_replica_reads_what_its_primary_wrote_and_the_other_way(cloud: Cloud) -> None:
    kms, there = cloud.client("kms"), cloud.client("kms", region="eu-west-1")
    key = new_key(kms, MultiRegion=True, Description="first")
    assert key["KeyId"].startswith("mrk-")
    assert key["MultiRegionConfiguration"] == {"MultiRegionKeyType": "PRIMARY", "ReplicaKeys": [],
                                              "PrimaryKey": {"Arn": key["Arn"], "Region": "us-east-1"}}
    made = kms.replicate_key(KeyId=key["KeyId"], ReplicaRegion="eu-west-1", Description="second",
                             Tags=[{"TagKey": "a", "TagValue": "b"}])
    replica = made["ReplicaKeyMetadata"]
    assert (replica["KeyId"], replica["Arn"]) == (key["KeyId"], key["Arn"].replace("us-east-1", "eu-west-1"))
    assert replica["MultiRegionConfiguration"]["MultiRegionKeyType"] == "REPLICA"
    assert made["ReplicaTags"] == there.list_resource_tags(KeyId=key["KeyId"])["Tags"] == [{"TagKey": "a", "TagValue": "b"}]
    assert made["ReplicaPolicy"] == there.get_key_policy(KeyId=key["KeyId"])["Policy"]
    assert there.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["Description"] == "second"
    listed = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["MultiRegionConfiguration"]
    assert listed["ReplicaKeys"] == [{"Arn": replica["Arn"], "Region": "eu-west-1"}]
    for one, other in ((kms, there), (there, kms)):
        blob = one.encrypt(KeyId=key["KeyId"], Plaintext=b"x", EncryptionContext={"a": "b"})["CiphertextBlob"]
        assert other.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "b"})["Plaintext"] == b"x"
    assert [k["KeyId"] for k in there.list_keys()["Keys"]] == [key["KeyId"]]
    there.disable_key(KeyId=key["KeyId"])                # states are not shared
    assert state(kms, key["KeyId"]) == "Enabled"


def test_what_cannot_be_replicated(cloud: Cloud) -> None:
    kms, there = cloud.client("kms"), cloud.client("kms", region="eu-west-1")
    single, key = new_key(kms)["KeyId"], new_key(kms, MultiRegion=True)["KeyId"]
    assert code(kms.replicate_key, KeyId=single, ReplicaRegion="eu-west-1") == "UnsupportedOperationException"
    assert code(kms.replicate_key, KeyId=key, ReplicaRegion="us-east-1") == "ValidationException"
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    assert code(kms.replicate_key, KeyId=key, ReplicaRegion="eu-west-1") == "AlreadyExistsException"
    assert code(there.replicate_key, KeyId=key, ReplicaRegion="eu-west-2") == "UnsupportedOperationException"
    kms.disable_key(KeyId=key)
    assert code(kms.replicate_key, KeyId=key, ReplicaRegion="eu-west-2") == "DisabledException"


def test_pairs_and_mac_keys_are_replicated(cloud: Cloud) -> None:
    kms, there = cloud.client("kms"), cloud.client("kms", region="eu-west-1")
    key = new_key(kms, MultiRegion=True, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyId"]
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    assert there.get_public_key(KeyId=key)["PublicKey"] == kms.get_public_key(KeyId=key)["PublicKey"]
    signature = there.sign(KeyId=key, Message=b"m", SigningAlgorithm="ECDSA_SHA_256")["Signature"]
    assert kms.verify(KeyId=key, Message=b"m", Signature=signature, SigningAlgorithm="ECDSA_SHA_256")["SignatureValid"]


def test_rotation_is_led_by_the_primary_and_shared(cloud: Cloud) -> None:
    kms, there = cloud.client("kms"), cloud.client("kms", region="eu-west-1")
    key = new_key(kms, MultiRegion=True)["KeyId"]
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    for operation in (there.enable_key_rotation, there.rotate_key_on_demand):
        assert code(operation, KeyId=key) == "UnsupportedOperationException"
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=100)
    assert there.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 100
    assert there.get_key_rotation_status(KeyId=key)["NextRotationDate"] \
        == kms.get_key_rotation_status(KeyId=key)["NextRotationDate"]
    cloud.clock.advance(101 * DAY)
    kms.rotate_key_on_demand(KeyId=key)
    assert len(there.list_key_rotations(KeyId=key)["Rotations"]) == 2
    blob = there.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_another_region_becomes_the_primary(cloud: Cloud) -> None:
    kms, there = cloud.client("kms"), cloud.client("kms", region="eu-west-1")
    key = new_key(kms, MultiRegion=True)["KeyId"]
    assert code(kms.update_primary_region, KeyId=key, PrimaryRegion="eu-west-1") == "NotFoundException"
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    assert code(there.update_primary_region, KeyId=key, PrimaryRegion="us-east-1") == "UnsupportedOperationException"
    kms.update_primary_region(KeyId=key, PrimaryRegion="eu-west-1")
    kinds = [c.describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"] for c in (kms, there)]
    assert [k["MultiRegionKeyType"] for k in kinds] == ["REPLICA", "PRIMARY"]
    assert {k["PrimaryKey"]["Region"] for k in kinds} == {"eu-west-1"}
    assert [r["Region"] for r in kinds[0]["ReplicaKeys"]] == ["us-east-1"]
    cloud.clock.advance(91 * DAY)
    assert len(kms.list_key_rotations(KeyId=key)["Rotations"]) == 1
    there.replicate_key(KeyId=key, ReplicaRegion="ap-south-1")
    blob = cloud.client("kms", region="ap-south-1").encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert code(kms.update_primary_region, KeyId=new_key(kms)["KeyId"], PrimaryRegion="eu-west-1") \
        == "UnsupportedOperationException"


def test_a_primary_waits_for_its_last_replica(cloud: Cloud) -> None:
    kms, there = cloud.client("kms"), cloud.client("kms", region="eu-west-1")
    key = new_key(kms, MultiRegion=True)["KeyId"]
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    answer = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=10)
    assert answer["KeyState"] == "PendingReplicaDeletion"
    assert "DeletionDate" not in answer
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["PendingDeletionWindowInDays"] == 10
    cloud.clock.advance(20 * DAY)
    assert state(kms, key) == "PendingReplicaDeletion"
    there.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    cloud.clock.advance(8 * DAY)
    assert code(there.describe_key, KeyId=key) == "NotFoundException"
    told = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (told["KeyState"], told["MultiRegionConfiguration"]["ReplicaKeys"]) == ("PendingDeletion", [])
    cloud.clock.advance(10 * DAY)
    assert code(kms.describe_key, KeyId=key) == "NotFoundException"


def test_imported_material_is_imported_in_each_region(cloud: Cloud) -> None:
    kms, there = cloud.client("kms"), cloud.client("kms", region="eu-west-1")
    key = new_key(kms, MultiRegion=True, Origin="EXTERNAL")["KeyId"]
    one, two = os.urandom(32), os.urandom(32)
    first = bring(kms, key, one)["KeyMaterialId"]
    kms.replicate_key(KeyId=key, ReplicaRegion="eu-west-1")
    assert state(there, key) == "PendingImport"
    assert bring(there, key, one)["KeyMaterialId"] == first
    assert (state(there, key), state(kms, key)) == ("Enabled", "Enabled")
    second = bring(kms, key, two, ImportType="NEW_KEY_MATERIAL", **FOR_EVER)["KeyMaterialId"]

    def pending(client: object) -> str:
        rows = client.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")  # type: ignore[attr-defined]
        return str(rows["Rotations"][1]["KeyMaterialState"])

    assert pending(kms) == pending(there) == "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
    assert code(kms.rotate_key_on_demand, KeyId=key) == "KMSInvalidStateException"
    assert state(there, key) == "Enabled"
    assert bring(there, key, two)["KeyMaterialId"] == second
    assert pending(kms) == pending(there) == "PENDING_ROTATION"
    kms.rotate_key_on_demand(KeyId=key)
    blob = there.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["KeyMaterialId"] == second
