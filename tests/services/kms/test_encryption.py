"""Encrypt, Decrypt, ReEncrypt, data keys: what goes in comes out, for the same context only."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key

from conftest import Cloud
from services.kms.asking import code, new_key, refused


def test_a_plaintext_comes_back_for_the_same_context_only(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms)
    sealed = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"attack at dawn", EncryptionContext={"to": "bob", "from": "alice"})
    assert sealed["KeyId"] == key["Arn"]
    assert sealed["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"
    blob = sealed["CiphertextBlob"]
    assert b"attack" not in blob
    opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext={"from": "alice", "to": "bob"})
    assert (opened["Plaintext"], opened["KeyId"]) == (b"attack at dawn", key["Arn"])
    assert opened["KeyMaterialId"] == kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["CurrentKeyMaterialId"]
    for context in ({}, {"to": "bob"}, {"to": "bob", "from": "ALICE"}, {"tob": "o", "from": "alice"}):
        assert refused(kms.decrypt, CiphertextBlob=blob, EncryptionContext=context) == ("InvalidCiphertextException", "")
    for at in (0, 5, 9, 20, 40, 70, len(blob) - 1):
        broken = blob[:at] + bytes([blob[at] ^ 1]) + blob[at + 1:]
        assert code(kms.decrypt, CiphertextBlob=broken, EncryptionContext={"from": "alice", "to": "bob"}) in (
            "InvalidCiphertextException", "AccessDeniedException")
    assert code(kms.decrypt, CiphertextBlob=b"no ciphertext of ours") == "InvalidCiphertextException"


def test_two_ciphertexts_of_one_plaintext_differ(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms)["KeyId"]
    blobs = {kms.encrypt(KeyId=key, Plaintext=b"x" * 4096)["CiphertextBlob"] for _ in range(3)}
    assert len(blobs) == 3
    assert {kms.decrypt(CiphertextBlob=b)["Plaintext"] for b in blobs} == {b"x" * 4096}
    assert code(kms.encrypt, KeyId=key, Plaintext=b"x" * 4097) == "ValidationException"


def test_the_key_is_named_in_each_way_and_a_wrong_one_is_refused(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key, other = new_key(kms), new_key(kms)
    kms.create_alias(AliasName="alias/mine", TargetKeyId=key["KeyId"])
    alias_arn = key["Arn"].replace("key/" + key["KeyId"], "alias/mine")
    blob = kms.encrypt(KeyId="alias/mine", Plaintext=b"x")["CiphertextBlob"]
    for name in (key["KeyId"], key["Arn"], "alias/mine", alias_arn):
        assert kms.decrypt(CiphertextBlob=blob, KeyId=name)["Plaintext"] == b"x"
    assert refused(kms.decrypt, CiphertextBlob=blob, KeyId=other["KeyId"]) == (
        "IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.")


def test_another_region_does_not_know_a_single_region_key(cloud: Cloud) -> None:
    kms, there = cloud.client("kms"), cloud.client("kms", region="eu-west-1")
    key = new_key(kms)
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    assert code(there.decrypt, CiphertextBlob=blob) == "AccessDeniedException"
    assert refused(there.describe_key, KeyId=key["Arn"]) == ("NotFoundException", "Invalid arn us-east-1")
    missing = key["Arn"].replace("us-east-1", "eu-west-1")
    assert refused(there.describe_key, KeyId=key["KeyId"]) == ("NotFoundException", f"Key '{missing}' does not exist")


def test_another_account_uses_a_key_by_its_arn(cloud: Cloud) -> None:
    kms, other = cloud.client("kms"), cloud.other().client("kms")
    key = new_key(kms)
    blob = other.encrypt(KeyId=key["Arn"], Plaintext=b"from outside")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"from outside"
    assert other.decrypt(CiphertextBlob=blob)["KeyId"] == key["Arn"]
    assert code(other.encrypt, KeyId=key["KeyId"], Plaintext=b"x") == "NotFoundException"
    assert code(other.disable_key, KeyId=key["Arn"]) == "AccessDeniedException"


@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"])
def test_rsa_decrypts_what_was_encrypted_outside_with_its_public_key(cloud: Cloud, algorithm: str) -> None:
    kms = cloud.client("kms")
    key = new_key(kms, KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyId"]
    told = kms.get_public_key(KeyId=key)
    assert told["EncryptionAlgorithms"] == ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]
    digest = hashes.SHA1() if algorithm.endswith("_1") else hashes.SHA256()
    outside = load_der_public_key(told["PublicKey"]).encrypt(b"outside", padding.OAEP(padding.MGF1(digest), digest, None))
    assert kms.decrypt(KeyId=key, CiphertextBlob=outside, EncryptionAlgorithm=algorithm)["Plaintext"] == b"outside"
    inside = kms.encrypt(KeyId=key, Plaintext=b"inside", EncryptionAlgorithm=algorithm)["CiphertextBlob"]
    opened = kms.decrypt(KeyId=key, CiphertextBlob=inside, EncryptionAlgorithm=algorithm)
    assert (opened["Plaintext"], opened.get("KeyMaterialId")) == (b"inside", None)
    other = {"RSAES_OAEP_SHA_1": "RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_256": "RSAES_OAEP_SHA_1"}[algorithm]
    assert code(kms.decrypt, KeyId=key, CiphertextBlob=inside, EncryptionAlgorithm=other) == "InvalidCiphertextException"
    most = 256 - 2 * digest.digest_size - 2
    kms.encrypt(KeyId=key, Plaintext=b"x" * most, EncryptionAlgorithm=algorithm)
    assert code(kms.encrypt, KeyId=key, Plaintext=b"x" * (most + 1), EncryptionAlgorithm=algorithm) == "ValidationException"
    assert code(kms.encrypt, KeyId=key, Plaintext=b"x") == "InvalidKeyUsageException"
    assert code(kms.encrypt, KeyId=key, Plaintext=b"x", EncryptionAlgorithm=algorithm,
                EncryptionContext={"a": "b"}) == "ValidationException"
    assert code(kms.decrypt, CiphertextBlob=inside, EncryptionAlgorithm=algorithm) == "ValidationException"


def test_a_ciphertext_moves_to_another_key_and_context(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    old, new = new_key(kms), new_key(kms)
    blob = kms.encrypt(KeyId=old["KeyId"], Plaintext=b"moved", EncryptionContext={"v": "1"})["CiphertextBlob"]
    moved = kms.re_encrypt(CiphertextBlob=blob, SourceEncryptionContext={"v": "1"}, DestinationKeyId=new["KeyId"],
                           DestinationEncryptionContext={"v": "2"})
    assert (moved["SourceKeyId"], moved["KeyId"]) == (old["Arn"], new["Arn"])
    assert moved["DestinationKeyMaterialId"] != moved["SourceKeyMaterialId"]
    assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], EncryptionContext={"v": "2"})["Plaintext"] == b"moved"
    assert code(kms.re_encrypt, CiphertextBlob=blob, DestinationKeyId=new["KeyId"]) == "InvalidCiphertextException"
    rsa = new_key(kms, KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyId"]
    over = kms.re_encrypt(CiphertextBlob=moved["CiphertextBlob"], SourceEncryptionContext={"v": "2"}, SourceKeyId=new["KeyId"],
                          DestinationKeyId=rsa, DestinationEncryptionAlgorithm="RSAES_OAEP_SHA_256")
    assert over["DestinationEncryptionAlgorithm"] == "RSAES_OAEP_SHA_256"
    back = kms.re_encrypt(CiphertextBlob=over["CiphertextBlob"], SourceKeyId=rsa,
                          SourceEncryptionAlgorithm="RSAES_OAEP_SHA_256", DestinationKeyId=old["KeyId"])
    assert kms.decrypt(CiphertextBlob=back["CiphertextBlob"])["Plaintext"] == b"moved"


def test_data_keys_come_plain_and_sealed(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms)["KeyId"]
    for members, size in (({"KeySpec": "AES_256"}, 32), ({"KeySpec": "AES_128"}, 16), ({"NumberOfBytes": 1024}, 1024)):
        made = kms.generate_data_key(KeyId=key, EncryptionContext={"a": "b"}, **members)
        assert len(made["Plaintext"]) == size
        opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext={"a": "b"})
        assert (opened["Plaintext"], opened["KeyMaterialId"]) == (made["Plaintext"], made["KeyMaterialId"])
        hidden = kms.generate_data_key_without_plaintext(KeyId=key, **members)
        assert "Plaintext" not in hidden
        assert len(kms.decrypt(CiphertextBlob=hidden["CiphertextBlob"])["Plaintext"]) == size
    for members in ({}, {"KeySpec": "AES_256", "NumberOfBytes": 32}):
        assert refused(kms.generate_data_key, KeyId=key, **members) == (
            "ValidationException", "Please specify either number of bytes or key spec.")
    rsa = new_key(kms, KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyId"]
    assert code(kms.generate_data_key, KeyId=rsa, KeySpec="AES_256") == "InvalidKeyUsageException"


@pytest.mark.parametrize("pair", ["RSA_2048", "ECC_NIST_P256", "ECC_NIST_P521", "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519",
                                  "ML_KEM_768"])
def test_data_key_pairs_fit_together(cloud: Cloud, pair: str) -> None:
    kms = cloud.client("kms")
    key = new_key(kms)["KeyId"]
    made = kms.generate_data_key_pair(KeyId=key, KeyPairSpec=pair)
    private = load_der_private_key(made["PrivateKeyPlaintext"], None)
    assert private.public_key() == load_der_public_key(made["PublicKey"])
    assert kms.decrypt(CiphertextBlob=made["PrivateKeyCiphertextBlob"])["Plaintext"] == made["PrivateKeyPlaintext"]
    hidden = kms.generate_data_key_pair_without_plaintext(KeyId=key, KeyPairSpec=pair, EncryptionContext={"p": pair})
    assert "PrivateKeyPlaintext" not in hidden
    opened = kms.decrypt(CiphertextBlob=hidden["PrivateKeyCiphertextBlob"], EncryptionContext={"p": pair})["Plaintext"]
    assert load_der_private_key(opened, None).public_key() == load_der_public_key(hidden["PublicKey"])


def test_random_bytes_are_as_many_as_asked(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    drawn = {base64.b64encode(kms.generate_random(NumberOfBytes=n)["Plaintext"]) for n in (1024, 1024, 32)}
    assert sorted(len(base64.b64decode(d)) for d in drawn) == [32, 1024, 1024]
    assert code(kms.generate_random) == "ValidationException"
    assert code(kms.generate_random, NumberOfBytes=1025) == "ValidationException"
    assert code(kms.generate_random, NumberOfBytes=1, CustomKeyStoreId="cks-1234567890abcdef0") \
        == "CustomKeyStoreNotFoundException"


def test_a_dry_run_says_what_would_be_and_does_nothing(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms)["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    would = ("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.")
    assert refused(kms.encrypt, KeyId=key, Plaintext=b"x", DryRun=True) == would
    assert refused(kms.decrypt, CiphertextBlob=blob, DryRun=True) == would
    assert refused(kms.decrypt, KeyId=key, DryRun=True, DryRunModifiers=["IGNORE_CIPHERTEXT"]) == would
    assert refused(kms.re_encrypt, CiphertextBlob=blob, DestinationKeyId=key, DryRun=True) == would
    assert refused(kms.re_encrypt, SourceKeyId=key, DestinationKeyId=key, DryRun=True,
                   DryRunModifiers=["IGNORE_CIPHERTEXT"]) == would
    for make in (kms.generate_data_key, kms.generate_data_key_without_plaintext):
        assert refused(make, KeyId=key, KeySpec="AES_256", DryRun=True) == would
    for make in (kms.generate_data_key_pair, kms.generate_data_key_pair_without_plaintext):
        assert refused(make, KeyId=key, KeyPairSpec="ECC_NIST_P256", DryRun=True) == would
    assert code(kms.decrypt, CiphertextBlob=blob, EncryptionContext={"a": "b"}, DryRun=True) == "InvalidCiphertextException"
    assert code(kms.decrypt, KeyId=key, DryRunModifiers=["IGNORE_CIPHERTEXT"]) == "ValidationException"
    kms.disable_key(KeyId=key)
    assert code(kms.encrypt, KeyId=key, Plaintext=b"x", DryRun=True) == "DisabledException"


def test_an_enclave_is_not_pretended(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    assert code(kms.generate_random, NumberOfBytes=8, Recipient={
        "KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": b"x"}) == "NotImplemented"
