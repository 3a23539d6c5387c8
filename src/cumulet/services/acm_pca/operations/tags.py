"""Tags of authorities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, Page, operation

from ..authorities import usable
from ..labels import added, removed
from ..resources import CertificateAuthority


@operation
def tag_certificate_authority(call: Call, CertificateAuthorityArn: str, Tags: Sequence[Mapping[str, str]]) -> None:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_TagCertificateAuthority.html"""
    call, row = usable(call, CertificateAuthorityArn)
    call.table(CertificateAuthority).change(row.Arn, tags=added(row.tags, Tags))


@operation
def untag_certificate_authority(call: Call, CertificateAuthorityArn: str, Tags: Sequence[Mapping[str, str]]) -> None:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_UntagCertificateAuthority.html"""
    call, row = usable(call, CertificateAuthorityArn)
    call.table(CertificateAuthority).change(row.Arn, tags=removed(row.tags, Tags))


@operation
def list_tags(call: Call, CertificateAuthorityArn: str, page: Page[Any] = Page(50, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/privateca/latest/APIReference/API_ListTags.html"""
    call, row = usable(call, CertificateAuthorityArn)
    after = page.after
    tags = [pair for pair in sorted(row.tags.items()) if after is None or pair[0] > after]
    return {"Tags": [{"Key": key, "Value": value} for key, value in page.cut(tags, lambda pair: pair[0])]}
