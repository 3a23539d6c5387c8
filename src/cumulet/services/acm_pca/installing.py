"""The certificate of an authority itself: what it must be to be installed."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

from cumulet.kernel import error

from .resources import CertificateAuthority
from .signing import pem, same_key

if TYPE_CHECKING:
    from cryptography import x509

# What may be critical in an authority's certificate; all else that is makes it unacceptable.
_MAY_BE_CRITICAL = {"2.5.29.35", "2.5.29.19", "2.5.29.32", "2.5.29.37", "2.5.29.54", "2.5.29.18", "2.5.29.15", "2.5.29.30",
                    "2.5.29.33", "2.5.29.17", "2.5.29.9", "2.5.29.14", "1.3.6.1.5.5.7.1.11"}


def install(row: CertificateAuthority, certificate: bytes, chain: bytes, now: float) -> None:
    """Check, and write into the row."""
    from cryptography import x509

    try:
        found = x509.load_pem_x509_certificates(certificate)
        above = x509.load_pem_x509_certificates(chain) if chain else []
    except ValueError as problem:
        raise error.MalformedCertificateException("The certificate or its chain is not valid PEM.") from problem
    if len(found) != 1:
        raise error.MalformedCertificateException("Exactly one certificate must be given.")
    own = found[0]
    if not same_key(own.public_key(), x509.load_pem_x509_csr(row.csr.encode()).public_key()):
        raise error.CertificateMismatchException("The certificate does not hold the public key of the certificate authority.")
    _check_place(row, own, above)
    for one in (own, *above):
        _check_authority(one, now)
    _check_chain([own, *above])
    row.certificate = pem(own)
    row.chain = "\n".join(pem(one) for one in above)
    digits = f"{own.serial_number:x}"
    digits = digits.zfill(len(digits) + len(digits) % 2)
    row.serial = ":".join(digits[i:i + 2] for i in range(0, len(digits), 2))
    row.not_before, row.not_after = own.not_valid_before_utc.timestamp(), own.not_valid_after_utc.timestamp()


def _check_place(row: CertificateAuthority, own: x509.Certificate, above: list[x509.Certificate]) -> None:
    """A root signs itself and stands alone; a subordinate has others above it."""
    itself = own.issuer == own.subject and _signed(own, own)
    if row.Type == "ROOT" and (not itself or above):
        raise error.InvalidRequestException("Only a self-signed certificate without a chain can be imported as a root CA.")
    if row.Type == "SUBORDINATE" and (itself or not above):
        raise error.InvalidRequestException("A subordinate CA needs a certificate that is not self-signed, and its chain.")


def _check_authority(one: x509.Certificate, now: float) -> None:
    from cryptography import x509

    try:
        constraints = one.extensions.get_extension_for_class(x509.BasicConstraints)
    except x509.ExtensionNotFound as problem:
        raise error.MalformedCertificateException("A certificate has no basic constraints.") from problem
    if not constraints.critical or not constraints.value.ca:
        raise error.MalformedCertificateException("Basic constraints must be critical, and say that it is a CA.")
    for extension in one.extensions:
        if extension.critical and extension.oid.dotted_string not in _MAY_BE_CRITICAL:
            raise error.MalformedCertificateException(
                f"The extension {extension.oid.dotted_string} must not be critical.")
    if not one.not_valid_before_utc <= datetime.fromtimestamp(now, UTC) <= one.not_valid_after_utc:
        raise error.MalformedCertificateException("A certificate is not valid now.")


def _check_chain(chain: list[x509.Certificate]) -> None:
    """Each is signed by the next and not valid for longer; the last is a root; no path is too long."""
    from cryptography import x509

    for depth, (below, upper) in enumerate(pairwise(chain)):
        if not _signed(below, upper):
            raise error.CertificateMismatchException("The certificates of the chain do not sign each other in their order.")
        if below.not_valid_after_utc > upper.not_valid_after_utc:
            raise error.CertificateMismatchException("A certificate outlives the one that signed it.")
        most = upper.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length
        if most is not None and depth > most:
            raise error.CertificateMismatchException("The chain is longer than a path length constraint in it allows.")
    if not _signed(chain[-1], chain[-1]):
        raise error.CertificateMismatchException("The chain does not end in a root certificate.")


def _signed(below: x509.Certificate, upper: x509.Certificate) -> bool:
    from cryptography.exceptions import InvalidSignature

    try:
        below.verify_directly_issued_by(upper)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True
