"""Asymmetric keys: made, read, what they encrypt and agree on. Private keys are PKCS #8, public ones SubjectPublicKeyInfo."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from cumulet.kernel import error, not_implemented

from .specs import SPECS, Spec

_OPENED = 256                          # private keys that are kept parsed


def _curve(size: int) -> Any:
    from cryptography.hazmat.primitives.asymmetric import ec

    kinds: dict[int, Any] = {256: ec.SECP256R1, 384: ec.SECP384R1, 521: ec.SECP521R1, 257: ec.SECP256K1}
    return kinds[size]()


def _lattice(spec: Spec) -> Any:
    """The class of ML-DSA's or ML-KEM's private keys; refused by name where the library is too old for them."""
    try:
        from cryptography.hazmat.primitives.asymmetric import mldsa, mlkem
    except ImportError:
        raise not_implemented(f"kms:KeySpec {spec.family.upper()} with this version of cryptography") from None
    kinds: dict[str, dict[int, Any]] = {
        "ml-dsa": {44: mldsa.MLDSA44PrivateKey, 65: mldsa.MLDSA65PrivateKey, 87: mldsa.MLDSA87PrivateKey},
        "ml-kem": {768: mlkem.MLKEM768PrivateKey, 1024: mlkem.MLKEM1024PrivateKey}}
    return kinds[spec.family][spec.size]


def generate(spec: Spec) -> bytes:
    """A new private key."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    key: Any
    if spec.family == "rsa":
        key = rsa.generate_private_key(65537, spec.size)
    elif spec.family == "ecc":
        key = ec.generate_private_key(_curve(spec.size))
    elif spec.family == "ed25519":
        key = ed25519.Ed25519PrivateKey.generate()
    else:
        key = _lattice(spec).generate()
    return bytes(key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
                                   serialization.NoEncryption()))


@lru_cache(maxsize=_OPENED)
def opened(private: bytes) -> Any:
    """A private key, ready for use."""
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    return load_der_private_key(private, None)


def public_of(private: bytes) -> bytes:
    """The public half."""
    from cryptography.hazmat.primitives import serialization

    return bytes(opened(private).public_key().public_bytes(serialization.Encoding.DER,
                                                           serialization.PublicFormat.SubjectPublicKeyInfo))


def fits(private: bytes, spec_name: str) -> bool:
    """Is this a private key of that spec?"""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    spec = SPECS[spec_name]
    try:
        key = opened(private)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return False
    if spec.family == "rsa":
        return isinstance(key, rsa.RSAPrivateKey) and key.key_size == spec.size
    if spec.family == "ecc":
        return isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name == _curve(spec.size).name
    return isinstance(key, ed25519.Ed25519PrivateKey if spec.family == "ed25519" else _lattice(spec))


# --- RSA encryption ---------------------------------------------------------------------------------------------------


def oaep(algorithm: str) -> Any:
    """The padding of `RSAES_OAEP_SHA_1` and `RSAES_OAEP_SHA_256`."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    digest = hashes.SHA1() if algorithm.endswith("SHA_1") else hashes.SHA256()
    return padding.OAEP(padding.MGF1(digest), digest, None)


def encrypt(private: bytes, algorithm: str, plain: bytes) -> bytes:
    """With the public half."""
    public = opened(private).public_key()
    most = public.key_size // 8 - 2 * (20 if algorithm.endswith("SHA_1") else 32) - 2
    if len(plain) > most:
        raise error.ValidationException(
            f"Algorithm {algorithm} and key spec RSA_{public.key_size} cannot encrypt data larger than {most} bytes.")
    return bytes(public.encrypt(plain, oaep(algorithm)))


def decrypt(private: bytes, algorithm: str, blob: bytes) -> bytes:
    """With the private half."""
    try:
        return bytes(opened(private).decrypt(blob, oaep(algorithm)))
    except ValueError:
        raise error.InvalidCiphertextException() from None


# --- agreeing on secrets ----------------------------------------------------------------------------------------------


def agree(private: bytes, peer: bytes) -> bytes:
    """ECDH with a peer's public key (DER)."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    key = opened(private)
    try:
        public = load_der_public_key(peer)
        if not isinstance(public, ec.EllipticCurvePublicKey):
            raise ValueError("no elliptic curve")
        return bytes(key.exchange(ec.ECDH(), public))
    except (ValueError, UnsupportedAlgorithm):
        raise error.ValidationException("The specified public key is not valid for the key agreement algorithm and the key "
                                        "spec of the KMS key.") from None


def encapsulate(private: bytes) -> tuple[bytes, bytes]:
    """A shared secret and its encapsulated form, by ML-KEM."""
    shared, sealed = opened(private).public_key().encapsulate()
    return bytes(shared), bytes(sealed)


def decapsulate(private: bytes, sealed: bytes) -> bytes:
    """The shared secret again. A wrong one gives another secret, as ML-KEM defines; one of another length is refused."""
    try:
        return bytes(opened(private).decapsulate(sealed))
    except ValueError:
        raise error.InvalidCiphertextException() from None
