"""What exists in AWS Private CA: authorities, certificates that they issued, permissions, reports."""

from typing import Annotated, Any

import msgspec

from cumulet.kernel import Resource, Tagging, Verbs, fixed, member, resource, stored

CONFIGURATION = "CertificateAuthorityConfiguration."


@resource("AWS::ACMPCA::CertificateAuthority", id="Arn",
          arn="arn:{partition}:acm-pca:{region}:{account}:certificate-authority/{id}",
          missing="ResourceNotFoundException", missing_message="Could not find the CA {id}.",
          verbs=Verbs(read="DescribeCertificateAuthority", list="ListCertificateAuthorities"),
          tags=Tagging("TagCertificateAuthority", "UntagCertificateAuthority", "ListTags"),
          columns=("Arn", "Type", "status", "not_after", "created"),
          returns={"CertificateSigningRequest": "csr"}, indexes={"token": ("token",)})
class CertificateAuthority(Resource, kw_only=True):
    """An authority; its private key is sealed."""

    Arn: Annotated[str, fixed, member("CertificateAuthorityArn")]
    Type: Annotated[str, fixed, member("CertificateAuthorityType")]
    KeyAlgorithm: Annotated[str, fixed, member(CONFIGURATION + "KeyAlgorithm")]
    SigningAlgorithm: Annotated[str, fixed, member(CONFIGURATION + "SigningAlgorithm")]
    Subject: Annotated[dict[str, Any], fixed, member(CONFIGURATION + "Subject")]
    CsrExtensions: Annotated[dict[str, Any] | None, fixed, member(CONFIGURATION + "CsrExtensions")] = None
    KeyStorageSecurityStandard: Annotated[str, fixed] = "FIPS_140_2_LEVEL_3_OR_HIGHER"
    UsageMode: Annotated[str, fixed] = "GENERAL_PURPOSE"
    RevocationConfiguration: dict[str, Any] = {}
    id: str
    status: str = "CREATING"
    token: str | None = None
    changed: float = 0.0                   # when the state changed
    private: bytes = b""                   # PKCS8, sealed
    csr: str = ""
    certificate: str = ""
    chain: str = ""
    serial: str = ""
    not_before: float | None = None
    not_after: float | None = None
    policy: str | None = None
    crl_number: int = 0


@stored(key=("Arn",))
class Deleted(msgspec.Struct, kw_only=True):
    """An authority in its restoration period. row: the authority, msgpack."""

    Arn: str
    row: bytes
    until: float


@stored(key=("authority", "serial"), indexes={"token": ("token",), "revoked": ("revoked_in", "serial")})
class Issued(msgspec.Struct, kw_only=True):
    """A certificate; "" until it is signed. authority: the id.  serial: hexadecimal, as in its ARN."""

    authority: str
    serial: str
    at: float
    template: str
    request: dict[str, Any]                # what IssueCertificate was asked, until it is signed
    certificate: str = ""
    failure: str = ""
    token: str | None = None               # authority/token
    subject: str = ""
    not_before: float = 0.0
    not_after: float = 0.0
    revoked_at: float | None = None
    revoked_in: str | None = None          # the authority's id, once it is revoked
    reason: str = ""
    service: str = ""                      # the service that asked


@stored(key=("authority", "principal"))
class Permission(msgspec.Struct, kw_only=True):
    """What a service may do with an authority."""

    authority: str
    principal: str
    source_account: str
    actions: list[str]
    at: float


@stored(key=("authority", "id"))
class AuditReport(msgspec.Struct, kw_only=True):
    """A report that was asked for, and where it lies."""

    authority: str
    id: str
    bucket: str
    key: str
    format: str
    at: float
    status: str = "CREATING"
