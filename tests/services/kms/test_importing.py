"""Imported key material: each way of wrapping, what is refused, expiry, deletion, coming back, and rotation."""

from __future__ import annotations

import datetime
import hmac
import os
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
)

from conftest import Cloud
from services.kms.asking import code, new_key, refused

DAY = 86_400
FOR_EVER = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
OAEP = "RSAES_OAEP_SHA_256"
AES = "RSA_AES_KEY_WRAP_SHA_256"


def wrapped(told: dict[str, Any], algorithm: str, material: bytes) -> bytes:
    public: Any = load_der_public_key(told["PublicKey"])
    digest = hashes.SHA1() if algorithm.endswith("SHA_1") else hashes.SHA256()
    pad = padding.OAEP(padding.MGF1(digest), digest, None)
    if algorithm.startswith("RSAES"):
        return bytes(public.encrypt(material, pad))
    secret = os.urandom(32)
    return bytes(public.encrypt(secret, pad)) + aes_key_wrap_with_padding(secret, material)


def bring(kms: Any, key: str, material: bytes, algorithm: str = OAEP, spec: str = "RSA_2048", **members: Any) -> Any:
    told = kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec=spec)
    return kms.import_key_material(KeyId=key, ImportToken=told["ImportToken"],
                                   EncryptedKeyMaterial=wrapped(told, algorithm, material), **(members or FOR_EVER))


def refusal(kms: Any, key: str, material: bytes, **members: Any) -> str:
    told = kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm=OAEP, WrappingKeySpec="RSA_2048")
    return code(kms.import_key_material, KeyId=key, ImportToken=told["ImportToken"],
                EncryptedKeyMaterial=wrapped(told, OAEP, material), **members)


