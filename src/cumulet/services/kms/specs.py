"""What kinds of keys there are, and what each can do."""

from __future__ import annotations

from typing import NamedTuple

from cumulet.kernel import error, not_implemented


class Spec(NamedTuple):
    """One key spec. size: bits, or what the family calls it. algorithms: by key usage."""

    family: str
    size: int
    algorithms: dict[str, tuple[str, ...]]


_RSA = {"ENCRYPT_DECRYPT": ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"),
        "SIGN_VERIFY": ("RSASSA_PKCS1_V1_5_SHA_256", "RSASSA_PKCS1_V1_5_SHA_384", "RSASSA_PKCS1_V1_5_SHA_512",
                        "RSASSA_PSS_SHA_256", "RSASSA_PSS_SHA_384", "RSASSA_PSS_SHA_512")}


def _ecc(digest: int) -> dict[str, tuple[str, ...]]:
    return {"SIGN_VERIFY": (f"ECDSA_SHA_{digest}",), "KEY_AGREEMENT": ("ECDH",)}


SPECS = {
    "SYMMETRIC_DEFAULT": Spec("symmetric", 256, {"ENCRYPT_DECRYPT": ("SYMMETRIC_DEFAULT",)}),
    **{f"RSA_{bits}": Spec("rsa", bits, _RSA) for bits in (2048, 3072, 4096)},
    "ECC_NIST_P256": Spec("ecc", 256, _ecc(256)),
    "ECC_NIST_P384": Spec("ecc", 384, _ecc(384)),
    "ECC_NIST_P521": Spec("ecc", 521, _ecc(512)),
    "ECC_SECG_P256K1": Spec("ecc", 257, {"SIGN_VERIFY": ("ECDSA_SHA_256",)}),
    "ECC_NIST_EDWARDS25519": Spec("ed25519", 25519, {"SIGN_VERIFY": ("ED25519_SHA_512",)}),
    **{f"HMAC_{bits}": Spec("hmac", bits, {"GENERATE_VERIFY_MAC": (f"HMAC_SHA_{bits}",)}) for bits in (224, 256, 384, 512)},
    **{f"ML_DSA_{n}": Spec("ml-dsa", n, {"SIGN_VERIFY": ("ML_DSA_SHAKE_256",)}) for n in (44, 65, 87)},
    **{f"ML_KEM_{n}": Spec("ml-kem", n, {"ENCAPSULATE_DECAPSULATE": ("ML_KEM",)}) for n in (768, 1024)},
}
_SYMMETRIC = frozenset({"symmetric", "hmac"})
MEMBERS = {"ENCRYPT_DECRYPT": "EncryptionAlgorithms", "SIGN_VERIFY": "SigningAlgorithms",
           "GENERATE_VERIFY_MAC": "MacAlgorithms", "KEY_AGREEMENT": "KeyAgreementAlgorithms",
           "ENCAPSULATE_DECAPSULATE": "EncapsulationAlgorithms"}
# Specs that CustomerMasterKeySpec, the older member, has a word for.
OLDER = frozenset(s for s in SPECS if not s.startswith("ML_") and s != "ECC_NIST_EDWARDS25519")


def spec_of(name: str) -> Spec:
    """A key spec; those that are not there are refused by name."""
    found = SPECS.get(name)
    if found is None:
        if name == "SM2":
            raise error.UnsupportedOperationException("KeySpec SM2 is supported only in China Regions.")
        raise not_implemented(f"kms:KeySpec {name}")
    return found


def check_usage(name: str, usage: str | None) -> str:
    """What a new key is for: asymmetric and HMAC keys must say it."""
    spec = spec_of(name)
    if usage is None:
        if name != "SYMMETRIC_DEFAULT":
            raise error.ValidationException(
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.")
        return "ENCRYPT_DECRYPT"
    if usage not in spec.algorithms:
        raise error.ValidationException(f"KeyUsage {usage} is not compatible with KeySpec {name}")
    return usage


def is_asymmetric(name: str) -> bool:
    """Has a key of this spec a public half?"""
    return SPECS[name].family not in _SYMMETRIC
