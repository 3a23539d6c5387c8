"""A certificate, from a request, a template and an authority. No call, no clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cumulet.kernel import error

from . import extensions, revocation
from .names import subject
from .resources import CertificateAuthority, Issued
from .signing import load_key, same_key, sign
from .templates import Template, own_extensions, template

if TYPE_CHECKING:
    from cryptography import x509

_ALTERNATIVE_NAMES = "2.5.29.17"
_KEY_IDENTIFIERS = ("2.5.29.14", "2.5.29.35")


def read_request(pem: bytes) -> x509.CertificateSigningRequest:
    """A request whose signature is right and that names somebody."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm

    try:
        request = x509.load_pem_x509_csr(pem)
        good = request.is_signature_valid
        named = bool(list(request.subject)) or _ALTERNATIVE_NAMES in extensions.from_request(request)
    except (ValueError, UnsupportedAlgorithm) as problem:
        raise error.MalformedCSRException("The CSR is not a valid PEM-encoded certificate signing request.") from problem
    if not good:
        raise error.MalformedCSRException("The signature of the CSR is not valid.")
    if not named:
        raise error.MalformedCSRException("The CSR must have a subject or a subject alternative name.")
    return request


def check(authority: CertificateAuthority, request: x509.CertificateSigningRequest, chosen: Template) -> None:
    """Whether this authority may issue by this template."""
    from cryptography import x509

    if chosen.root:
        own = x509.load_pem_x509_csr(authority.csr.encode())
        if authority.Type != "ROOT" or not same_key(own.public_key(), request.public_key()):
            raise error.InvalidArgsException("A root template signs only the CSR of a root certificate authority itself.")
        return
    if not authority.certificate:
        raise error.InvalidStateException(f"The certificate authority {authority.Arn} has no certificate yet.")
    if chosen.authority:
        issuer = x509.load_pem_x509_certificate(authority.certificate.encode())
        most = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length
        if most is not None and (chosen.depth is None or chosen.depth >= most):
            raise error.InvalidArgsException(
                f"The path length of the template must be less than that of the certificate authority, {most}.")


def build(authority: CertificateAuthority, key: bytes, row: Issued, region: str) -> x509.Certificate:
    """Sign what was asked for."""
    from cryptography import x509

    asked = row.request
    request = read_request(asked["Csr"])
    chosen = template(asked["TemplateArn"])
    signer = load_key(key)
    name = _subject(request, chosen, asked["ApiPassthrough"])
    issuer = name if chosen.root else x509.load_pem_x509_certificate(authority.certificate.encode()).subject
    builder = (x509.CertificateBuilder().subject_name(name).issuer_name(issuer).public_key(request.public_key())
               .serial_number(int(row.serial, 16)).not_valid_before(datetime.fromtimestamp(row.not_before, UTC))
               .not_valid_after(datetime.fromtimestamp(row.not_after, UTC)))
    for value, critical in _extensions(authority, request, chosen, asked["ApiPassthrough"], signer, region):
        builder = builder.add_extension(value, critical)
    made: x509.Certificate = sign(builder, signer, asked["SigningAlgorithm"])
    return made


def _subject(request: x509.CertificateSigningRequest, chosen: Template, api: dict[str, Any]) -> x509.Name:
    return subject(api["Subject"]) if chosen.api and api.get("Subject") else request.subject


def _extensions(authority: CertificateAuthority, request: x509.CertificateSigningRequest, chosen: Template,
                api: dict[str, Any], signer: Any, region: str) -> list[extensions.Extension]:
    """The template's win over the API's, and these over the request's; by OID, each once."""
    from cryptography import x509

    asked = extensions.from_request(request)
    passed = asked if chosen.csr else {oid: one for oid, one in asked.items() if oid == _ALTERNATIVE_NAMES}
    passed = {oid: one for oid, one in passed.items() if oid not in _KEY_IDENTIFIERS}
    if chosen.api:
        passed |= extensions.from_api(api.get("Extensions", {}))
    own = own_extensions(chosen)
    own.append((x509.SubjectKeyIdentifier.from_public_key(request.public_key()), False))
    own.append((_issuer_key(authority, chosen, signer), False))
    if not chosen.root:
        own += revocation.extensions(authority, region)
    return list((passed | {value.oid.dotted_string: (value, critical) for value, critical in own}).values())


def _issuer_key(authority: CertificateAuthority, chosen: Template, signer: Any) -> x509.AuthorityKeyIdentifier:
    """The key's name as the authority's own certificate has it: another authority may have chosen it."""
    from cryptography import x509

    if not chosen.root:
        certificate = x509.load_pem_x509_certificate(authority.certificate.encode())
        try:
            named = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
            return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(named)
        except x509.ExtensionNotFound:
            pass
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
