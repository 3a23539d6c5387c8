"""Platform applications: made, told, changed, deleted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from cumulet.kernel import Call, Page, operation

from .. import platforms
from ..messages import invalid
from ..pushes import application_arn, application_at, parts_of
from ..resources import Application, Endpoint

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,256}")


@operation
def create_platform_application(call: Call, Name: str, Platform: str, Attributes: Mapping[str, str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_CreatePlatformApplication.html"""
    if not _NAME.fullmatch(Name):
        raise invalid("Name Reason: must be made up of letters, numbers, underscores, hyphens and periods, 1 to 256 of them")
    platforms.check_platform(Platform)
    made = _changed(call, Application(id=f"{Platform}/{Name}"), Attributes)
    before = call.table(Application).get(made.id)
    if before is not None and (before.attributes != made.attributes or before.principal != made.principal
                               or _credential(call, before) != _credential(call, made)):
        raise invalid("Attributes Reason: Platform application already exists with different attributes")
    if before is None:
        call.put(made)
    return {"PlatformApplicationArn": application_arn(call, made.id)}


def _changed(call: Call, row: Application, attributes: Mapping[str, str]) -> Application:
    """The application with these attributes set."""
    for name, value in attributes.items():
        if name not in platforms.KNOWN:
            raise invalid(f"Attributes Reason: Invalid attribute name: {name}")
        if name == "SuccessFeedbackSampleRate" and not re.fullmatch(r"100|[0-9]{1,2}", value):
            raise invalid("Attributes Reason: SuccessFeedbackSampleRate must be between 0 and 100")
    secret = {"PlatformCredential", "PlatformPrincipal"}
    told = {**row.attributes, **{name: value for name, value in attributes.items() if name not in secret}}
    row.attributes = {name: value for name, value in told.items() if value}
    credential = attributes.get("PlatformCredential") or _credential(call, row)
    row.principal = attributes.get("PlatformPrincipal") or row.principal
    platforms.check_application(row.id.partition("/")[0], {
        **row.attributes, "PlatformCredential": credential, "PlatformPrincipal": row.principal})
    row.credential = call.seal(credential.encode(), _context(call, row))
    row.expires = _expiry(row.principal)
    return row


def _context(call: Call, row: Application) -> bytes:
    return f"sns platform credential {application_arn(call, row.id)}".encode()


def _credential(call: Call, row: Application) -> str:
    return call.unseal(row.credential, _context(call, row)).decode() if row.credential else ""


def _expiry(principal: str) -> float | None:
    """When the certificate that Apple gave ends; None when it is none."""
    from cryptography import x509

    if "-----BEGIN CERTIFICATE" not in principal:
        return None
    try:
        return x509.load_pem_x509_certificate(principal.encode()).not_valid_after_utc.timestamp()
    except ValueError:
        raise invalid("Attributes Reason: Platform credentials are invalid") from None


def _told(call: Call, row: Application) -> dict[str, str]:
    platform = row.id.partition("/")[0]
    told = {"Enabled": str(row.expires is None or row.expires > call.now).lower(), **row.attributes}
    method = platforms.method(platform, row.attributes, _credential(call, row))
    if method is not None:
        told["AuthenticationMethod"] = method
    if row.expires is not None:
        told["AppleCertificateExpiryDate"] = datetime.fromtimestamp(row.expires, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return told


@operation
def get_platform_application_attributes(call: Call, PlatformApplicationArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_GetPlatformApplicationAttributes.html"""
    return {"Attributes": _told(call, application_at(call, PlatformApplicationArn))}


@operation
def set_platform_application_attributes(call: Call, PlatformApplicationArn: str, Attributes: Mapping[str, str]) -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_SetPlatformApplicationAttributes.html"""
    call.put(_changed(call, application_at(call, PlatformApplicationArn), Attributes))


@operation
def list_platform_applications(call: Call, page: Page[Application] = Page(100)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_ListPlatformApplications.html"""
    rows = page.cut(call.table(Application).scan(after=page.after, limit=page.limit + 1), lambda row: row.id)
    return {"PlatformApplications": [{"PlatformApplicationArn": application_arn(call, row.id), "Attributes": _told(call, row)}
                                     for row in rows]}


@operation
def delete_platform_application(call: Call, PlatformApplicationArn: str) -> None:
    """https://docs.aws.amazon.com/sns/latest/api/API_DeletePlatformApplication.html"""
    account, name, _ = parts_of(PlatformApplicationArn, "app", "PlatformApplicationArn")
    if account == call.account and call.table(Application).delete(name):
        call.table(Endpoint).delete_all(name)
