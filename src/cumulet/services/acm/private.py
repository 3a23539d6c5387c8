"""Certificates of AWS Private CA: asked for, fetched, revoked, as the service that ACM is."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import AwsError, Call

from .issuing import PRIVATE_DAYS, request
from .resources import Certificate

_REASONS = {
    "ResourceNotFoundException": "PCA_RESOURCE_NOT_FOUND", "InvalidArnException": "PCA_INVALID_ARN",
    "InvalidStateException": "PCA_INVALID_STATE", "LimitExceededException": "PCA_LIMIT_EXCEEDED",
    "InvalidArgsException": "PCA_INVALID_ARGS", "ValidationException": "PCA_INVALID_DURATION",
    "AccessDeniedException": "PCA_ACCESS_DENIED", "RequestFailedException": "PCA_REQUEST_FAILED"}
_NEEDED = {"IssueCertificate", "GetCertificate"}
_REVOKED = {"CA_COMPROMISE": "CERTIFICATE_AUTHORITY_COMPROMISE", "SUPERCEDED": "SUPERSEDED",
            "CERTIFICATE_HOLD": "UNSPECIFIED", "REMOVE_FROM_CRL": "UNSPECIFIED"}


def reason(code: str) -> str:
    """ACM's name of a refusal by AWS Private CA."""
    return _REASONS.get(code, "OTHER")


def ask(call: Call, row: Certificate, key: Any) -> str:
    """The ARN by which the certificate can be fetched."""
    authority = call.as_service(row.CertificateArn).acm_pca.describe_certificate_authority(
        CertificateAuthorityArn=row.CertificateAuthorityArn)["CertificateAuthority"]
    arn: str = call.as_service(row.CertificateArn).acm_pca.issue_certificate(
        CertificateAuthorityArn=row.CertificateAuthorityArn, Csr=request(key, row.SubjectAlternativeNames),
        SigningAlgorithm=authority["CertificateAuthorityConfiguration"]["SigningAlgorithm"],
        TemplateArn="arn:aws:acm-pca:::template/EndEntityCertificate/V1",
        Validity={"Type": "DAYS", "Value": PRIVATE_DAYS})["CertificateArn"]
    return arn


def fetch(call: Call, row: Certificate) -> tuple[str, str]:
    """Certificate and chain. Raises RequestInProgressException until they are there."""
    answer = call.as_service(row.CertificateArn).acm_pca.get_certificate(
        CertificateAuthorityArn=row.CertificateAuthorityArn, CertificateArn=row.private_arn)
    return answer["Certificate"], answer["CertificateChain"]


def permitted(call: Call, row: Certificate) -> bool:
    """Whether the authority's owner lets ACM renew."""
    try:
        found = call.as_service(row.CertificateArn).acm_pca.list_permissions(
            CertificateAuthorityArn=row.CertificateAuthorityArn)["Permissions"]
    except AwsError:
        return False
    return any(set(one["Actions"]) >= _NEEDED for one in found)


def revoke(call: Call, row: Certificate, why: str) -> None:
    """With the caller's own rights."""
    call.aws.acm_pca.revoke_certificate(
        CertificateAuthorityArn=row.CertificateAuthorityArn, CertificateSerial=row.serial,
        RevocationReason=_REVOKED.get(why, why))
