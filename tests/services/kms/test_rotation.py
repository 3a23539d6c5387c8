"""Rotation by the clock and on demand: new material for what is new, the old one for what is old."""

from __future__ import annotations

import pytest

from conftest import Cloud
from services.kms.asking import code, new_key, refused

DAY = 86_400


def current(kms: object, key: str) -> str:
    return str(kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"])  # type: ignore[attr-defined]


def test_a_key_turns_by_its_period_and_reads_what_is_old(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms)
    assert kms.get_key_rotation_status(KeyId=key["KeyId"]) | {"ResponseMetadata": 0} == {
        "KeyRotationEnabled": False, "KeyId": key["Arn"], "ResponseMetadata": 0}
    kms.enable_key_rotation(KeyId=key["KeyId"], RotationPeriodInDays=90)
    status = kms.get_key_rotation_status(KeyId=key["KeyId"])
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 90)
    assert status["NextRotationDate"].timestamp() == pytest.approx(cloud.clock.now() + 90 * DAY, abs=60)
    materials = [current(kms, key["KeyId"])]
    blobs = [kms.encrypt(KeyId=key["KeyId"], Plaintext=b"0")["CiphertextBlob"]]
    for n in (1, 2, 3):
        cloud.clock.advance(90 * DAY + 1)
        materials.append(current(kms, key["KeyId"]))
        blobs.append(kms.encrypt(KeyId=key["KeyId"], Plaintext=str(n).encode())["CiphertextBlob"])
    assert len(set(materials)) == 4
    for n, blob in enumerate(blobs):
        opened = kms.decrypt(CiphertextBlob=blob)
        assert (opened["Plaintext"], opened["KeyMaterialId"]) == (str(n).encode(), materials[n])
    rotations = kms.list_key_rotations(KeyId=key["KeyId"])["Rotations"]
    assert [(r["KeyMaterialId"], r["RotationType"], r["KeyMaterialState"]) for r in rotations] == [
        (materials[1], "AUTOMATIC", "NON_CURRENT"), (materials[2], "AUTOMATIC", "NON_CURRENT"),
        (materials[3], "AUTOMATIC", "CURRENT")]
    every = kms.list_key_rotations(KeyId=key["KeyId"], IncludeKeyMaterial="ALL_KEY_MATERIAL", Limit=3)
    assert [r["KeyMaterialId"] for r in every["Rotations"]] == materials[:3]
    assert "RotationDate" not in every["Rotations"][0]
    rest = kms.list_key_rotations(KeyId=key["KeyId"], IncludeKeyMaterial="ALL_KEY_MATERIAL", Marker=every["NextMarker"])
    assert [r["KeyMaterialId"] for r in rest["Rotations"]] == materials[3:]
    kms.disable_key_rotation(KeyId=key["KeyId"])
    cloud.clock.advance(400 * DAY)
    assert current(kms, key["KeyId"]) == materials[3]


def test_the_period_is_a_year_and_may_be_changed(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms)["KeyId"]
    kms.enable_key_rotation(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 365
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=2560)
    assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 2560
    first = current(kms, key)
    cloud.clock.advance(400 * DAY)
    assert current(kms, key) == first
    for days in (89, 2561):
        assert code(kms.enable_key_rotation, KeyId=key, RotationPeriodInDays=days) == "ValidationException"


def test_a_disabled_key_turns_when_it_is_enabled_again(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms)["KeyId"]
    kms.enable_key_rotation(KeyId=key)
    first = current(kms, key)
    kms.disable_key(KeyId=key)
    assert code(kms.disable_key_rotation, KeyId=key) == "DisabledException"
    cloud.clock.advance(370 * DAY)
    assert current(kms, key) == first
    kms.enable_key(KeyId=key)
    assert current(kms, key) != first
    second = current(kms, key)
    cloud.clock.advance(366 * DAY)
    assert current(kms, key) != second


def test_a_key_that_is_leaving_does_not_turn(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms)["KeyId"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
    first = current(kms, key)
    cloud.clock.advance(85 * DAY)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=30)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    cloud.clock.advance(10 * DAY)
    kms.cancel_key_deletion(KeyId=key)
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
    assert current(kms, key) == first
    kms.enable_key(KeyId=key)
    assert current(kms, key) != first


def test_a_key_turns_on_demand_at_most_25_times(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms)
    kms.enable_key_rotation(KeyId=key["KeyId"])
    due = kms.get_key_rotation_status(KeyId=key["KeyId"])["NextRotationDate"]
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"first")["CiphertextBlob"]
    for _ in range(25):
        assert kms.rotate_key_on_demand(KeyId=key["KeyId"])["KeyId"] == key["Arn"]
    assert code(kms.rotate_key_on_demand, KeyId=key["KeyId"]) == "LimitExceededException"
    assert {r["RotationType"] for r in kms.list_key_rotations(KeyId=key["KeyId"])["Rotations"]} == {"ON_DEMAND"}
    assert kms.get_key_rotation_status(KeyId=key["KeyId"])["NextRotationDate"] == due
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"first"
    other = new_key(kms)["KeyId"]
    kms.enable_key_rotation(KeyId=other, RotationPeriodInDays=90)
    cloud.clock.advance(90 * DAY - 600)
    assert code(kms.rotate_key_on_demand, KeyId=other) == "ConflictException"


def test_only_symmetric_keys_turn(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    for members in ({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
                    {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"}):
        key = new_key(kms, **members)["KeyId"]
        for operation in (kms.enable_key_rotation, kms.disable_key_rotation, kms.rotate_key_on_demand, kms.list_key_rotations):
            assert code(operation, KeyId=key) == "UnsupportedOperationException"
        assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    external = new_key(kms, Origin="EXTERNAL")
    assert refused(kms.enable_key_rotation, KeyId=external["KeyId"]) == (
        "UnsupportedOperationException", f"{external['Arn']} origin is EXTERNAL which is not valid for this operation.")
