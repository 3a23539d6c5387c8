"""Signatures of notifications: RSA over AWS's canonical text, with a certificate of the cloud's own."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID

from cumulet.kernel import Call

from .resources import SigningKey

# It must be signed with for each publish: 1,024 bits cost 80 µs where 2,048 cost 240, and no secret hangs on it.
_BITS = 1024
_NAME = "notifications"
_YEARS = 30
_SIGNED = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_PADDING = padding.PKCS1v15()
_HASHES: dict[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}


def canonical(fields: dict[str, str]) -> bytes:
    """What is signed: names in order and values, each on a line of its own."""
    return "".join(f"{name}\n{fields[name]}\n" for name in _SIGNED if fields.get(name)).encode()


def sign(key: SigningKey, fields: dict[str, str], version: str) -> str:
    """SignatureVersion 1 is SHA1withRSA, 2 is SHA256withRSA."""
    return base64.b64encode(_private(key.private).sign(canonical(fields), _PADDING, _HASHES[version])).decode()


def signing_key(call: Call) -> SigningKey:
    """The cloud's key; made when first needed, in a thread."""
    table = call.table(SigningKey)
    return table.known(_NAME) or table.insert(call.aside(_new, call.now))


def certificate_url(call: Call, key: SigningKey) -> str:
    """Where faces/certificates.py serves it."""
    return f"{call.endpoint}/_sns/SimpleNotificationService-{key.fingerprint}.pem"


@lru_cache(maxsize=8)
def _private(pem: bytes) -> rsa.RSAPrivateKey:
    key = serialization.load_pem_private_key(pem, None)
    assert isinstance(key, rsa.RSAPrivateKey)
    return key


def _new(now: float) -> SigningKey:
    private = rsa.generate_private_key(65537, _BITS)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    born = datetime.fromtimestamp(now, UTC).replace(microsecond=0)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(born - timedelta(days=1))
        .not_valid_after(born + timedelta(days=365 * _YEARS)).sign(private, hashes.SHA256()))
    return SigningKey(
        name=_NAME, certificate=certificate.public_bytes(serialization.Encoding.PEM),
        private=private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                      serialization.NoEncryption()),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex()[:32])
