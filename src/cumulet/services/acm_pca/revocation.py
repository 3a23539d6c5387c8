"""Revocation: what a configuration may say, where certificates say it, and the list itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from cumulet.kernel import error, not_implemented

from .extensions import Extension
from .resources import CertificateAuthority, Issued
from .signing import sign

if TYPE_CHECKING:
    from cryptography import x509

_REASONS = {
    "KEY_COMPROMISE": "key_compromise", "CERTIFICATE_AUTHORITY_COMPROMISE": "ca_compromise",
    "AFFILIATION_CHANGED": "affiliation_changed", "SUPERSEDED": "superseded",
    "CESSATION_OF_OPERATION": "cessation_of_operation", "PRIVILEGE_WITHDRAWN": "privilege_withdrawn",
    "A_A_COMPROMISE": "aa_compromise"}
_EARLIER = timedelta(minutes=60)


def check(said: Mapping[str, Any]) -> dict[str, Any]:
    """A RevocationConfiguration with what AWS adds to it."""
    crl = dict(said.get("CrlConfiguration") or {"Enabled": False})
    ocsp = dict(said.get("OcspConfiguration") or {"Enabled": False})
    for one in (crl, ocsp):
        if not one["Enabled"] and len(one) > 1:
            raise error.InvalidArgsException("A disabled revocation configuration must hold nothing but Enabled.")
    for name in (crl.get("CustomCname"), ocsp.get("OcspCustomCname")):
        if name and "://" in name:
            raise error.InvalidArgsException("A custom CNAME must not include a protocol prefix.")
    if crl["Enabled"]:
        if "S3BucketName" not in crl or "ExpirationInDays" not in crl:
            raise error.InvalidArgsException("An enabled CRL needs S3BucketName and ExpirationInDays.")
        if crl.get("CrlType") == "PARTITIONED":
            raise not_implemented("CrlType PARTITIONED of a CrlConfiguration")
        crl.setdefault("S3ObjectAcl", "PUBLIC_READ")
    return {"CrlConfiguration": crl, "OcspConfiguration": ocsp}


def path(authority: CertificateAuthority) -> str:
    """The key of the list in its bucket."""
    folder = authority.RevocationConfiguration["CrlConfiguration"].get("CustomPath", "crl").strip("/")
    return f"{folder}/{authority.id}.crl" if folder else f"{authority.id}.crl"


def extensions(authority: CertificateAuthority, region: str) -> list[Extension]:
    """Where a certificate of this authority says that its revocation can be asked for."""
    from cryptography import x509

    crl = authority.RevocationConfiguration.get("CrlConfiguration", {})
    ocsp = authority.RevocationConfiguration.get("OcspConfiguration", {})
    found: list[Extension] = []
    if crl.get("Enabled") and not crl.get("CrlDistributionPointExtensionConfiguration", {}).get("OmitExtension"):
        host = crl.get("CustomCname") or f"{crl['S3BucketName']}.s3.{region}.amazonaws.com"
        place = x509.UniformResourceIdentifier(f"http://{host}/{path(authority)}")
        found.append((x509.CRLDistributionPoints([x509.DistributionPoint([place], None, None, None)]), False))
    if ocsp.get("Enabled"):
        host = ocsp.get("OcspCustomCname") or f"ocsp.acm-pca.{region}.amazonaws.com"
        asked = x509.AccessDescription(x509.ObjectIdentifier("1.3.6.1.5.5.7.48.1"),
                                       x509.UniformResourceIdentifier(f"http://{host}"))
        found.append((x509.AuthorityInformationAccess([asked]), False))
    return found


def revocation_list(authority: CertificateAuthority, key: Any, certificate: x509.Certificate, revoked: Iterable[Issued],
                    now: float) -> bytes:
    """The list of those that are revoked and not expired; DER."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    moment = datetime.fromtimestamp(int(now), UTC)
    days = authority.RevocationConfiguration["CrlConfiguration"]["ExpirationInDays"]
    builder = (
        x509.CertificateRevocationListBuilder().issuer_name(certificate.subject)
        .last_update(moment - _EARLIER).next_update(moment + timedelta(days=days))
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False)
        .add_extension(x509.CRLNumber(authority.crl_number), critical=False))
    for one in revoked:
        if one.revoked_at is not None and one.not_after > now:
            entry = (x509.RevokedCertificateBuilder().serial_number(int(one.serial, 16))
                     .revocation_date(datetime.fromtimestamp(int(one.revoked_at), UTC)))
            if one.reason in _REASONS:
                entry = entry.add_extension(x509.CRLReason(getattr(x509.ReasonFlags, _REASONS[one.reason])), critical=False)
            builder = builder.add_revoked_certificate(entry.build())
    der: bytes = sign(builder, key, authority.SigningAlgorithm).public_bytes(Encoding.DER)
    return der
