"""OpenID Connect providers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from cumulet.kernel import Call, Page, error, operation

from ..entities import listed, tag_page, tagged, untagged
from ..resources import OIDCProvider

Tags = list[dict[str, str]]
_MOST, _MOST_CLIENTS, _MOST_THUMBPRINTS = 100, 100, 5
_HEX = re.compile(r"[0-9a-fA-F]{40}").fullmatch


def _address(url: str) -> str:
    """The URL as it is kept: without scheme, and without the slash at its end."""
    try:
        parts = urlsplit(url)
        parts.port                                     # noqa: B018  (a port that is none raises)
    except ValueError:
        raise error.ValidationError("Invalid Open ID Connect Provider URL", 400) from None
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise error.ValidationError("Invalid Open ID Connect Provider URL", 400)
    return f"{parts.netloc}{parts.path}".rstrip("/")


def _thumbprints(given: Sequence[str]) -> list[str]:
    if len(given) > _MOST_THUMBPRINTS:
        raise error.InvalidInputException("Thumbprint list must contain fewer than 5 entries.")
    if not all(map(_HEX, given)):
        raise error.InvalidInputException("Thumbprint must be the hexadecimal SHA-1 digest of a certificate.")
    return list(given)


def _clients(given: Sequence[str]) -> list[str]:
    if len(given) > _MOST_CLIENTS:
        raise error.LimitExceededException(f"Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {_MOST_CLIENTS}")
    return list(given)


@operation(name="CreateOpenIDConnectProvider")
def create_open_id_connect_provider(call: Call, Url: str, ClientIDList: list[str] = [], ThumbprintList: list[str] = [],
                                    Tags: Tags = []) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateOpenIDConnectProvider.html"""
    row = OIDCProvider(Arn="", Url=_address(Url), ClientIdList=_clients(ClientIDList),
                       ThumbprintList=_thumbprints(ThumbprintList), tags=tagged(None, Tags), created=call.now)
    row.Arn = call.arn(row)
    table = call.table(OIDCProvider)
    if table.get(row.Arn) is not None:
        raise error.EntityAlreadyExistsException(f"Provider with url https://{row.Url} already exists.")
    if table.count() >= _MOST:
        raise error.LimitExceededException(f"Cannot exceed quota for OpenIdConnectProvidersPerAccount: {_MOST}")
    call.put(row)
    return {"OpenIDConnectProviderArn": row.Arn, "Tags": Tags or None}


@operation(name="GetOpenIDConnectProvider")
def get_open_id_connect_provider(call: Call, OpenIDConnectProviderArn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetOpenIDConnectProvider.html"""
    row = call.get(OIDCProvider, OpenIDConnectProviderArn)
    return {"Url": row.Url, "ClientIDList": row.ClientIdList, "ThumbprintList": row.ThumbprintList,
            "CreateDate": row.created, "Tags": listed(row.tags) or None}


@operation(name="ListOpenIDConnectProviders")
def list_open_id_connect_providers(call: Call) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOpenIDConnectProviders.html"""
    return {"OpenIDConnectProviderList": [{"Arn": row.Arn} for row in call.table(OIDCProvider).scan()]}


@operation(name="AddClientIDToOpenIDConnectProvider")
def add_client_id_to_open_id_connect_provider(call: Call, OpenIDConnectProviderArn: str, ClientID: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddClientIDToOpenIDConnectProvider.html"""
    row = call.get(OIDCProvider, OpenIDConnectProviderArn)
    if ClientID not in row.ClientIdList:
        row.ClientIdList = _clients([*row.ClientIdList, ClientID])
        call.put(row)


@operation(name="RemoveClientIDFromOpenIDConnectProvider")
def remove_client_id_from_open_id_connect_provider(call: Call, OpenIDConnectProviderArn: str, ClientID: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_RemoveClientIDFromOpenIDConnectProvider.html"""
    row = call.get(OIDCProvider, OpenIDConnectProviderArn)
    row.ClientIdList = [one for one in row.ClientIdList if one != ClientID]
    call.put(row)


@operation(name="UpdateOpenIDConnectProviderThumbprint")
def update_open_id_connect_provider_thumbprint(call: Call, OpenIDConnectProviderArn: str, ThumbprintList: list[str]) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateOpenIDConnectProviderThumbprint.html"""
    row = call.get(OIDCProvider, OpenIDConnectProviderArn)
    row.ThumbprintList = _thumbprints(ThumbprintList)
    call.put(row)


@operation(name="DeleteOpenIDConnectProvider")
def delete_open_id_connect_provider(call: Call, OpenIDConnectProviderArn: str) -> None:
    """No error when there is none.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteOpenIDConnectProvider.html
    """
    call.table(OIDCProvider).delete(OpenIDConnectProviderArn)


@operation(name="TagOpenIDConnectProvider")
def tag_open_id_connect_provider(call: Call, OpenIDConnectProviderArn: str, Tags: Tags) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_TagOpenIDConnectProvider.html"""
    row = call.get(OIDCProvider, OpenIDConnectProviderArn)
    call.table(OIDCProvider).change(row.Arn, tags=tagged(row, Tags))


@operation(name="UntagOpenIDConnectProvider")
def untag_open_id_connect_provider(call: Call, OpenIDConnectProviderArn: str, TagKeys: list[str]) -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UntagOpenIDConnectProvider.html"""
    row = call.get(OIDCProvider, OpenIDConnectProviderArn)
    call.table(OIDCProvider).change(row.Arn, tags=untagged(row, TagKeys))


@operation(name="ListOpenIDConnectProviderTags")
def list_open_id_connect_provider_tags(call: Call, OpenIDConnectProviderArn: str,
                                       page: Page[Any] = Page(100, 1000)) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListOpenIDConnectProviderTags.html"""
    return tag_page(call.get(OIDCProvider, OpenIDConnectProviderArn), page)
