"""Certificate templates: which there are, and what each puts into a certificate.

https://docs.aws.amazon.com/privateca/latest/userguide/template-definitions.html
"""

from __future__ import annotations

import re
from typing import NamedTuple

from cumulet.kernel import error

from .extensions import PURPOSES, Extension, key_usage, purposes

DEFAULT = "EndEntityCertificate/V1"
_NAME = re.compile(r"(?P<base>[A-Za-z]+Certificate)(_CriticalBasicConstraints)?(_PathLen(?P<depth>[0-3]))?"
                   r"(_(?P<passing>APIPassthrough|CSRPassthrough|APICSRPassthrough))?/V1")
_ARN = re.compile(r"arn:[a-z-]+:acm-pca:::template/(.+)")
_CA = {"DigitalSignature": True, "KeyCertSign": True, "CRLSign": True}
_SIGNS = {"DigitalSignature": True}
_ENTITY = {"DigitalSignature": True, "KeyEncipherment": True}

# base → key usage, purposes (None: whatever is passed through)
_BASES: dict[str, tuple[dict[str, bool], tuple[str, ...]] | None] = {
    "EndEntityCertificate": (_ENTITY, ("SERVER_AUTH", "CLIENT_AUTH")),
    "EndEntityClientAuthCertificate": (_ENTITY, ("CLIENT_AUTH",)),
    "EndEntityServerAuthCertificate": (_ENTITY, ("SERVER_AUTH",)),
    "CodeSigningCertificate": (_SIGNS, ("CODE_SIGNING",)),
    "OCSPSigningCertificate": (_SIGNS, ("OCSP_SIGNING",)),
    "RootCACertificate": (_CA, ()), "SubordinateCACertificate": (_CA, ()),
    "BlankEndEntityCertificate": None, "BlankSubordinateCACertificate": None, "BlankRootCACertificate": None}
_CRITICAL_PURPOSES = ("CodeSigningCertificate", "OCSPSigningCertificate")


class Template(NamedTuple):
    """depth: the path length of an authority's certificate (None: none is said).  api, csr: what is passed through."""

    name: str
    base: str
    depth: int | None
    api: bool
    csr: bool
    critical: bool

    @property
    def root(self) -> bool:
        return self.base.endswith("RootCACertificate")

    @property
    def authority(self) -> bool:
        return self.base.endswith("CACertificate")


def template(arn: str | None) -> Template:
    """The template of an ARN. Raises InvalidArgsException when AWS has none of this name."""
    found = _ARN.fullmatch(arn) if arn is not None else None
    name = DEFAULT if arn is None else found[1] if found else ""
    parts = _NAME.fullmatch(name)
    if parts is None or not _exists(parts):
        raise error.InvalidArgsException(f"The template ARN {arn} is not valid.")
    passing = parts["passing"] or ""
    return Template(name, parts["base"], int(parts["depth"]) if parts["depth"] else None, passing.startswith("API"),
                    "CSR" in passing, parts["base"].endswith("CACertificate") or bool(parts[2]))


def _exists(parts: re.Match[str]) -> bool:
    """Not each combination of parts is a template."""
    base, passing, depth = parts["base"], parts["passing"] or "", parts["depth"]
    if base not in _BASES or (parts[2] and base != "BlankEndEntityCertificate"):
        return False
    if base.startswith("Blank") and not passing:
        return False
    if base.endswith("SubordinateCACertificate"):
        return depth is not None
    if base.endswith("RootCACertificate"):
        return "CSR" not in passing and (depth is None or base.startswith("Blank"))
    return depth is None


def own_extensions(chosen: Template) -> list[Extension]:
    """What the template itself puts into a certificate; nothing that is passed through may differ from it."""
    from cryptography import x509

    found: list[Extension] = [(x509.BasicConstraints(ca=chosen.authority, path_length=chosen.depth), chosen.critical)]
    said = _BASES[chosen.base]
    if said is not None:
        usage, wanted = said
        found.append((key_usage(usage), True))
        if wanted:
            found.append((purposes(*(PURPOSES[name] for name in wanted)), chosen.base in _CRITICAL_PURPOSES))
    return found
