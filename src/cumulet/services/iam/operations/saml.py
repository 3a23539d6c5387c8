"""SAML providers."""

from __future__ import annotations

from typing import Any

from cumulet.kernel import Call, Page, error, operation

from .. import saml
from ..entities import listed, tag_page, tagged, untagged
from ..resources import SAMLProvider

Tags = list[dict[str, str]]
_MOST, _MOST_KEYS = 100, 2
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_CENTURY = 100 * 365.25 * 86400


def _describe(call: Call, row: SAMLProvider, document: str) -> None:
    found = saml.read(document)
    if found is None:
        raise error.InvalidInputException("Could not parse metadata")
    if found.until and found.until <= call.now:
        raise error.InvalidInputException("The metadata document is no longer valid: its validUntil is in the past")
    row.SamlMetadataDocument, row.issuer, row.certificates = document, found.issuer, found.certificates
    row.until = found.until or call.now + _CENTURY


def _add_key(call: Call, row: SAMLProvider, pem: str) -> None:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise error.InvalidInputException("Unable to parse the private key. It must be in PEM format.") from None
    if len(row.keys) >= _MOST_KEYS:
        raise error.LimitExceededException(f"Cannot exceed quota for PrivateKeysPerSAMLProvider: {_MOST_KEYS}")
    row.keys = [*row.keys, (call.token(22, _LETTERS), call.now, call.seal(pem.encode(), b"saml" + row.Arn.encode()))]


def _check(row: SAMLProvider) -> None:
    if row.AssertionEncryptionMode == "Required" and not row.keys:
        raise error.InvalidInputException("A private key is needed to require encrypted assertions.")


@operation(name="CreateSAMLProvider")
def create_saml_provider(call: Call, SAMLMetadataDocument: str, Name: str, Tags: Tags = [],
                         AssertionEncryptionMode: str | None = None, AddPrivateKey: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateSAMLProvider.html"""
    row = SAMLProvider(Arn="", Name=Name, AssertionEncryptionMode=AssertionEncryptionMode, uuid=call.token(22, _LETTERS),
                       tags=tagged(None, Tags), created=call.now)
    row.Arn = call.arn(row)
    table = call.table(SAMLProvider)
    if table.get(row.Arn) is not None:
        raise error.EntityAlreadyExistsException(f"SAMLProvider with name {Name} already exists.")
    if table.count() >= _MOST:
        raise error.LimitExceededException(f"Cannot exceed quota for SAMLProvidersPerAccount: {_MOST}")
    _describe(call, row, SAMLMetadataDocument)
    if AddPrivateKey is not None:
        _add_key(call, row, AddPrivateKey)
    _check(row)
    call.put(row)
    return {"SAMLProviderArn": row.Arn, "Tags": Tags or None}


@operation(name="GetSAMLProvider")
def get_saml_provider(call: Call, SAMLProviderArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetSAMLProvider.html"""
    row = call.get(SAMLProvider, SAMLProviderArn)
    return {"SAMLProviderUUID": row.uuid, "SAMLMetadataDocument": row.SamlMetadataDocument, "CreateDate": row.created,
            "ValidUntil": row.until, "Tags": listed(row.tags) or None,
            "AssertionEncryptionMode": row.AssertionEncryptionMode,
            "PrivateKeyList": [{"KeyId": key, "Timestamp": since} for key, since, _ in row.keys] or None}


@operation(name="ListSAMLProviders")
def list_saml_providers(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSAMLProviders.html"""
    return {"SAMLProviderList": [{"Arn": row.Arn, "ValidUntil": row.until, "CreateDate": row.created}
                                 for row in call.table(SAMLProvider).scan()]}


@operation(name="UpdateSAMLProvider")
def update_saml_provider(call: Call, SAMLProviderArn: str, SAMLMetadataDocument: str | None = None,
                         AssertionEncryptionMode: str | None = None, AddPrivateKey: str | None = None,
                         RemovePrivateKey: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateSAMLProvider.html"""
    row = call.get(SAMLProvider, SAMLProviderArn)
    if SAMLMetadataDocument is not None:
        _describe(call, row, SAMLMetadataDocument)
    if RemovePrivateKey is not None:
        if RemovePrivateKey not in (key for key, _, _ in row.keys):
            raise error.NoSuchEntityException(f"The private key with id {RemovePrivateKey} cannot be found.")
        row.keys = [one for one in row.keys if one[0] != RemovePrivateKey]
    if AddPrivateKey is not None:
        _add_key(call, row, AddPrivateKey)
    row.AssertionEncryptionMode = AssertionEncryptionMode or row.AssertionEncryptionMode
    _check(row)
    call.put(row)
    return {"SAMLProviderArn": row.Arn}


@operation(name="DeleteSAMLProvider")
def delete_saml_provider(call: Call, SAMLProviderArn: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteSAMLProvider.html"""
    call.get(SAMLProvider, SAMLProviderArn)
    call.table(SAMLProvider).delete(SAMLProviderArn)


@operation(name="TagSAMLProvider")
def tag_saml_provider(call: Call, SAMLProviderArn: str, Tags: Tags) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagSAMLProvider.html"""
    row = call.get(SAMLProvider, SAMLProviderArn)
    call.table(SAMLProvider).change(row.Arn, tags=tagged(row, Tags))


@operation(name="UntagSAMLProvider")
def untag_saml_provider(call: Call, SAMLProviderArn: str, TagKeys: list[str]) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagSAMLProvider.html"""
    row = call.get(SAMLProvider, SAMLProviderArn)
    call.table(SAMLProvider).change(row.Arn, tags=untagged(row, TagKeys))


@operation(name="ListSAMLProviderTags")
def list_saml_provider_tags(call: Call, SAMLProviderArn: str, page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListSAMLProviderTags.html"""
    return tag_page(call.get(SAMLProvider, SAMLProviderArn), page)
