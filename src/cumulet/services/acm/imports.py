"""Certificates from elsewhere: what ACM asks of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from cumulet.kernel import error

from .pem import key_algorithm, key_usages, parse, pem, purposes
from .resources import Certificate

if TYPE_CHECKING:
    from cryptography import x509

_MOST_KEY = 5120               # bytes of a private key
_LABEL = b"-----BEGIN CERTIFICATE-----"


class Given(NamedTuple):
    """An import that is in order. key: PKCS8 in DER.  chain: PEM."""

    certificate: x509.Certificate
    key: bytes
    chain: str


def read(certificate: bytes, key: bytes, chain: bytes, now: float) -> Given:
    """Parse and check an import."""
    if certificate.count(_LABEL) > 1:
        raise error.ValidationException("The certificate field contains more than one certificate. You can specify only one "
                                        "certificate in this field.")
    found = _certificate(certificate, "The certificate")
    moment = datetime.fromtimestamp(now, UTC)
    if moment > found.not_valid_after_utc:
        raise error.ValidationException("The certificate has expired.")
    if moment < found.not_valid_before_utc:
        raise error.ValidationException("The certificate is not valid yet.")
    if not list(found.issuer):
        raise error.ValidationException("The issuer field of the certificate must not be empty.")
    if key_algorithm(found.public_key()) is None:
        raise error.ValidationException("The key algorithm or size of the certificate is not supported.")
    return Given(found, _key(key, found), _chain(found, chain))


def check_again(before: Certificate, given: Given) -> None:
    """What a reimport may not change."""
    if before.type != "IMPORTED":
        raise error.ValidationException(f"Certificate {before.CertificateArn} is not an imported certificate.")
    if key_algorithm(given.certificate.public_key()) != before.KeyAlgorithm:
        raise error.ValidationException("The key type and size of a reimported certificate cannot be changed.")
    if set(before.key_usages) - set(key_usages(given.certificate)):
        raise error.ValidationException("A reimported certificate cannot drop key usages.")
    if {oid for _, oid in before.extended_key_usages} - {oid for _, oid in purposes(given.certificate)}:
        raise error.ValidationException("A reimported certificate cannot drop extended key usages.")


def _certificate(text: bytes, what: str) -> x509.Certificate:
    try:
        return parse(text)
    except ValueError as problem:
        raise error.ValidationException(f"{what} is not a valid PEM-encoded certificate.") from problem


def _key(text: bytes, certificate: x509.Certificate) -> bytes:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        PublicFormat,
        load_pem_private_key,
    )

    if len(text) > _MOST_KEY:
        raise error.ValidationException(f"The private key is longer than {_MOST_KEY} bytes.")
    try:
        key: Any = load_pem_private_key(text, None)
    except TypeError as problem:
        raise error.ValidationException("The private key is encrypted: import it without a passphrase.") from problem
    except (ValueError, UnsupportedAlgorithm) as problem:
        raise error.ValidationException("The private key is not a valid PEM-encoded private key.") from problem
    form = Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    if key.public_key().public_bytes(*form) != certificate.public_key().public_bytes(*form):
        raise error.ValidationException("The private key does not match the public key of the certificate.")
    der: bytes = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return der


def _chain(certificate: x509.Certificate, text: bytes) -> str:
    """The chain begins with who signed the certificate, and each one is signed by the next."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    if not text:
        return ""
    try:
        chain = x509.load_pem_x509_certificates(text)
    except ValueError as problem:
        raise error.ValidationException("The certificate chain is not a list of valid PEM-encoded certificates.") from problem
    below = certificate
    for index, above in enumerate(chain):
        try:
            below.verify_directly_issued_by(above)
        except (ValueError, TypeError, InvalidSignature) as problem:
            raise error.ValidationException(
                "Unable to validate certificate chain. The certificate chain must start with the immediate signing "
                "certificate, followed by any intermediaries in order. The index within the chain of the invalid "
                f"certificate is: {index}") from problem
        below = above
    return pem(chain)
