"""Domain names of a certificate: which are allowed, and how each is validated."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import error

QUOTA = 10                     # names of one certificate, before a quota increase
_COMMON_NAME = 64
_MAILBOXES = ("admin", "administrator", "hostmaster", "postmaster", "webmaster")


def all_names(domain: str, alternatives: Sequence[str]) -> list[str]:
    """The names of a request, the main one first, each once; lower case, as certificates have them."""
    names = list(dict.fromkeys(name.lower() for name in (domain, *alternatives)))
    if len(names[0]) > _COMMON_NAME:
        raise error.InvalidParameterException(f"The first domain name can be at most {_COMMON_NAME} characters long.")
    if len(names) > QUOTA:
        raise error.LimitExceededException(f"Error: you have reached your limit of {QUOTA} domain names per certificate.")
    for name in names:
        for label in name.removeprefix("*.").split("."):
            if label[2:4] == "--" and not label.startswith("xn--"):
                raise error.InvalidParameterException(f"Invalid Domain Name: {name}. Only xn-- may stand before Punycode.")
    return names


def record(account: str, name: str) -> dict[str, str]:
    """The CNAME that proves the ownership of a name: always the same for an account; a wildcard has its parent's."""
    parent = name.removeprefix("*.")
    said = hashlib.sha256(f"{account}/{parent}".encode()).hexdigest()
    zone = base64.b32encode(bytes.fromhex(said[:16])).decode().lower()[:10]
    return {"Name": f"_{said[:32]}.{parent}.", "Type": "CNAME", "Value": f"_{said[32:]}.{zone}.acm-validations.aws."}


def validations(account: str, names: Sequence[str], method: str, options: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    """How each name is to be validated."""
    chosen = {option["DomainName"].lower(): option["ValidationDomain"].lower() for option in options}
    _check_options(names, chosen, len(options))
    found = []
    for name in names:
        domain = chosen.get(name, name)
        one: dict[str, Any] = {"DomainName": name, "ValidationDomain": domain, "ValidationStatus": "PENDING_VALIDATION",
                               "ValidationMethod": method}
        if method == "DNS":
            one["ResourceRecord"] = record(account, name)
        else:
            one["ValidationEmails"] = [f"{box}@{domain.removeprefix('*.')}" for box in _MAILBOXES]
        found.append(one)
    return found


def _check_options(names: Sequence[str], chosen: Mapping[str, str], given: int) -> None:
    if len(chosen) != given:
        raise error.InvalidDomainValidationOptionsException("Duplicate domain names in the domain validation options.")
    for name, domain in chosen.items():
        if name not in names:
            raise error.InvalidDomainValidationOptionsException(
                f"{name} is not one of the domain names of the certificate.")
        if name != domain and not name.endswith("." + domain):
            raise error.InvalidDomainValidationOptionsException(
                f"The validation domain {domain} is not {name} or a superdomain of it.")
