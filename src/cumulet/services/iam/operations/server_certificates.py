"""Server certificates."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import certificates
from ..entities import in_path, listed, listing, tag_page, tagged, unique_id, untagged
from ..resources import ServerCertificate

Tags = list[dict[str, str]]
_MOST = 20


def _metadata(call: Call, row: ServerCertificate) -> dict[str, Any]:
    return {"Path": row.Path, "ServerCertificateName": row.ServerCertificateName, "ServerCertificateId": row.known_as,
            "Arn": call.arn(row), "UploadDate": row.created, "Expiration": row.expires}


def _make_room(call: Call, name: str) -> None:
    table = call.table(ServerCertificate)
    if table.get(name) is not None:
        raise error.EntityAlreadyExistsException(f"The Server Certificate with name {name} already exists.")
    if table.count() >= _MOST:
        raise error.LimitExceededException(f"Cannot exceed quota for ServerCertificatesPerAccount: {_MOST}")


@operation
def upload_server_certificate(call: Call, ServerCertificateName: str, CertificateBody: str, PrivateKey: str, Path: str = "/",
                              CertificateChain: str | None = None, Tags: Tags = []) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadServerCertificate.html"""
    _make_room(call, ServerCertificateName)
    found = certificates.certificate(CertificateBody)
    certificates.check_pair(found, PrivateKey)
    if CertificateChain is not None:
        certificates.check_chain(found, CertificateChain)
    known_as = unique_id(call, "ASCA")
    row = call.put(ServerCertificate(
        ServerCertificateName=ServerCertificateName, Path=Path, CertificateBody=CertificateBody,
        CertificateChain=CertificateChain, known_as=known_as, key=call.seal(PrivateKey.encode(), known_as.encode()),
        expires=found.not_valid_after_utc.timestamp(), tags=tagged(None, Tags), created=call.now))
    return {"ServerCertificateMetadata": _metadata(call, row), "Tags": Tags or None}


@operation
def get_server_certificate(call: Call, ServerCertificateName: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetServerCertificate.html"""
    row = call.get(ServerCertificate, ServerCertificateName)
    return {"ServerCertificate": {
        "ServerCertificateMetadata": _metadata(call, row), "CertificateBody": row.CertificateBody,
        "CertificateChain": row.CertificateChain, "Tags": listed(row.tags) or None}}


@operation
def list_server_certificates(call: Call, PathPrefix: str = "/", page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServerCertificates.html"""
    rows = listing(call, ServerCertificate, page, lambda row: row.ServerCertificateName, in_path(PathPrefix))
    return {"ServerCertificateMetadataList": [_metadata(call, row) for row in rows]}


@operation
def update_server_certificate(call: Call, ServerCertificateName: str, NewPath: str | None = None,
                              NewServerCertificateName: str | None = None) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateServerCertificate.html"""
    row = call.get(ServerCertificate, ServerCertificateName)
    call.table(ServerCertificate).delete(ServerCertificateName)
    if NewServerCertificateName is not None:
        _make_room(call, NewServerCertificateName)
    row.ServerCertificateName, row.Path = NewServerCertificateName or ServerCertificateName, NewPath or row.Path
    call.put(row)


@operation
def delete_server_certificate(call: Call, ServerCertificateName: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteServerCertificate.html"""
    call.get(ServerCertificate, ServerCertificateName)
    call.table(ServerCertificate).delete(ServerCertificateName)


@operation
def tag_server_certificate(call: Call, ServerCertificateName: str, Tags: Tags) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagServerCertificate.html"""
    row = call.get(ServerCertificate, ServerCertificateName)
    call.table(ServerCertificate).change(ServerCertificateName, tags=tagged(row, Tags))


@operation
def untag_server_certificate(call: Call, ServerCertificateName: str, TagKeys: list[str]) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagServerCertificate.html"""
    row = call.get(ServerCertificate, ServerCertificateName)
    call.table(ServerCertificate).change(ServerCertificateName, tags=untagged(row, TagKeys))


@operation
def list_server_certificate_tags(call: Call, ServerCertificateName: str, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListServerCertificateTags.html"""
    return tag_page(call.get(ServerCertificate, ServerCertificateName), page)
