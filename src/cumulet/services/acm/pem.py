"""Certificates and keys as PEM, and what ACM tells of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .resources import Certificate

if TYPE_CHECKING:
    from cryptography import x509

PURPOSES = {
    "1.3.6.1.5.5.7.3.1": "TLS_WEB_SERVER_AUTHENTICATION", "1.3.6.1.5.5.7.3.2": "TLS_WEB_CLIENT_AUTHENTICATION",
    "1.3.6.1.5.5.7.3.3": "CODE_SIGNING", "1.3.6.1.5.5.7.3.4": "EMAIL_PROTECTION", "1.3.6.1.5.5.7.3.8": "TIME_STAMPING",
    "1.3.6.1.5.5.7.3.9": "OCSP_SIGNING", "1.3.6.1.5.5.7.3.5": "IPSEC_END_SYSTEM", "1.3.6.1.5.5.7.3.6": "IPSEC_TUNNEL",
    "1.3.6.1.5.5.7.3.7": "IPSEC_USER", "2.5.29.37.0": "ANY"}
USAGES = (
    ("digital_signature", "DIGITAL_SIGNATURE"), ("content_commitment", "NON_REPUDIATION"),
    ("key_encipherment", "KEY_ENCIPHERMENT"), ("data_encipherment", "DATA_ENCIPHERMENT"), ("key_agreement", "KEY_AGREEMENT"),
    ("key_cert_sign", "CERTIFICATE_SIGNING"), ("crl_sign", "CRL_SIGNING"))
_CURVES = {"secp256r1": "EC_prime256v1", "secp384r1": "EC_secp384r1", "secp521r1": "EC_secp521r1"}


def parse(text: str | bytes) -> x509.Certificate:
    """The first certificate of a PEM."""
    from cryptography import x509

    return x509.load_pem_x509_certificate(text.encode() if isinstance(text, str) else text)


def pem(certificates: Sequence[x509.Certificate]) -> str:
    """Certificates one after the other, without a newline at the end's end twice."""
    from cryptography.hazmat.primitives.serialization import Encoding

    return "".join(certificate.public_bytes(Encoding.PEM).decode() for certificate in certificates)


def key_algorithm(key: Any) -> str | None:
    """ACM's name of a public key's kind and size; None: ACM has none."""
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    if isinstance(key, rsa.RSAPublicKey):
        return f"RSA_{key.key_size}" if key.key_size in (1024, 2048, 3072, 4096) else None
    return _CURVES.get(key.curve.name) if isinstance(key, ec.EllipticCurvePublicKey) else None


def signature_algorithm(certificate: x509.Certificate) -> str:
    """Such as SHA256WITHRSA."""
    from cryptography.hazmat.primitives.asymmetric import ec, padding

    digest = certificate.signature_hash_algorithm
    parameters = certificate.signature_algorithm_parameters
    kind = "ECDSA" if isinstance(parameters, ec.ECDSA) else "RSAPSS" if isinstance(parameters, padding.PSS) else "RSA"
    return f"{digest.name.upper().replace('-', '')}WITH{kind}" if digest else kind


def key_usages(certificate: x509.Certificate) -> list[str]:
    """Names of the key usage extension's bits."""
    from cryptography import x509

    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return []
    names = [name for field, name in USAGES if getattr(usage, field)]
    if usage.key_agreement:
        names += ["ENCIPHER_ONLY"] * usage.encipher_only + ["DECIPHER_ONLY"] * usage.decipher_only
    return names


def purposes(certificate: x509.Certificate) -> list[tuple[str, str]]:
    """Name and OID of each purpose in the extended key usage extension."""
    from cryptography import x509

    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return []
    return [(PURPOSES.get(oid.dotted_string, "CUSTOM"), oid.dotted_string) for oid in usage]


def dns_names(certificate: x509.Certificate) -> list[str]:
    from cryptography import x509

    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return names.get_values_for_type(x509.DNSName)


def common_name(name: x509.Name) -> str:
    from cryptography.x509.oid import NameOID

    found = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(found[0].value) if found else ""


def organization(name: x509.Name) -> str:
    """What ACM calls an issuer: its organization, or else its common name."""
    from cryptography.x509.oid import NameOID

    found = name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(found[0].value) if found else common_name(name)


def serial(certificate: x509.Certificate) -> str:
    """Two digits a byte, with colons."""
    digits = f"{certificate.serial_number:x}"
    digits = digits.zfill(len(digits) + len(digits) % 2)
    return ":".join(digits[i:i + 2] for i in range(0, len(digits), 2))


def take(row: Certificate, certificate: x509.Certificate, chain: str) -> None:
    """Write into a row what its new certificate says."""
    row.certificate = pem([certificate])
    row.chain = chain
    row.serial = serial(certificate)
    row.not_before = certificate.not_valid_before_utc.timestamp()
    row.not_after = certificate.not_valid_after_utc.timestamp()
    row.KeyAlgorithm = key_algorithm(certificate.public_key()) or row.KeyAlgorithm
    row.key_usages = key_usages(certificate)
    row.extended_key_usages = purposes(certificate)
