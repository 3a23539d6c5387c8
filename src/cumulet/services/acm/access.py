"""Who asks for a private certificate must be allowed to have the authority issue it: ACM asks on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cumulet.kernel import Call


def targets(call: Call, members: Mapping[str, Any]) -> list[tuple[str, str]] | None:
    """https://docs.aws.amazon.com/acm/latest/userguide/gs-acm-request-private.html"""
    authority = members.get("CertificateAuthorityArn")
    if call.operation != "RequestCertificate" or not authority:
        return None
    return [("", "*"), ("acm-pca:IssueCertificate", str(authority)), ("acm-pca:GetCertificate", str(authority))]
