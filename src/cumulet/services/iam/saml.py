"""Metadata of SAML identity providers: read safely, and only what is needed to believe their assertions."""

from __future__ import annotations

import base64
import binascii
from datetime import UTC, datetime
from typing import NamedTuple
from xml.etree import ElementTree

_METADATA = "{urn:oasis:names:tc:SAML:2.0:metadata}"
_SIGNATURE = "{http://www.w3.org/2000/09/xmldsig#}"


class Metadata(NamedTuple):
    """issuer: the entity's id; certificates: base 64 of DER; until: seconds, 0.0 when it does not say."""

    issuer: str
    certificates: list[str]
    until: float


def read(text: str) -> Metadata | None:
    """What the document says; None when it is no metadata of an identity provider. A document type is refused, for entities
    that it could define have no place here."""
    if "<!DOCTYPE" in text:
        return None
    try:
        root = ElementTree.fromstring(text)
    except (ElementTree.ParseError, ValueError):
        return None
    if root.tag != _METADATA + "EntityDescriptor" or not root.get("entityID"):
        return None
    described = root.find(_METADATA + "IDPSSODescriptor")
    if described is None or described.find(_METADATA + "SingleSignOnService") is None:
        return None
    certificates = []
    for key in described.iter(_METADATA + "KeyDescriptor"):
        if key.get("use", "signing") == "signing":
            certificates += ["".join((one.text or "").split()) for one in key.iter(_SIGNATURE + "X509Certificate")]
    if not certificates or not all(map(_is_certificate, certificates)):
        return None
    until = _moment(root.get("validUntil") or described.get("validUntil"))
    return None if until is None else Metadata(root.get("entityID", ""), certificates, until)


def _is_certificate(text: str) -> bool:
    from cryptography import x509

    try:
        x509.load_der_x509_certificate(base64.b64decode(text, validate=True))
    except (ValueError, binascii.Error):
        return False
    return True


def _moment(text: str | None) -> float | None:
    """Seconds; 0.0 when nothing is said, None when it is no date."""
    if not text:
        return 0.0
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
