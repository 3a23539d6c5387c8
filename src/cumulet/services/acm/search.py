"""SearchCertificates: conditions joined by and, or, not; the order; and what is told of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cumulet.kernel import error

from . import pem
from .resources import Certificate
from .shown import eligibility, origin

if TYPE_CHECKING:
    from cryptography import x509

_DEEPEST = 10
_ATTRIBUTES = {
    "2.5.4.3": "CommonName", "2.5.4.6": "Country", "2.5.4.46": "DistinguishedNameQualifier",
    "2.5.4.44": "GenerationQualifier", "2.5.4.42": "GivenName", "2.5.4.43": "Initials", "2.5.4.7": "Locality",
    "2.5.4.10": "Organization", "2.5.4.11": "OrganizationalUnit", "2.5.4.65": "Pseudonym", "2.5.4.5": "SerialNumber",
    "2.5.4.8": "State", "2.5.4.4": "Surname", "2.5.4.12": "Title"}
_DOMAIN_COMPONENT = "0.9.2342.19200300.100.1.25"


def check(said: Mapping[str, Any], depth: int = 1) -> None:
    """Refuse a statement that is not in order, whether or not anything is searched by it."""
    if len(said) != 1 or depth > _DEEPEST:
        raise error.ValidationException(
            f"A filter statement must have exactly one of And, Or, Not and Filter, {_DEEPEST} deep at most.")
    (kind, inner), = said.items()
    if kind == "Filter":
        if len(inner) != 1 or any(len(one) != 1 for one in inner.values() if isinstance(one, Mapping)):
            raise error.ValidationException("A filter must have exactly one condition.")
        return
    for one in [inner] if kind == "Not" else inner:
        check(one, depth + 1)


def matches(row: Certificate, said: Mapping[str, Any]) -> bool:
    """Whether a statement that is in order holds for a certificate."""
    (kind, inner), = said.items()
    if kind == "And":
        return all(matches(row, one) for one in inner)
    if kind == "Or":
        return any(matches(row, one) for one in inner)
    return not matches(row, inner) if kind == "Not" else _filter(row, inner)


def _filter(row: Certificate, said: Mapping[str, Any]) -> bool:
    (kind, inner), = said.items()
    if kind == "CertificateArn":
        return bool(row.CertificateArn == inner)
    (name, value), = inner.items()
    return _x509(row, name, value) if kind == "X509AttributeFilter" else bool(metadata(row).get(name) == value)


def _x509(row: Certificate, name: str, value: Any) -> bool:
    if name == "Subject":
        return _text([row.DomainName], value["CommonName"])
    if name == "SubjectAlternativeName":
        return _text(row.SubjectAlternativeNames, value["DnsName"])
    if name in ("NotAfter", "NotBefore"):
        at = row.not_after if name == "NotAfter" else row.not_before
        return at is not None and value.get("Start", at) <= at <= value.get("End", at)
    has = {"ExtendedKeyUsage": [one for one, _ in row.extended_key_usages], "KeyUsage": row.key_usages,
           "KeyAlgorithm": [row.KeyAlgorithm], "SerialNumber": [row.serial]}[name]
    return value in has


def _text(has: list[str], said: Mapping[str, str]) -> bool:
    wanted = said["Value"].lower()
    return any(wanted == one or (said["ComparisonOperator"] == "CONTAINS" and wanted in one) for one in map(str.lower, has))


_ORDERS: dict[str, Callable[[Certificate], Any]] = {
    "CREATED_AT": lambda row: row.created, "NOT_AFTER": lambda row: row.not_after, "NOT_BEFORE": lambda row: row.not_before,
    "STATUS": lambda row: row.status, "RENEWAL_STATUS": lambda row: (row.renewal or {}).get("RenewalStatus"),
    "EXPORTED": lambda row: row.exported, "IN_USE": lambda row: bool(row.in_use_by),
    "KEY_ALGORITHM": lambda row: row.KeyAlgorithm, "TYPE": lambda row: row.type,
    "CERTIFICATE_ARN": lambda row: row.CertificateArn, "COMMON_NAME": lambda row: row.DomainName,
    "REVOKED_AT": lambda row: row.revoked_at, "RENEWAL_ELIGIBILITY": eligibility, "ISSUED_AT": lambda row: row.issued_at,
    "MANAGED_BY": lambda row: row.managed_by, "EXPORT_OPTION": lambda row: row.CertificateExport,
    "VALIDATION_METHOD": lambda row: row.ValidationMethod, "IMPORTED_AT": lambda row: row.imported_at,
    "CERTIFICATE_KEY_PAIR_ORIGIN": origin, "ACME_ENDPOINT_ARN": lambda _: None, "ACME_ACCOUNT_ID": lambda _: None}


def place(row: Certificate, by: str) -> tuple[str, str]:
    """Where it stands in an order; what has no value stands first."""
    value = _ORDERS[by](row)
    if isinstance(value, float):
        value = f"{value:020.6f}"
    return ("" if value is None else str(value)), row.CertificateArn


def metadata(row: Certificate) -> dict[str, Any]:
    """AcmCertificateMetadata."""
    return {
        "CreatedAt": row.created, "Exported": row.exported, "ImportedAt": row.imported_at, "InUse": bool(row.in_use_by),
        "IssuedAt": row.issued_at, "RenewalEligibility": eligibility(row), "RevokedAt": row.revoked_at, "Status": row.status,
        "RenewalStatus": (row.renewal or {}).get("RenewalStatus"), "Type": row.type, "ExportOption": row.CertificateExport,
        "ManagedBy": row.managed_by, "ValidationMethod": row.ValidationMethod, "CertificateKeyPairOrigin": origin(row)}


def result(row: Certificate) -> dict[str, Any]:
    """CertificateSearchResult."""
    told: dict[str, Any] = {"CertificateArn": row.CertificateArn,
                            "CertificateMetadata": {"AcmCertificateMetadata": metadata(row)}}
    attributes: dict[str, Any] = {
        "Subject": {"CommonName": row.DomainName}, "KeyAlgorithm": row.KeyAlgorithm,
        "SubjectAlternativeNames": [{"DnsName": name} for name in row.SubjectAlternativeNames]}
    if row.certificate:
        certificate = pem.parse(row.certificate)
        attributes |= {
            "Issuer": distinguished(certificate.issuer), "Subject": distinguished(certificate.subject),
            "ExtendedKeyUsages": [name for name, _ in row.extended_key_usages], "KeyUsages": row.key_usages,
            "SerialNumber": row.serial, "NotAfter": row.not_after, "NotBefore": row.not_before}
    return told | {"X509Attributes": attributes}


def distinguished(name: x509.Name) -> dict[str, Any]:
    """A DistinguishedName."""
    found: dict[str, Any] = {}
    for one in name:
        oid = one.oid.dotted_string
        if oid in _ATTRIBUTES:
            found[_ATTRIBUTES[oid]] = str(one.value)
        elif oid == _DOMAIN_COMPONENT:
            found.setdefault("DomainComponents", []).append(str(one.value))
        else:
            found.setdefault("CustomAttributes", []).append({"ObjectIdentifier": oid, "Value": str(one.value)})
    return found
