"""Keys of authorities, and signatures with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cumulet.kernel import error

if TYPE_CHECKING:
    from cryptography import x509

_CURVES = ("EC_prime256v1", "EC_secp384r1", "EC_secp521r1")


def new_key(algorithm: str) -> bytes:
    """A private key; PKCS8 in DER."""
    from cryptography.hazmat.primitives.asymmetric import ec, mldsa, rsa
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key: Any
    if algorithm in _CURVES:
        key = ec.generate_private_key((ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1())[_CURVES.index(algorithm)])
    elif algorithm.startswith("ML_DSA"):
        kinds: dict[str, Any] = {"ML_DSA_44": mldsa.MLDSA44PrivateKey, "ML_DSA_65": mldsa.MLDSA65PrivateKey,
                                 "ML_DSA_87": mldsa.MLDSA87PrivateKey}
        key = kinds[algorithm].generate()
    else:
        key = rsa.generate_private_key(65537, int(algorithm.removeprefix("RSA_")))
    der: bytes = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return der


def load_key(der: bytes) -> Any:
    from cryptography.hazmat.primitives.serialization import load_der_private_key

    return load_der_private_key(der, None)


def check_algorithm(key: str, signing: str) -> None:
    """The family of a signature must be that of the key."""
    if "SM2" in (key, signing) or "SM2" in signing:
        raise error.InvalidArgsException("SM2 is available in the regions of China only.")
    family = "ECDSA" if key in _CURVES else "RSA" if key.startswith("RSA") else key
    fits = signing == key if key.startswith("ML_DSA") else signing.partition("WITH")[2].partition("_")[0] == family
    if not fits:
        raise error.InvalidArgsException(
            f"The signing algorithm {signing} does not match the key algorithm {key} of the certificate authority.")


def sign(builder: Any, key: Any, algorithm: str) -> Any:
    """Sign a certificate, a request or a revocation list by AWS's name of an algorithm."""
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding

    if algorithm.startswith("ML_DSA"):
        return builder.sign(key, None)
    digest = {"SHA256": hashes.SHA256(), "SHA384": hashes.SHA384(), "SHA512": hashes.SHA512()}[algorithm[:6]]
    if algorithm.endswith("_PSS"):
        return builder.sign(key, digest, rsa_padding=padding.PSS(padding.MGF1(digest), padding.PSS.DIGEST_LENGTH))
    return builder.sign(key, digest)


def same_key(one: Any, other: Any) -> bool:
    """Are these the same public key?"""
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    return bool(one.public_bytes(*form) == other.public_bytes(*form))


def pem(thing: x509.Certificate | x509.CertificateSigningRequest) -> str:
    """PEM without the newline at its end, as AWS gives it."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return thing.public_bytes(Encoding.PEM).decode().rstrip("\n")
