"""X.509 certificates and SSH keys as IAM takes them: read by `cryptography`, and what is wrong said in IAM's words."""

from __future__ import annotations

import base64
import binascii
from hashlib import md5
from typing import Any, NamedTuple

from cumulet.kernel import error

_UNREADABLE = "Unable to parse certificate. Please ensure the certificate is in PEM format."
_BROKEN_CHAIN = ("Unable to validate certificate chain. The certificate chain must start with the immediate signing"
                 " certificate, followed by any intermediaries in order. The index within the chain of the invalid"
                 " certificate is: {}")
_LEAST_BITS = 2048


def certificate(pem: str) -> Any:
    """The certificate in a PEM text; raises MalformedCertificate."""
    from cryptography import x509

    try:
        found = x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        found = []
    if len(found) != 1:
        raise error.MalformedCertificateException(_UNREADABLE)
    return found[0]


def check_pair(found: Any, key: str) -> None:
    """Raise unless the private key (PEM, not encrypted) belongs to the certificate."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

    try:
        own = load_pem_private_key(key.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise error.MalformedCertificateException(
            "Unable to parse private key. Please ensure the private key is not encrypted and in PEM format.") from None
    form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if own.public_key().public_bytes(*form) != found.public_key().public_bytes(*form):
        raise error.KeyPairMismatchException("Private key doesn't match the certificate's public key.")


def check_chain(found: Any, chain: str) -> None:
    """Raise unless each certificate of the chain has signed the one before."""
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature

    try:
        issuers = x509.load_pem_x509_certificates(chain.encode())
    except ValueError:
        raise error.MalformedCertificateException(_UNREADABLE) from None
    below = found
    for index, issuer in enumerate(issuers):
        try:
            below.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            raise error.MalformedCertificateException(_BROKEN_CHAIN.format(index)) from None
        below = issuer


class SshKey(NamedTuple):
    """An RSA key in both its texts; fingerprint: MD5 of the SSH form, in pairs of hexadecimal digits."""

    ssh: str
    pem: str
    fingerprint: str


def ssh_key(text: str) -> SshKey:
    """A public key given as `ssh-rsa …` or PEM."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization as form
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    given = text.strip().encode()
    try:
        key = form.load_pem_public_key(given) if given.startswith(b"-----") else form.load_ssh_public_key(given)
    except (ValueError, UnsupportedAlgorithm, binascii.Error):
        raise error.UnrecognizedPublicKeyEncodingException(
            "The public key encoding format is unsupported or unrecognized.") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < _LEAST_BITS:
        raise error.InvalidPublicKeyException("The public key is malformed or otherwise invalid.")
    ssh = key.public_bytes(form.Encoding.OpenSSH, form.PublicFormat.OpenSSH).decode()
    digest = md5(base64.b64decode(ssh.split()[1]), usedforsecurity=False).hexdigest()
    return SshKey(ssh, key.public_bytes(form.Encoding.PEM, form.PublicFormat.SubjectPublicKeyInfo).decode(),
                  ":".join(digest[at:at + 2] for at in range(0, 32, 2)))