def pkcs8(key: Any) -> bytes:
    return bytes(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def spki(key: Any) -> bytes:
    return bytes(key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def state(kms: Any, key: str) -> str:
    return str(kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"])


@pytest.mark.parametrize(("algorithm", "spec"), [("RSAES_OAEP_SHA_1", "RSA_2048"), (OAEP, "RSA_3072"), (OAEP, "RSA_4096")])
def test_symmetric_material_is_imported_under_each_wrapping(cloud: Cloud, algorithm: str, spec: str) -> None:
    kms = cloud.client("kms")
    key = new_key(kms, Origin="EXTERNAL")
    assert (key["KeyState"], key["Enabled"], key["Origin"]) == ("PendingImport", False, "EXTERNAL")
    assert refused(kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x") == (
        "KMSInvalidStateException", f"{key['Arn']} is pending import.")
    answer = bring(kms, key["KeyId"], os.urandom(32), algorithm, spec)
    told = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert (answer["KeyId"], answer["KeyMaterialId"]) == (key["Arn"], told["CurrentKeyMaterialId"])
    assert (told["KeyState"], told["ExpirationModel"]) == ("Enabled", "KEY_MATERIAL_DOES_NOT_EXPIRE")
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_an_imported_mac_key_is_the_one_that_authenticates(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms, Origin="EXTERNAL", KeySpec="HMAC_384", KeyUsage="GENERATE_VERIFY_MAC")["KeyId"]
    secret = os.urandom(48)
    bring(kms, key, secret)
    made = kms.generate_mac(KeyId=key, Message=b"message", MacAlgorithm="HMAC_SHA_384")["Mac"]
    assert made == hmac.digest(secret, b"message", "sha384")
    assert refusal(kms, key, os.urandom(48), **FOR_EVER) == "IncorrectKeyMaterialException"


@pytest.mark.parametrize(("spec", "usage", "make", "algorithm"), [
    ("RSA_2048", "SIGN_VERIFY", lambda: rsa.generate_private_key(65537, 2048), AES),
    ("RSA_2048", "ENCRYPT_DECRYPT", lambda: rsa.generate_private_key(65537, 2048), "RSA_AES_KEY_WRAP_SHA_1"),
    ("ECC_NIST_P256", "SIGN_VERIFY", lambda: ec.generate_private_key(ec.SECP256R1()), OAEP),
    ("ECC_NIST_P521", "KEY_AGREEMENT", lambda: ec.generate_private_key(ec.SECP521R1()), AES),
    ("ECC_NIST_EDWARDS25519", "SIGN_VERIFY", ed25519.Ed25519PrivateKey.generate, AES)])
def test_key_pairs_are_imported(cloud: Cloud, spec: str, usage: str, make: Any, algorithm: str) -> None:
    kms = cloud.client("kms")
    key = new_key(kms, Origin="EXTERNAL", KeySpec=spec, KeyUsage=usage)["KeyId"]
    pair = make()
    bring(kms, key, pkcs8(pair), algorithm)
    assert kms.get_public_key(KeyId=key)["PublicKey"] == spki(pair)


def test_wrappings_that_aws_does_not_offer(cloud: Cloud) -> None:
    kms = cloud.client("kms")

    def asked(key: str, algorithm: str, spec: str = "RSA_2048") -> str:
        return code(kms.get_parameters_for_import, KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec=spec)

    symmetric = new_key(kms, Origin="EXTERNAL")["KeyId"]
    assert asked(symmetric, "RSAES_PKCS1_V1_5") == "UnsupportedOperationException"
    assert asked(symmetric, AES) == "ValidationException"
    assert asked(new_key(kms, Origin="EXTERNAL", KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyId"], OAEP) \
        == "ValidationException"
    big = new_key(kms, Origin="EXTERNAL", KeySpec="ECC_NIST_P521", KeyUsage="SIGN_VERIFY")["KeyId"]
    assert asked(big, OAEP) == "ValidationException"
    own = new_key(kms)
    assert refused(kms.get_parameters_for_import, KeyId=own["KeyId"], WrappingAlgorithm=OAEP, WrappingKeySpec="RSA_2048") == (
        "UnsupportedOperationException", f"{own['Arn']} origin is AWS_KMS which is not valid for this operation.")


def test_material_and_tokens_that_are_refused(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key, other = new_key(kms, Origin="EXTERNAL")["KeyId"], new_key(kms, Origin="EXTERNAL")["KeyId"]
    told = kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm=OAEP, WrappingKeySpec="RSA_2048")
    assert told["ParametersValidTo"].timestamp() == pytest.approx(cloud.clock.now() + DAY, abs=60)
    good = wrapped(told, OAEP, os.urandom(32))

    def tried(**changed: Any) -> str:
        members = {"KeyId": key, "ImportToken": told["ImportToken"], "EncryptedKeyMaterial": good, **FOR_EVER} | changed
        return code(kms.import_key_material, **members)

    assert tried(EncryptedKeyMaterial=bytes(256)) == "InvalidCiphertextException"
    assert tried(EncryptedKeyMaterial=wrapped(told, OAEP, os.urandom(16))) == "IncorrectKeyMaterialException"
    assert tried(ImportToken=b"rubbish") == "InvalidImportTokenException"
    assert tried(KeyId=other) == "InvalidImportTokenException"
    assert tried(ExpirationModel="KEY_MATERIAL_EXPIRES") == "ValidationException"
    soon = datetime.datetime.fromtimestamp(cloud.clock.now() + 3600, datetime.UTC)
    assert tried(ValidTo=soon) == "ValidationException"
    for wrong in (soon - datetime.timedelta(days=1), soon + datetime.timedelta(days=366)):
        assert tried(ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=wrong) == "ValidationException"
    cloud.clock.advance(DAY + 1)
    assert tried() == "ExpiredImportTokenException"
    assert state(kms, key) == "PendingImport"


def test_material_expires_and_only_the_same_comes_back(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms, Origin="EXTERNAL")["KeyId"]
    material = os.urandom(32)
    until = datetime.datetime.fromtimestamp(int(cloud.clock.now()) + 10 * DAY, datetime.UTC)
    bring(kms, key, material, ValidTo=until)
    told = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (told["ExpirationModel"], told["ValidTo"]) == ("KEY_MATERIAL_EXPIRES", until)
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    cloud.clock.advance(9 * DAY)
    assert state(kms, key) == "Enabled"
    cloud.clock.advance(2 * DAY)
    assert state(kms, key) == "PendingImport"
    assert "ValidTo" not in kms.describe_key(KeyId=key)["KeyMetadata"]
    assert code(kms.decrypt, CiphertextBlob=blob) == "KMSInvalidStateException"
    assert refusal(kms, key, os.urandom(32), **FOR_EVER) == "IncorrectKeyMaterialException"
    bring(kms, key, material)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    cloud.clock.advance(400 * DAY)
    assert state(kms, key) == "Enabled"


def test_material_is_deleted_and_comes_back(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms, Origin="EXTERNAL")
    material = os.urandom(32)
    id = bring(kms, key["KeyId"], material)["KeyMaterialId"]
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    gone = kms.delete_imported_key_material(KeyId=key["KeyId"])
    assert (gone["KeyId"], gone["KeyMaterialId"]) == (key["Arn"], id)
    assert state(kms, key["KeyId"]) == "PendingImport"
    kms.delete_imported_key_material(KeyId=key["KeyId"])
    assert code(kms.delete_imported_key_material, KeyId=key["KeyId"], KeyMaterialId="0" * 64) == "NotFoundException"
    assert bring(kms, key["KeyId"], material, KeyMaterialId=id, ImportType="EXISTING_KEY_MATERIAL", **FOR_EVER)[
        "KeyMaterialId"] == id
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert code(kms.delete_imported_key_material, KeyId=new_key(kms)["KeyId"]) == "UnsupportedOperationException"


def test_an_import_does_not_enable_what_was_disabled(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key, material = new_key(kms, Origin="EXTERNAL")["KeyId"], os.urandom(32)
    bring(kms, key, material)
    kms.disable_key(KeyId=key)
    bring(kms, key, material)
    assert state(kms, key) == "Disabled"
    assert code(kms.encrypt, KeyId=key, Plaintext=b"x") == "DisabledException"


def test_new_material_waits_for_a_rotation_on_demand(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms, Origin="EXTERNAL")["KeyId"]
    one, two = os.urandom(32), os.urandom(32)
    first = bring(kms, key, one)["KeyMaterialId"]
    old = kms.encrypt(KeyId=key, Plaintext=b"old")["CiphertextBlob"]
    assert code(kms.rotate_key_on_demand, KeyId=key) == "KMSInvalidStateException"
    assert refusal(kms, key, one, ImportType="NEW_KEY_MATERIAL", **FOR_EVER) == "IncorrectKeyMaterialException"
    assert refusal(kms, key, two, ImportType="NEW_KEY_MATERIAL", KeyMaterialId=first, **FOR_EVER) == "ValidationException"
    second = bring(kms, key, two, ImportType="NEW_KEY_MATERIAL", KeyMaterialDescription="second", **FOR_EVER)["KeyMaterialId"]
    every = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    assert [(r["KeyMaterialId"], r["KeyMaterialState"], r["ImportState"]) for r in every] == [
        (first, "CURRENT", "IMPORTED"), (second, "PENDING_ROTATION", "IMPORTED")]
    assert every[1]["KeyMaterialDescription"] == "second"
    assert refusal(kms, key, os.urandom(32), ImportType="NEW_KEY_MATERIAL", **FOR_EVER) == "KMSInvalidStateException"
    kms.rotate_key_on_demand(KeyId=key)
    new = kms.encrypt(KeyId=key, Plaintext=b"new")["CiphertextBlob"]
    assert [kms.decrypt(CiphertextBlob=b)["KeyMaterialId"] for b in (old, new)] == [first, second]
    kms.delete_imported_key_material(KeyId=key, KeyMaterialId=first)
    assert state(kms, key) == "PendingImport"            # all material must be there
    bring(kms, key, one)
    assert kms.decrypt(CiphertextBlob=old)["Plaintext"] == b"old"
    third = bring(kms, key, os.urandom(32), ImportType="NEW_KEY_MATERIAL", **FOR_EVER)["KeyMaterialId"]
    kms.delete_imported_key_material(KeyId=key, KeyMaterialId=third)
    assert state(kms, key) == "Enabled"
    assert code(kms.rotate_key_on_demand, KeyId=key) == "KMSInvalidStateException"
