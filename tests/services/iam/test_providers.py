"""OpenID Connect and SAML providers: over the wire."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import serialization as form
from cryptography.hazmat.primitives.asymmetric import ec

from conftest import Cloud
from samples import PRIVATE_KEY, saml_metadata

TAGS = [{"Key": "a", "Value": "1"}]


def refused(fn: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as problem:
        fn(**members)
    return str(problem.value.response["Error"]["Code"])


def key_on_an_unknown_curve() -> str:
    """A private key of which the library knows the kind and not the curve (prime239v3 instead of prime256v1)."""
    key = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        form.Encoding.DER, form.PrivateFormat.PKCS8, form.NoEncryption())
    known, unknown = bytes.fromhex("2a8648ce3d030107"), bytes.fromhex("2a8648ce3d030106")
    text = base64.b64encode(key.replace(known, unknown)).decode()
    return f"-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n"


@pytest.fixture
def iam(cloud: Cloud) -> Any:
    return cloud.client("iam")


def test_an_oidc_provider_is_told_as_it_was_made(cloud: Cloud, iam: Any) -> None:
    arn = iam.create_open_id_connect_provider(
        Url="https://idp.example.com/pool/", ClientIDList=["app"], ThumbprintList=["a" * 40], Tags=TAGS,
    )["OpenIDConnectProviderArn"]
    assert arn == f"arn:aws:iam::{cloud.account}:oidc-provider/idp.example.com/pool"
    told = iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert (told["Url"], told["ClientIDList"], told["ThumbprintList"], told["Tags"]) == (
        "idp.example.com/pool", ["app"], ["a" * 40], TAGS)
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == [{"Arn": arn}]
    assert refused(iam.create_open_id_connect_provider, Url="https://idp.example.com/pool") == "EntityAlreadyExists"
    for url in ("https://[x", "https://idp.example.com:none/", "https://idp.example.com:99999/"):
        assert refused(iam.create_open_id_connect_provider, Url=url) == "ValidationError"
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert refused(iam.get_open_id_connect_provider, OpenIDConnectProviderArn=arn) == "NoSuchEntity"


def test_clients_and_thumbprints_of_an_oidc_provider_change(iam: Any) -> None:
    arn = iam.create_open_id_connect_provider(Url="https://idp.example.com", Tags=TAGS)["OpenIDConnectProviderArn"]
    this = {"OpenIDConnectProviderArn": arn}
    for client in ("one", "two", "one"):
        iam.add_client_id_to_open_id_connect_provider(ClientID=client, **this)
    iam.remove_client_id_from_open_id_connect_provider(ClientID="one", **this)
    iam.remove_client_id_from_open_id_connect_provider(ClientID="none", **this)
    iam.update_open_id_connect_provider_thumbprint(ThumbprintList=["b" * 40, "c" * 40], **this)
    told = iam.get_open_id_connect_provider(**this)
    assert (told["ClientIDList"], told["ThumbprintList"]) == (["two"], ["b" * 40, "c" * 40])
    assert refused(iam.update_open_id_connect_provider_thumbprint, ThumbprintList=["b" * 40] * 6, **this) == "InvalidInput"
    assert refused(iam.update_open_id_connect_provider_thumbprint, ThumbprintList=["z" * 40], **this) == "InvalidInput"
    iam.tag_open_id_connect_provider(Tags=[{"Key": "b", "Value": "2"}], **this)
    iam.untag_open_id_connect_provider(TagKeys=["a"], **this)
    assert iam.list_open_id_connect_provider_tags(**this)["Tags"] == [{"Key": "b", "Value": "2"}]


@pytest.mark.parametrize("url", ["http://idp.example.com", "https://idp.example.com?a=b", "https://", "idp.example.com"])
def test_an_oidc_provider_has_an_https_address(iam: Any, url: str) -> None:
    assert refused(iam.create_open_id_connect_provider, Url=url) == "ValidationError"


def test_oidc_providers_have_limits(iam: Any) -> None:
    many = [f"client{n}" for n in range(101)]
    assert refused(iam.create_open_id_connect_provider, Url="https://a.example.com", ClientIDList=many) == "LimitExceeded"
    for n in range(100):
        iam.create_open_id_connect_provider(Url=f"https://idp{n}.example.com")
    assert refused(iam.create_open_id_connect_provider, Url="https://idp.example.com") == "LimitExceeded"


def test_a_saml_provider_is_told_as_it_was_made(cloud: Cloud, iam: Any) -> None:
    document = saml_metadata(validUntil="2100-01-01T00:00:00Z")
    arn = iam.create_saml_provider(Name="corp", SAMLMetadataDocument=document, Tags=TAGS)["SAMLProviderArn"]
    assert arn == f"arn:aws:iam::{cloud.account}:saml-provider/corp"
    told = iam.get_saml_provider(SAMLProviderArn=arn)
    assert (told["SAMLMetadataDocument"].strip(), told["ValidUntil"].year, told["Tags"]) == (document.strip(), 2100, TAGS)
    assert refused(iam.create_saml_provider, Name="corp", SAMLMetadataDocument=document) == "EntityAlreadyExists"
    assert [p["Arn"] for p in iam.list_saml_providers()["SAMLProviderList"]] == [arn]
    iam.update_saml_provider(SAMLProviderArn=arn, SAMLMetadataDocument=saml_metadata("https://new.example.com"))
    changed = iam.get_saml_provider(SAMLProviderArn=arn)
    assert "https://new.example.com" in changed["SAMLMetadataDocument"]
    assert changed["ValidUntil"] > told["ValidUntil"]
    assert changed["SAMLProviderUUID"] == told["SAMLProviderUUID"]
    iam.tag_saml_provider(SAMLProviderArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    iam.untag_saml_provider(SAMLProviderArn=arn, TagKeys=["a"])
    assert iam.list_saml_provider_tags(SAMLProviderArn=arn)["Tags"] == [{"Key": "b", "Value": "2"}]
    iam.delete_saml_provider(SAMLProviderArn=arn)
    assert refused(iam.delete_saml_provider, SAMLProviderArn=arn) == "NoSuchEntity"


def test_private_keys_of_a_saml_provider_are_rotated(iam: Any) -> None:
    assert refused(iam.create_saml_provider, Name="corp", SAMLMetadataDocument=saml_metadata(),
                   AssertionEncryptionMode="Required") == "InvalidInput"
    arn = iam.create_saml_provider(Name="corp", SAMLMetadataDocument=saml_metadata(), AddPrivateKey=PRIVATE_KEY,
                                   AssertionEncryptionMode="Required")["SAMLProviderArn"]
    for pem in ("no key", key_on_an_unknown_curve()):
        assert refused(iam.update_saml_provider, SAMLProviderArn=arn, AddPrivateKey=pem) == "InvalidInput"
    iam.update_saml_provider(SAMLProviderArn=arn, AddPrivateKey=PRIVATE_KEY)
    first, second = (key["KeyId"] for key in iam.get_saml_provider(SAMLProviderArn=arn)["PrivateKeyList"])
    assert refused(iam.update_saml_provider, SAMLProviderArn=arn, AddPrivateKey=PRIVATE_KEY) == "LimitExceeded"
    iam.update_saml_provider(SAMLProviderArn=arn, RemovePrivateKey=first)
    told = iam.get_saml_provider(SAMLProviderArn=arn)
    assert [key["KeyId"] for key in told["PrivateKeyList"]] == [second]
    assert told["AssertionEncryptionMode"] == "Required"
    assert refused(iam.update_saml_provider, SAMLProviderArn=arn, RemovePrivateKey=first) == "NoSuchEntity"
    assert refused(iam.update_saml_provider, SAMLProviderArn=arn, RemovePrivateKey=second) == "InvalidInput"


BOMB = '<!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'


@pytest.mark.parametrize("document", [
    "x" * 1000, "<a>" + " " * 1000 + "</a>", saml_metadata().replace("IDPSSODescriptor", "SPSSODescriptor"),
    saml_metadata().replace("X509Certificate>", "X509Certificate>AA", 1), saml_metadata(validUntil="someday"),
    saml_metadata(validUntil="2001-01-01T00:00:00Z"), saml_metadata().replace("?>", "?>" + BOMB, 1)])
def test_metadata_that_cannot_be_believed_is_refused(iam: Any, document: str) -> None:
    assert refused(iam.create_saml_provider, Name="corp", SAMLMetadataDocument=document) == "InvalidInput"
    assert iam.list_saml_providers()["SAMLProviderList"] == []
