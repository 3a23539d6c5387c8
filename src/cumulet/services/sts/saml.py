"""Assertions of SAML identity providers: only what one of their certificates signed is read. No wire, no tables."""

from __future__ import annotations

import base64
import binascii
import copy
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from cumulet.kernel import AwsError, error

from .decryption import decrypt

_NS = {"saml": "urn:oasis:names:tc:SAML:2.0:assertion", "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
       "ds": "http://www.w3.org/2000/09/xmldsig#"}
_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_FORMAT = "urn:oasis:names:tc:SAML:2.0:nameid-format:"
_OURS = "https://aws.amazon.com/SAML/Attributes/"
_SIGN_IN = ("https://signin.aws.amazon.com/saml", "urn:amazon:webservices")
_FRESH = 300.0


class Assertion(NamedTuple):
    """What the provider says of somebody. until: when its session ends, 0.0 when it does not say."""

    issuer: str
    subject: str
    subject_type: str
    recipient: str
    until: float
    attributes: dict[str, list[str]]

    def ours(self, name: str) -> list[str]:
        return self.attributes.get(_OURS + name, [])

    def tags(self) -> dict[str, str]:
        start = _OURS + "PrincipalTag:"
        return {name[len(start):]: values[0] for name, values in self.attributes.items() if name.startswith(start) and values}


class Trusted(NamedTuple):
    """What is known of the provider: the certificates that sign for it (base 64 of DER), and the private keys (PEM) that open
    what it encrypts. encrypted: it must encrypt."""

    issuer: str
    certificates: Sequence[str]
    keys: Sequence[bytes] = ()
    encrypted: bool = False


def read(given: str, trusted: Trusted, now: float) -> Assertion:
    """The assertion in a response; raises unless the issuer signed it, for AWS, just now. now: by the wall."""
    issuer = trusted.issuer
    try:
        data = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        raise invalid("The SAML assertion is not valid base 64 of XML") from None
    found = _signed(_parsed(data), trusted)
    if _text(found, "saml:Issuer") != issuer:
        raise invalid("Issuer not present in specified provider")
    assertion = _told(found)
    _check_times(found, now)
    if assertion.recipient.rstrip("/") not in _SIGN_IN and not assertion.recipient.endswith(".signin.aws.amazon.com/saml"):
        raise invalid("Recipient is not AWS")
    audiences = [e.text for e in found.iterfind("saml:Conditions/saml:AudienceRestriction/saml:Audience", _NS)]
    if audiences and not any(a in _SIGN_IN or a == assertion.recipient for a in audiences):
        raise invalid("Audience is not AWS")
    return assertion


def _parsed(data: bytes) -> Any:
    from lxml import etree

    try:
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        root = etree.fromstring(data, parser)
    except (ValueError, etree.XMLSyntaxError):
        raise invalid("The SAML assertion is not valid base 64 of XML") from None
    if root.getroottree().docinfo.doctype:
        raise invalid("A SAML assertion has no document type")
    return root


def _signed(root: Any, trusted: Trusted) -> Any:
    """The one assertion, as it was signed: alone, or within a signed response. Nothing else of the document counts."""
    status = root.find("samlp:Status/samlp:StatusCode", _NS)
    if status is not None and status.get("Value") != _SUCCESS:
        raise error.IDPRejectedClaimException(f"The identity provider rejected the claim: {status.get('Value')}")
    certificates = trusted.certificates
    if root.find("saml:EncryptedAssertion", _NS) is not None:
        return _encrypted(root, trusted)
    if trusted.encrypted:
        raise invalid("The assertion must be encrypted")
    alone = root.tag == f"{{{_NS['saml']}}}Assertion"
    assertions = [root] if alone else root.findall("saml:Assertion", _NS)
    if len(assertions) != 1:
        raise invalid("Response does not contain exactly one assertion")
    if assertions[0].find("ds:Signature", _NS) is not None:
        return _verified(assertions[0], certificates)
    whole = _verified(root, certificates)
    inside = whole.findall("saml:Assertion", _NS)
    if len(inside) != 1:
        raise invalid("Response does not contain exactly one assertion")
    return inside[0]


