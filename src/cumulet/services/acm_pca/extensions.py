"""Extensions of certificates and requests, from the API's words to X.509."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cumulet.kernel import error

from .names import general_name, general_names

if TYPE_CHECKING:
    from cryptography import x509

Extension = tuple[Any, bool]              # an extension's value, and whether it is critical

PURPOSES = {
    "SERVER_AUTH": "1.3.6.1.5.5.7.3.1", "CLIENT_AUTH": "1.3.6.1.5.5.7.3.2", "CODE_SIGNING": "1.3.6.1.5.5.7.3.3",
    "EMAIL_PROTECTION": "1.3.6.1.5.5.7.3.4", "TIME_STAMPING": "1.3.6.1.5.5.7.3.8", "OCSP_SIGNING": "1.3.6.1.5.5.7.3.9",
    "SMART_CARD_LOGIN": "1.3.6.1.4.1.311.20.2.2", "DOCUMENT_SIGNING": "1.3.6.1.5.5.7.3.36",
    "CERTIFICATE_TRANSPARENCY": "1.3.6.1.4.1.11129.2.4.4"}
_USAGES = {
    "DigitalSignature": "digital_signature", "NonRepudiation": "content_commitment", "KeyEncipherment": "key_encipherment",
    "DataEncipherment": "data_encipherment", "KeyAgreement": "key_agreement", "KeyCertSign": "key_cert_sign",
    "CRLSign": "crl_sign", "EncipherOnly": "encipher_only", "DecipherOnly": "decipher_only"}
_METHODS = {"CA_REPOSITORY": "1.3.6.1.5.5.7.48.5", "RESOURCE_PKI_MANIFEST": "1.3.6.1.5.5.7.48.10",
            "RESOURCE_PKI_NOTIFY": "1.3.6.1.5.5.7.48.13"}


def key_usage(said: Mapping[str, bool]) -> x509.KeyUsage:
    from cryptography import x509

    try:
        return x509.KeyUsage(**{field: bool(said.get(name)) for name, field in _USAGES.items()})
    except ValueError as problem:
        raise error.InvalidArgsException(f"The key usage is not valid: {problem}") from problem


def purposes(*oids: str) -> x509.ExtendedKeyUsage:
    from cryptography import x509

    return x509.ExtendedKeyUsage([x509.ObjectIdentifier(oid) for oid in oids])


def from_api(said: Mapping[str, Any]) -> dict[str, Extension]:
    """The extensions of an ApiPassthrough, by OID."""
    from cryptography import x509

    found: list[Extension] = []
    if "CertificatePolicies" in said:
        found.append((x509.CertificatePolicies([_policy(one) for one in said["CertificatePolicies"]]), False))
    if "ExtendedKeyUsage" in said:
        found.append((purposes(*map(_purpose, said["ExtendedKeyUsage"])), False))
    if "KeyUsage" in said:
        found.append((key_usage(said["KeyUsage"]), True))
    if "SubjectAlternativeNames" in said:
        found.append((x509.SubjectAlternativeName(general_names(said["SubjectAlternativeNames"])), False))
    for one in said.get("CustomExtensions", ()):
        value = x509.UnrecognizedExtension(x509.ObjectIdentifier(one["ObjectIdentifier"]), base64.b64decode(one["Value"]))
        found.append((value, bool(one.get("Critical"))))
    by_oid = {value.oid.dotted_string: (value, critical) for value, critical in found}
    if len(by_oid) != len(found):
        raise error.InvalidArgsException("An extension is given twice.")
    return by_oid


def from_request(request: x509.CertificateSigningRequest) -> dict[str, Extension]:
    """The extensions of a request, by OID."""
    return {one.oid.dotted_string: (one.value, one.critical) for one in request.extensions}


def of_request(said: Mapping[str, Any]) -> list[Extension]:
    """CsrExtensions: what an authority's own request says."""
    from cryptography import x509

    found: list[Extension] = []
    if "KeyUsage" in said:
        found.append((key_usage(said["KeyUsage"]), True))
    if "SubjectInformationAccess" in said:
        found.append((x509.SubjectInformationAccess([_access(one) for one in said["SubjectInformationAccess"]]), False))
    return found


def _access(said: Mapping[str, Any]) -> x509.AccessDescription:
    from cryptography import x509

    method = said["AccessMethod"]
    if ("CustomObjectIdentifier" in method) == ("AccessMethodType" in method):
        raise error.InvalidArgsException("An access method must have either an object identifier or a type.")
    oid = method.get("CustomObjectIdentifier") or _METHODS[method["AccessMethodType"]]
    return x509.AccessDescription(x509.ObjectIdentifier(oid), general_name(said["AccessLocation"]))


def _purpose(said: Mapping[str, str]) -> str:
    if ("ExtendedKeyUsageType" in said) == ("ExtendedKeyUsageObjectIdentifier" in said):
        raise error.InvalidArgsException("An extended key usage must have either a type or an object identifier.")
    return said.get("ExtendedKeyUsageObjectIdentifier") or PURPOSES[said["ExtendedKeyUsageType"]]


def _policy(said: Mapping[str, Any]) -> x509.PolicyInformation:
    from cryptography import x509

    qualifiers = [one["Qualifier"]["CpsUri"] for one in said.get("PolicyQualifiers", ())]
    return x509.PolicyInformation(x509.ObjectIdentifier(said["CertPolicyId"]), qualifiers or None)
