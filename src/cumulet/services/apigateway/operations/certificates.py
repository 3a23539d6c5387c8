"""Client certificates: by which an API shows itself to what stands behind it."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, operation

from .. import certificates, items, parts, patches, tagging
from ..names import invalid, new_id
from ..resources import Item, RestApi


@operation
def generate_client_certificate(call: Call, description: str | None = None,
                                tags: dict[str, str] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GenerateClientCertificate.html"""
    pem = certificates.made(call)
    said = {"clientCertificateId": new_id(call), "description": description, "pemEncodedCertificate": pem,
            "createdDate": float(int(call.now)), "expirationDate": float(int(call.now) + certificates.SECONDS),
            "tags": tagging.checked(tags) or None}
    return items.keep(call, items.CERTIFICATE, str(said["clientCertificateId"]), said)


@operation
def get_client_certificate(call: Call, clientCertificateId: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetClientCertificate.html"""
    return items.one(call, items.CERTIFICATE, clientCertificateId)


@operation
def get_client_certificates(call: Call, page: Page[Item] = Page(25, 500)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetClientCertificates.html"""
    return {"items": items.listed(call, items.CERTIFICATE, page)}


@operation
def update_client_certificate(call: Call, clientCertificateId: str,
                              patchOperations: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateClientCertificate.html"""
    said = patches.patched("certificate", items.one(call, items.CERTIFICATE, clientCertificateId), patchOperations)
    return items.keep(call, items.CERTIFICATE, clientCertificateId, said)


@operation
def delete_client_certificate(call: Call, clientCertificateId: str) -> None:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteClientCertificate.html"""
    for api in call.table(RestApi).scan():
        for stage in parts.every(call, api.RestApiId, parts.STAGE):
            if stage.get("clientCertificateId") == clientCertificateId:
                raise invalid("Client certificate is in use by a stage")
    items.drop(call, items.CERTIFICATE, clientCertificateId)