def _encrypted(root: Any, trusted: Trusted) -> Any:
    """The assertion in its shell: signed itself, or within a signed response."""
    inside = _decrypted(root, trusted)
    if inside.find("ds:Signature", _NS) is not None:
        return _verified(inside, trusted.certificates)
    return _decrypted(_verified(root, trusted.certificates), trusted)


def _decrypted(root: Any, trusted: Trusted) -> Any:
    shells = root.findall("saml:EncryptedAssertion", _NS)
    if len(shells) != 1 or root.find("saml:Assertion", _NS) is not None:
        raise invalid("Response does not contain exactly one assertion")
    plain = decrypt(shells[0], trusted.keys)
    if plain is None:
        raise invalid("The assertion could not be decrypted")
    inside = _parsed(plain)
    if inside.tag != f"{{{_NS['saml']}}}Assertion":
        raise invalid("The assertion could not be decrypted")
    return inside


def _verified(element: Any, certificates: Sequence[str]) -> Any:
    """The element as one of the certificates vouches for it."""
    from lxml import etree
    from signxml.exceptions import InvalidCertificate, InvalidDigest, InvalidInput, InvalidSignature
    from signxml.verifier import SignatureConfiguration, XMLVerifier

    standing_alone = etree.fromstring(etree.tostring(copy.deepcopy(element), with_tail=False))
    config = SignatureConfiguration(location="./", expect_references=1)
    for certificate in certificates:
        pem = f"-----BEGIN CERTIFICATE-----\n{certificate}\n-----END CERTIFICATE-----\n"
        try:
            found = XMLVerifier().verify(standing_alone, x509_cert=pem, expect_config=config)
        except (InvalidSignature, InvalidDigest, InvalidInput, InvalidCertificate, ValueError):
            continue
        results = found if isinstance(found, list) else [found]
        signed = results[0].signed_xml
        if signed is not None and signed.tag == element.tag and signed.get("ID") == element.get("ID"):
            return signed
    raise invalid("Response signature invalid")


def _told(found: Any) -> Assertion:
    name = found.find("saml:Subject/saml:NameID", _NS)
    confirmed = found.find("saml:Subject/saml:SubjectConfirmation/saml:SubjectConfirmationData", _NS)
    if name is None or not name.text or confirmed is None:
        raise invalid("Subject is needed in the assertion")
    attributes: dict[str, list[str]] = {}
    for one in found.iterfind("saml:AttributeStatement/saml:Attribute", _NS):
        values = [(v.text or "").strip() for v in one.iterfind("saml:AttributeValue", _NS)]
        attributes.setdefault(one.get("Name", ""), []).extend(values)
    statement = found.find("saml:AuthnStatement", _NS)
    until = _moment(statement.get("SessionNotOnOrAfter")) if statement is not None else None
    return Assertion(_text(found, "saml:Issuer"), name.text.strip(), name.get("Format", "").removeprefix(_FORMAT),
                     confirmed.get("Recipient", ""), until or 0.0, attributes)


def _text(found: Any, path: str) -> str:
    element = found.find(path, _NS)
    return (element.text or "").strip() if element is not None else ""


def _check_times(found: Any, now: float) -> None:
    issued = _moment(found.get("IssueInstant"))
    ends = [_moment(e.get("NotOnOrAfter")) for path in ("saml:Conditions", "saml:Subject/saml:SubjectConfirmation/"
                                                        "saml:SubjectConfirmationData") for e in found.iterfind(path, _NS)]
    if issued is None or now >= min([issued + _FRESH, *(end for end in ends if end is not None)]):
        raise error.ExpiredTokenException("Token must be redeemed within 5 minutes of issuance")
    begins = [_moment(e.get("NotBefore")) for e in found.iterfind("saml:Conditions", _NS)]
    if any(begin is not None and begin > now + _FRESH for begin in (issued, *begins)):
        raise invalid("The assertion is not valid yet")


def _moment(text: str | None) -> float | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise invalid(f"{text} is no moment") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def qualifier(issuer: str, account: str, provider: str) -> str:
    """NameQualifier: with the subject it tells one federated user from all others.

    https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithSAML.html
    """
    digest = hashlib.sha1(f"{issuer}{account}/{provider}".encode(), usedforsecurity=False).digest()
    return base64.b64encode(digest).decode()


def invalid(message: str) -> AwsError:
    return error.InvalidIdentityTokenException(message)
