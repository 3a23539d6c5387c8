"""Signatures, MACs and shared secrets, checked by `cryptography` and OpenSSL outside of KMS."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from conftest import Cloud
from services.kms.asking import code, new_key, refused

MESSAGE = b"the message " * 300
RSA = [f"RSASSA_{kind}_SHA_{bits}" for kind in ("PSS", "PKCS1_V1_5") for bits in (256, 384, 512)]
SIGNERS = [("RSA_2048", algorithm) for algorithm in RSA] + [
    ("RSA_3072", "RSASSA_PSS_SHA_256"), ("RSA_4096", "RSASSA_PKCS1_V1_5_SHA_512"), ("ECC_NIST_P256", "ECDSA_SHA_256"),
    ("ECC_NIST_P384", "ECDSA_SHA_384"), ("ECC_NIST_P521", "ECDSA_SHA_512"), ("ECC_SECG_P256K1", "ECDSA_SHA_256"),
    ("ECC_NIST_EDWARDS25519", "ED25519_SHA_512"), ("ML_DSA_44", "ML_DSA_SHAKE_256"), ("ML_DSA_65", "ML_DSA_SHAKE_256"),
    ("ML_DSA_87", "ML_DSA_SHAKE_256")]


def hashed(algorithm: str) -> Any:
    return {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}[algorithm.rpartition("_")[2]]()


def check_outside(public: bytes, algorithm: str, signature: bytes, message: bytes) -> None:
    """Raises InvalidSignature unless the library agrees."""
    key: Any = load_der_public_key(public)
    if algorithm.startswith("ECDSA"):
        key.verify(signature, message, ec.ECDSA(hashed(algorithm)))
    elif "PSS" in algorithm:
        digest = hashed(algorithm)
        key.verify(signature, message, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
    elif "PKCS1" in algorithm:
        key.verify(signature, message, padding.PKCS1v15(), hashed(algorithm))
    else:
        key.verify(signature, message)


@pytest.mark.parametrize(("spec", "algorithm"), SIGNERS)
def test_signatures_are_good_inside_and_outside(cloud: Cloud, spec: str, algorithm: str) -> None:
    kms = cloud.client("kms")
    key = new_key(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY")
    told = kms.get_public_key(KeyId=key["KeyId"])
    assert (told["KeySpec"], told["KeyUsage"], told["KeyId"]) == (spec, "SIGN_VERIFY", key["Arn"])
    assert algorithm in told["SigningAlgorithms"]
    assert told["SigningAlgorithms"] == key["SigningAlgorithms"]
    signed = kms.sign(KeyId=key["KeyId"], Message=MESSAGE, SigningAlgorithm=algorithm)
    assert (signed["KeyId"], signed["SigningAlgorithm"]) == (key["Arn"], algorithm)
    check_outside(told["PublicKey"], algorithm, signed["Signature"], MESSAGE)
    with pytest.raises(InvalidSignature):
        check_outside(told["PublicKey"], algorithm, signed["Signature"], MESSAGE + b"!")
    verified = kms.verify(KeyId=key["KeyId"], Message=MESSAGE, Signature=signed["Signature"], SigningAlgorithm=algorithm)
    assert verified["SignatureValid"] is True
    for message, signature in ((MESSAGE + b"!", signed["Signature"]), (MESSAGE, signed["Signature"][:-1]), (MESSAGE, b"x")):
        assert refused(kms.verify, KeyId=key["KeyId"], Message=message, Signature=signature, SigningAlgorithm=algorithm) == (
            "KMSInvalidSignatureException", "")


@pytest.mark.parametrize(("spec", "algorithm"), [("RSA_2048", "RSASSA_PSS_SHA_384"), ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256"),
                                                 ("ECC_NIST_P521", "ECDSA_SHA_512")])
def test_a_digest_and_its_message_have_the_same_signatures(cloud: Cloud, spec: str, algorithm: str) -> None:
    kms = cloud.client("kms")
    key = new_key(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyId"]
    digest = hashlib.new("sha" + algorithm.rpartition("_")[2], MESSAGE).digest()
    signature = kms.sign(KeyId=key, Message=digest, MessageType="DIGEST", SigningAlgorithm=algorithm)["Signature"]
    kms.verify(KeyId=key, Message=MESSAGE, MessageType="RAW", Signature=signature, SigningAlgorithm=algorithm)
    raw = kms.sign(KeyId=key, Message=MESSAGE, SigningAlgorithm=algorithm)["Signature"]
    kms.verify(KeyId=key, Message=digest, MessageType="DIGEST", Signature=raw, SigningAlgorithm=algorithm)
    assert code(kms.verify, KeyId=key, Message=digest, Signature=raw, SigningAlgorithm=algorithm) \
        == "KMSInvalidSignatureException"
    assert refused(kms.sign, KeyId=key, Message=digest[1:], MessageType="DIGEST", SigningAlgorithm=algorithm) == (
        "ValidationException", f"Digest is invalid length for algorithm {algorithm}.")


def test_ml_dsa_signs_a_representative(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    key = new_key(kms, KeySpec="ML_DSA_65", KeyUsage="SIGN_VERIFY")["KeyId"]
    public: Any = load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
    raw = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
    # FIPS 204: mu = SHAKE256(SHAKE256(pk, 64) || 0 || len(context) || context || message, 64)
    mu = hashlib.shake_256(hashlib.shake_256(raw).digest(64) + b"\0\0" + MESSAGE).digest(64)
    how = {"KeyId": key, "SigningAlgorithm": "ML_DSA_SHAKE_256"}
    signature = kms.sign(Message=mu, MessageType="EXTERNAL_MU", **how)["Signature"]
    public.verify(signature, MESSAGE)
    kms.verify(Message=MESSAGE, Signature=signature, **how)
    kms.verify(Message=mu, MessageType="EXTERNAL_MU", Signature=signature, **how)
    assert code(kms.sign, Message=mu[1:], MessageType="EXTERNAL_MU", **how) == "ValidationException"
    assert code(kms.sign, Message=mu, MessageType="DIGEST", **how) == "ValidationException"


def test_what_a_key_cannot_sign(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    elliptic = new_key(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    symmetric = new_key(kms)
    assert refused(kms.sign, KeyId=elliptic["KeyId"], Message=b"x", SigningAlgorithm="ECDSA_SHA_384") == (
        "InvalidKeyUsageException", "Algorithm ECDSA_SHA_384 and key spec ECC_NIST_P256 are incompatible.")
    assert refused(kms.sign, KeyId=symmetric["KeyId"], Message=b"x", SigningAlgorithm="ECDSA_SHA_256") == (
        "InvalidKeyUsageException", f"{symmetric['Arn']} key usage is ENCRYPT_DECRYPT which is not valid for Sign.")
    assert code(kms.encrypt, KeyId=elliptic["KeyId"], Plaintext=b"x") == "InvalidKeyUsageException"
    assert code(kms.get_public_key, KeyId=symmetric["KeyId"]) == "UnsupportedOperationException"
    edwards = new_key(kms, KeySpec="ECC_NIST_EDWARDS25519", KeyUsage="SIGN_VERIFY")["KeyId"]
    assert code(kms.sign, KeyId=edwards, Message=bytes(64), MessageType="DIGEST", SigningAlgorithm="ED25519_SHA_512") \
        == "ValidationException"
    assert code(kms.sign, KeyId=edwards, Message=bytes(64), MessageType="DIGEST", SigningAlgorithm="ED25519_PH_SHA_512") \
        == "NotImplemented"
    kms.disable_key(KeyId=edwards)
    assert code(kms.get_public_key, KeyId=edwards) == "DisabledException"


def test_openssl_believes_a_signature(cloud: Cloud, tmp_path: Path) -> None:
    kms = cloud.client("kms")
    for spec, algorithm, more in (("ECC_NIST_P384", "ECDSA_SHA_384", []), ("RSA_2048", "RSASSA_PSS_SHA_256", [
            "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"])):
        key = new_key(kms, KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyId"]
        (tmp_path / "key.der").write_bytes(kms.get_public_key(KeyId=key)["PublicKey"])
        (tmp_path / "message").write_bytes(MESSAGE)
        (tmp_path / "signature").write_bytes(kms.sign(KeyId=key, Message=MESSAGE, SigningAlgorithm=algorithm)["Signature"])
        told = subprocess.run(["openssl", "dgst", f"-sha{algorithm[-3:]}", *more, "-verify", "key.der", "-keyform", "DER",
                               "-signature", "signature", "message"], cwd=tmp_path, capture_output=True, text=True)
        assert told.stdout.strip() == "Verified OK", told.stderr


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_macs_are_made_and_verified(cloud: Cloud, bits: int) -> None:
    kms = cloud.client("kms")
    key = new_key(kms, KeySpec=f"HMAC_{bits}", KeyUsage="GENERATE_VERIFY_MAC")
    assert key["MacAlgorithms"] == [f"HMAC_SHA_{bits}"]
    how = {"KeyId": key["KeyId"], "MacAlgorithm": f"HMAC_SHA_{bits}"}
    made = kms.generate_mac(Message=b"message", **how)
    assert (len(made["Mac"]), made["KeyId"]) == (bits // 8, key["Arn"])
    assert kms.verify_mac(Message=b"message", Mac=made["Mac"], **how)["MacValid"] is True
    assert refused(kms.verify_mac, Message=b"massage", Mac=made["Mac"], **how) == ("KMSInvalidMacException", "")
    assert code(kms.verify_mac, Message=b"message", Mac=made["Mac"][:-1], **how) == "KMSInvalidMacException"
    other = new_key(kms, KeySpec=f"HMAC_{bits}", KeyUsage="GENERATE_VERIFY_MAC")["KeyId"]
    assert kms.generate_mac(Message=b"message", **how | {"KeyId": other})["Mac"] != made["Mac"]
    wrong = "HMAC_SHA_256" if bits != 256 else "HMAC_SHA_512"
    assert code(kms.generate_mac, Message=b"x", KeyId=key["KeyId"], MacAlgorithm=wrong) == "InvalidKeyUsageException"


@pytest.mark.parametrize(("spec", "curve"), [("ECC_NIST_P256", ec.SECP256R1()), ("ECC_NIST_P384", ec.SECP384R1()),
                                             ("ECC_NIST_P521", ec.SECP521R1())])
def test_both_sides_derive_one_secret(cloud: Cloud, spec: str, curve: Any) -> None:
    kms = cloud.client("kms")
    key = new_key(kms, KeySpec=spec, KeyUsage="KEY_AGREEMENT")
    assert key["KeyAgreementAlgorithms"] == ["ECDH"]
    bob = ec.generate_private_key(curve)
    alice: Any = load_der_public_key(kms.get_public_key(KeyId=key["KeyId"])["PublicKey"])
    sent = bob.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    how = {"KeyId": key["KeyId"], "KeyAgreementAlgorithm": "ECDH"}
    derived = kms.derive_shared_secret(PublicKey=sent, **how)
    assert derived["SharedSecret"] == bob.exchange(ec.ECDH(), alice)
    assert (derived["KeyOrigin"], derived["KeyId"]) == ("AWS_KMS", key["Arn"])
    stranger = ec.generate_private_key(ec.SECP256K1()).public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    for wrong in (stranger, b"rubbish"):
        assert code(kms.derive_shared_secret, PublicKey=wrong, **how) == "ValidationException"


@pytest.mark.parametrize("size", [768, 1024])
def test_ml_kem_gives_both_sides_one_secret(cloud: Cloud, size: int) -> None:
    kms = cloud.client("kms")
    key = new_key(kms, KeySpec=f"ML_KEM_{size}", KeyUsage="ENCAPSULATE_DECAPSULATE")["KeyId"]
    how = {"KeyId": key, "EncapsulationAlgorithm": "ML_KEM"}
    made = kms.encapsulate(**how)
    assert kms.decapsulate(SharedSecretCiphertextBlob=made["SharedSecretCiphertextBlob"], **how)["SharedSecret"] \
        == made["SharedSecret"]
    public: Any = load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
    shared, sealed = public.encapsulate()
    assert kms.decapsulate(SharedSecretCiphertextBlob=sealed, **how)["SharedSecret"] == shared
    broken = bytes([sealed[0] ^ 1]) + sealed[1:]
    assert kms.decapsulate(SharedSecretCiphertextBlob=broken, **how)["SharedSecret"] != shared
    assert code(kms.decapsulate, SharedSecretCiphertextBlob=sealed[1:], **how) == "InvalidCiphertextException"


def test_dry_runs_of_signing(cloud: Cloud) -> None:
    kms = cloud.client("kms")
    pair = {"KeyId": new_key(kms, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyId"],
            "SigningAlgorithm": "ECDSA_SHA_256"}
    mac = {"KeyId": new_key(kms, KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyId"], "MacAlgorithm": "HMAC_SHA_256"}
    kem = {"KeyId": new_key(kms, KeySpec="ML_KEM_768", KeyUsage="ENCAPSULATE_DECAPSULATE")["KeyId"],
           "EncapsulationAlgorithm": "ML_KEM"}
    dry: dict[str, Any] = {"DryRun": True, "Message": b"x"}
    for operation, members in ((kms.sign, pair | dry), (kms.verify, pair | dry | {"Signature": b"x"}),
                               (kms.generate_mac, mac | dry), (kms.verify_mac, mac | dry | {"Mac": b"x"}),
                               (kms.encapsulate, kem | {"DryRun": True})):
        assert code(operation, **members) == "DryRunOperationException"
