"""What exists in ACM: certificates, and an account's settings."""

from typing import Annotated, Any

import msgspec

from cumulet.kernel import Resource, Tagging, Verbs, fixed, member, resource, stored


@resource("AWS::CertificateManager::Certificate", id="CertificateArn",
          arn="arn:{partition}:acm:{region}:{account}:certificate/{id}",
          missing="ResourceNotFoundException", missing_message="Could not find certificate {id}.",
          verbs=Verbs(create="RequestCertificate", read="DescribeCertificate", update="UpdateCertificateOptions",
                      delete="DeleteCertificate"),
          tags=Tagging("AddTagsToCertificate", "RemoveTagsFromCertificate", "ListTagsForCertificate"),
          columns=("DomainName", "status", "type", "not_after", "created"), returns={"Id": "CertificateArn"},
          indexes={"token": ("token",)})
class Certificate(Resource, kw_only=True):
    """A certificate and, sealed, its private key. type: AMAZON_ISSUED, PRIVATE or IMPORTED."""

    CertificateArn: Annotated[str, fixed]
    DomainName: Annotated[str, fixed] = ""
    SubjectAlternativeNames: Annotated[list[str], fixed] = []
    ValidationMethod: Annotated[str | None, fixed] = None
    KeyAlgorithm: Annotated[str, fixed] = "RSA_2048"
    CertificateAuthorityArn: Annotated[str | None, fixed] = None
    CertificateExport: Annotated[str, fixed, member("Options.Export")] = "DISABLED"
    CertificateTransparencyLoggingPreference: Annotated[
        str, member("Options.CertificateTransparencyLoggingPreference")] = "ENABLED"
    id: str
    type: str
    status: str
    token: str | None = None               # of the request, for its repetition within an hour
    validations: list[dict[str, Any]] = []  # DomainValidationOptions, as they are told
    approvals: dict[str, str] = {}         # name → hash of the secret in the link of its last mail
    managed_by: str | None = None
    private: bytes = b""                   # PKCS8, sealed
    certificate: str = ""                  # PEM
    chain: str = ""
    serial: str = ""
    not_before: float | None = None
    not_after: float | None = None
    key_usages: list[str] = []
    extended_key_usages: list[tuple[str, str]] = []     # name, OID
    issued_at: float | None = None
    imported_at: float | None = None
    exported: bool = False                 # since it was issued or last renewed
    failure: str | None = None
    revoked_at: float | None = None
    revocation_reason: str | None = None
    renewal: dict[str, Any] | None = None
    update: dict[str, Any] | None = None
    next_private: bytes = b""              # the sealed key of a certificate that AWS Private CA was asked for
    private_arn: str | None = None         # what AWS Private CA calls the certificate
    in_use_by: list[str] = []


@stored(key=("name",))
class Account(msgspec.Struct, kw_only=True):
    """PutAccountConfiguration's settings; one row, named "account"."""

    name: str
    days_before_expiry: int
    token: str = ""
    at: float = 0.0
