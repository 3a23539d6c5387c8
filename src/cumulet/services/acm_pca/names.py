"""Subjects and general names, from the API's words to X.509."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cumulet.kernel import error, not_implemented

if TYPE_CHECKING:
    from cryptography import x509

_OIDS = {
    "Country": "2.5.4.6", "Organization": "2.5.4.10", "OrganizationalUnit": "2.5.4.11",
    "DistinguishedNameQualifier": "2.5.4.46", "State": "2.5.4.8", "CommonName": "2.5.4.3", "SerialNumber": "2.5.4.5",
    "Locality": "2.5.4.7", "Title": "2.5.4.12", "Surname": "2.5.4.4", "GivenName": "2.5.4.42", "Initials": "2.5.4.43",
    "Pseudonym": "2.5.4.65", "GenerationQualifier": "2.5.4.44"}
_UTF8 = 0x0C                   # the tag of a UTF8String in DER


def subject(said: Mapping[str, Any]) -> x509.Name:
    """An ASN1Subject; custom attributes stand in place of all others."""
    from cryptography import x509

    custom = said.get("CustomAttributes")
    if custom and len(said) > 1:
        raise error.InvalidArgsException("CustomAttributes cannot be used together with other attributes of the subject.")
    pairs = [(one["ObjectIdentifier"], one["Value"]) for one in custom or ()] or \
        [(oid, said[name]) for name, oid in _OIDS.items() if said.get(name)]
    try:
        return x509.Name([x509.NameAttribute(x509.ObjectIdentifier(oid), value) for oid, value in pairs])
    except ValueError as problem:
        raise error.InvalidArgsException(f"The subject is not valid: {problem}") from problem


def general_names(said: Sequence[Mapping[str, Any]]) -> list[x509.GeneralName]:
    return [general_name(one) for one in said]


def general_name(said: Mapping[str, Any]) -> x509.GeneralName:
    """One GeneralName: exactly one of its members is given."""
    from cryptography import x509

    if len(said) != 1:
        raise error.InvalidArgsException("A general name must have exactly one kind.")
    (kind, value), = said.items()
    if kind == "EdiPartyName":
        raise not_implemented("EdiPartyName in a general name")
    try:
        if kind == "DirectoryName":
            return x509.DirectoryName(subject(value))
        if kind == "OtherName":
            return x509.OtherName(x509.ObjectIdentifier(value["TypeId"]), utf8(value["Value"]))
        if kind == "IpAddress":
            return x509.IPAddress(ipaddress.ip_address(value))
        if kind == "RegisteredId":
            return x509.RegisteredID(x509.ObjectIdentifier(value))
        plain: dict[str, Any] = {"DnsName": x509.DNSName, "Rfc822Name": x509.RFC822Name,
                 "UniformResourceIdentifier": x509.UniformResourceIdentifier}
        made: x509.GeneralName = plain[kind](value)
        return made
    except ValueError as problem:
        raise error.InvalidArgsException(f"The general name {value} is not valid: {problem}") from problem


def utf8(text: str) -> bytes:
    """A UTF8String in DER."""
    data = text.encode()
    size = len(data)
    if size < 0x80:
        return bytes([_UTF8, size]) + data
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([_UTF8, 0x80 | len(length)]) + length + data
