"""Signatures of notifications: RSA over AWS's canonical text, with a certificate of the cloud's own.

An envelope is written without its signature, and signed when somebody is to read it, with the key that there is then: a state
that messages were copied into has another one than the state where they were published.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509.oid import NameOID

from cumulet.kernel import Call

from .resources import SigningKey, Topic

# It must be signed with for each message: 1,024 bits cost 80 µs where 2,048 cost 240, and no secret hangs on it.
_BITS = 1024
_NAME = "notifications"
_YEARS = 30
_SIGNED = ("Message", "MessageId", "Subject", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_PADDING = padding.PKCS1v15()
_HASHES: dict[str, hashes.HashAlgorithm] = {"1": hashes.SHA1(), "2": hashes.SHA256()}
LENGTH = 4 * -(-_BITS // 24)           # of a signature in base64
# No value of an envelope has a line's end in it, so this is found nowhere else. (Earlier versions left blanks for it.)
_SPACE = re.compile(r'\n  "Signature" : " *",\n  "SigningCertURL" : "(.*)/_sns/.*"')


def canonical(fields: dict[str, str]) -> bytes:
    """What is signed: names in order and values, each on a line of its own."""
    return "".join(f"{name}\n{fields[name]}\n" for name in _SIGNED if fields.get(name)).encode()


def unsigned(call: Call, topic: Topic) -> str:
    """An envelope's lines about its signature, before that is there."""
    return (f',\n  "SignatureVersion" : "{topic.SignatureVersion or "1"}",\n  "Signature" : ""'
            f',\n  "SigningCertURL" : "{_certificate_url(call.endpoint, signing_key(call))}"')


@Call.finishes
def sign(call: Call, envelope: str) -> str:
    """An envelope with its signature: version 1 is SHA1withRSA, 2 is SHA256withRSA. Messages keep its name."""
    key, fields = signing_key(call), json.loads(envelope)
    version = fields["SignatureVersion"]
    digest = hashlib.new(_HASHES[version].name, canonical(fields), usedforsecurity=False).digest()
    return _SPACE.sub(lambda found: f'\n  "Signature" : "{_signature(key.private, digest, version)}",'
                                    f'\n  "SigningCertURL" : "{_certificate_url(found[1], key)}"', envelope, count=1)


@lru_cache(maxsize=1024)
def _signature(private: bytes, digest: bytes, version: str) -> str:
    """Many subscribers of a message are told the same."""
    return base64.b64encode(_private(private).sign(digest, _PADDING, Prehashed(_HASHES[version]))).decode()


def signing_key(call: Call) -> SigningKey:
    """The cloud's key; made when first needed, in a thread."""
    table = call.table(SigningKey)
    return table.known(_NAME) or table.insert(call.aside(_new, call.now))


def _certificate_url(endpoint: str, key: SigningKey) -> str:
    """Where faces/certificates.py serves it."""
    return f"{endpoint}/_sns/SimpleNotificationService-{key.fingerprint}.pem"


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
