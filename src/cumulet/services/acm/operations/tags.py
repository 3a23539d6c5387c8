"""Tags of certificates, in ACM's older words and in its newer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, operation

from ..labels import added, listed, removed
from ..resources import Certificate


@operation
def add_tags_to_certificate(call: Call, CertificateArn: str, Tags: Sequence[Mapping[str, str]]) -> None:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_AddTagsToCertificate.html"""
    row = call.get(Certificate, CertificateArn)
    call.table(Certificate).change(CertificateArn, tags=added(row.tags, Tags))


@operation
def remove_tags_from_certificate(call: Call, CertificateArn: str, Tags: Sequence[Mapping[str, str]]) -> None:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_RemoveTagsFromCertificate.html"""
    row = call.get(Certificate, CertificateArn)
    call.table(Certificate).change(CertificateArn, tags=removed(row.tags, Tags))


@operation
def list_tags_for_certificate(call: Call, CertificateArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_ListTagsForCertificate.html"""
    return {"Tags": listed(call.get(Certificate, CertificateArn).tags)}


@operation
def tag_resource(call: Call, ResourceArn: str, Tags: Sequence[Mapping[str, str]]) -> None:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_TagResource.html"""
    row = call.get(Certificate, ResourceArn)
    call.table(Certificate).change(ResourceArn, tags=added(row.tags, Tags))


@operation
def untag_resource(call: Call, ResourceArn: str, TagKeys: Sequence[str]) -> None:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_UntagResource.html"""
    row = call.get(Certificate, ResourceArn)
    call.table(Certificate).change(ResourceArn, tags=removed(row.tags, [{"Key": key} for key in TagKeys]))


@operation
def list_tags_for_resource(call: Call, ResourceArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_ListTagsForResource.html"""
    return {"Tags": listed(call.get(Certificate, ResourceArn).tags)}
