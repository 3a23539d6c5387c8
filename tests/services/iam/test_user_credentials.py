"""Server and signing certificates, SSH keys, service-specific credentials: over the wire."""

from __future__ import annotations

import base64
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from conftest import Cloud
from samples import CERTIFICATE, PRIVATE_KEY, certificate

TAGS = [{"Key": "a", "Value": "1"}]


def refused(fn: Any, **members: Any) -> str:
    with pytest.raises(ClientError) as problem:
        fn(**members)
    return str(problem.value.response["Error"]["Code"])


@pytest.fixture
def iam(cloud: Cloud) -> Any:
    client = cloud.client("iam")
    client.create_user(UserName="ann")
    return client


def test_a_server_certificate_is_kept_renamed_and_deleted(cloud: Cloud, iam: Any) -> None:
    made = iam.upload_server_certificate(
        ServerCertificateName="web", Path="/cloudfront/", CertificateBody=CERTIFICATE, PrivateKey=PRIVATE_KEY,
        CertificateChain=CERTIFICATE, Tags=TAGS)["ServerCertificateMetadata"]
    assert made["Arn"] == f"arn:aws:iam::{cloud.account}:server-certificate/cloudfront/web"
    assert made["ServerCertificateId"].startswith("ASCA")
    assert made["Expiration"].year == 2102
    told = iam.get_server_certificate(ServerCertificateName="web")["ServerCertificate"]
    assert (told["ServerCertificateMetadata"], told["Tags"]) == (made, TAGS)
    assert told["CertificateBody"].strip() == told["CertificateChain"].strip() == CERTIFICATE.strip()
    assert iam.list_server_certificates(PathPrefix="/cloudfront/")["ServerCertificateMetadataList"] == [made]
    assert iam.list_server_certificates(PathPrefix="/other/")["ServerCertificateMetadataList"] == []
    again = {"CertificateBody": CERTIFICATE, "PrivateKey": PRIVATE_KEY}
    assert refused(iam.upload_server_certificate, ServerCertificateName="web", **again) == "EntityAlreadyExists"
    iam.upload_server_certificate(ServerCertificateName="api", **again)
    assert refused(iam.update_server_certificate, ServerCertificateName="web",
                   NewServerCertificateName="api") == "EntityAlreadyExists"
    iam.update_server_certificate(ServerCertificateName="web", NewPath="/", NewServerCertificateName="site")
    renamed = iam.get_server_certificate(ServerCertificateName="site")["ServerCertificate"]["ServerCertificateMetadata"]
    assert renamed["ServerCertificateId"] == made["ServerCertificateId"]
    assert renamed["Arn"].endswith(":server-certificate/site")
    iam.delete_server_certificate(ServerCertificateName="site")
    assert refused(iam.delete_server_certificate, ServerCertificateName="site") == "NoSuchEntity"


def test_a_server_certificate_and_its_key_belong_together(iam: Any) -> None:
    other, other_key = certificate()
    upload: Callable[..., Any] = iam.upload_server_certificate
    wrong = {"ServerCertificateName": "web", "CertificateBody": CERTIFICATE, "PrivateKey": PRIVATE_KEY}
    assert refused(upload, **wrong | {"PrivateKey": other_key}) == "KeyPairMismatch"
    assert refused(upload, **wrong | {"CertificateBody": "none"}) == "MalformedCertificate"
    assert refused(upload, **wrong | {"PrivateKey": "none"}) == "MalformedCertificate"
    assert refused(upload, CertificateChain=other, **wrong) == "MalformedCertificate"
    assert iam.list_server_certificates()["ServerCertificateMetadataList"] == []


def test_an_account_has_twenty_server_certificates_with_tags(iam: Any) -> None:
    for n in range(20):
        iam.upload_server_certificate(ServerCertificateName=f"c{n:02}", CertificateBody=CERTIFICATE, PrivateKey=PRIVATE_KEY)
    assert refused(iam.upload_server_certificate, ServerCertificateName="c", CertificateBody=CERTIFICATE,
                   PrivateKey=PRIVATE_KEY) == "LimitExceeded"
    pages = iam.get_paginator("list_server_certificates").paginate(PaginationConfig={"PageSize": 7})
    names = [c["ServerCertificateName"] for page in pages for c in page["ServerCertificateMetadataList"]]
    assert names == [f"c{n:02}" for n in range(20)]
    iam.tag_server_certificate(ServerCertificateName="c00", Tags=[*TAGS, {"Key": "b", "Value": "2"}])
    iam.untag_server_certificate(ServerCertificateName="c00", TagKeys=["a"])
    assert iam.list_server_certificate_tags(ServerCertificateName="c00")["Tags"] == [{"Key": "b", "Value": "2"}]


def test_signing_certificates(iam: Any) -> None:
    made = iam.upload_signing_certificate(UserName="ann", CertificateBody=CERTIFICATE)["Certificate"]
    assert (made["UserName"], made["Status"], made["CertificateBody"].strip()) == ("ann", "Active", CERTIFICATE.strip())
    assert refused(iam.upload_signing_certificate, UserName="ann", CertificateBody=CERTIFICATE) == "DuplicateCertificate"
    assert refused(iam.upload_signing_certificate, UserName="ann", CertificateBody="x") == "MalformedCertificate"
    iam.upload_signing_certificate(UserName="ann", CertificateBody=certificate()[0])
    assert refused(iam.upload_signing_certificate, UserName="ann", CertificateBody=certificate()[0]) == "LimitExceeded"
    this = {"UserName": "ann", "CertificateId": made["CertificateId"]}
    iam.update_signing_certificate(Status="Inactive", **this)
    states = {c["CertificateId"]: c["Status"] for c in iam.list_signing_certificates(UserName="ann")["Certificates"]}
    assert (states[made["CertificateId"]], len(states)) == ("Inactive", 2)
    assert refused(iam.delete_user, UserName="ann") == "DeleteConflict"
    iam.delete_signing_certificate(**this)
    assert refused(iam.delete_signing_certificate, **this) == "NoSuchEntity"


def test_ssh_keys_have_both_texts_and_a_fingerprint(iam: Any, tmp_path: Path) -> None:
    public = rsa.generate_private_key(65537, 2048).public_key()
    ssh = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    made = iam.upload_ssh_public_key(UserName="ann", SSHPublicKeyBody=ssh)["SSHPublicKey"]
    assert made["SSHPublicKeyId"].startswith("APKA")
    this = {"UserName": "ann", "SSHPublicKeyId": made["SSHPublicKeyId"]}
    assert iam.get_ssh_public_key(Encoding="PEM", **this)["SSHPublicKey"]["SSHPublicKeyBody"].strip() == pem.strip()
    assert iam.get_ssh_public_key(Encoding="SSH", **this)["SSHPublicKey"]["SSHPublicKeyBody"] == ssh
    (tmp_path / "key.pub").write_text(ssh)
    told = subprocess.run(["ssh-keygen", "-l", "-E", "md5", "-f", tmp_path / "key.pub"], capture_output=True, text=True)
    assert f"MD5:{made['Fingerprint']}" in told.stdout
    assert refused(iam.upload_ssh_public_key, UserName="ann", SSHPublicKeyBody=pem) == "DuplicateSSHPublicKey"
    iam.update_ssh_public_key(Status="Inactive", **this)
    assert [k["Status"] for k in iam.list_ssh_public_keys(UserName="ann")["SSHPublicKeys"]] == ["Inactive"]
    iam.delete_ssh_public_key(**this)
    assert iam.list_ssh_public_keys(UserName="ann")["SSHPublicKeys"] == []
    assert refused(iam.get_ssh_public_key, Encoding="SSH", **this) == "NoSuchEntity"


def test_only_long_rsa_keys_are_ssh_keys(iam: Any) -> None:
    def ssh(public: Any) -> str:
        return str(public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode())

    short, other = rsa.generate_private_key(65537, 1024).public_key(), ed25519.Ed25519PrivateKey.generate().public_key()
    for body, code in ((ssh(short), "InvalidPublicKey"), (ssh(other), "InvalidPublicKey"),
                       ("ssh-rsa AAAA", "UnrecognizedPublicKeyEncoding"), ("x", "UnrecognizedPublicKeyEncoding")):
        assert refused(iam.upload_ssh_public_key, UserName="ann", SSHPublicKeyBody=body) == code


def test_credentials_of_one_service(cloud: Cloud, iam: Any) -> None:
    git = {"UserName": "ann", "ServiceName": "codecommit.amazonaws.com"}
    first = iam.create_service_specific_credential(**git)["ServiceSpecificCredential"]
    second = iam.create_service_specific_credential(**git)["ServiceSpecificCredential"]
    assert (first["ServiceUserName"], second["ServiceUserName"]) == (
        f"ann-at-{cloud.account}", f"ann+1-at-{cloud.account}")
    assert refused(iam.create_service_specific_credential, **git) == "LimitExceeded"
    assert refused(iam.create_service_specific_credential, UserName="ann",
                   ServiceName="s3.amazonaws.com") == "NotSupportedService"
    listed = iam.list_service_specific_credentials(**git)["ServiceSpecificCredentials"]
    assert {c["ServiceUserName"] for c in listed} == {first["ServiceUserName"], second["ServiceUserName"]}
    assert all("ServicePassword" not in c for c in listed)
    page = iam.list_service_specific_credentials(UserName="ann", MaxItems=1)
    rest = iam.list_service_specific_credentials(UserName="ann", MaxItems=1, Marker=page["Marker"])
    assert (page["IsTruncated"], rest["IsTruncated"]) == (True, False)
    assert page["ServiceSpecificCredentials"] + rest["ServiceSpecificCredentials"] == listed
    for odd in ("x", base64.urlsafe_b64encode(b"[5, 5]").decode()):
        assert refused(iam.list_service_specific_credentials, UserName="ann", Marker=odd) == "ValidationError"
    this = {"UserName": "ann", "ServiceSpecificCredentialId": first["ServiceSpecificCredentialId"]}
    reset = iam.reset_service_specific_credential(**this)["ServiceSpecificCredential"]
    assert reset["ServicePassword"] != first["ServicePassword"]
    iam.update_service_specific_credential(Status="Inactive", **this)
    states = iam.list_service_specific_credentials(AllUsers=True, ServiceName=git["ServiceName"])
    assert sorted(c["Status"] for c in states["ServiceSpecificCredentials"]) == ["Active", "Inactive"]
    iam.delete_service_specific_credential(**this)
    assert refused(iam.delete_service_specific_credential, **this) == "NoSuchEntity"


def test_api_keys_end_by_the_clock(cloud: Cloud, iam: Any) -> None:
    key = iam.create_service_specific_credential(UserName="ann", ServiceName="bedrock.amazonaws.com",
                                                 CredentialAgeDays=30)["ServiceSpecificCredential"]
    assert key["ServiceCredentialAlias"].startswith("BedrockAPIKey-")
    assert key["ServiceCredentialSecret"].startswith("ABSK")
    cloud.clock.advance(31 * 86400)
    listed = iam.list_service_specific_credentials(UserName="ann")["ServiceSpecificCredentials"]
    assert [c["Status"] for c in listed] == ["Expired"]
    assert refused(iam.create_service_specific_credential, UserName="ann", ServiceName="codecommit.amazonaws.com",
                   CredentialAgeDays=3) == "InvalidInput"


def test_an_api_key_of_a_closed_account_opens_nothing(cloud: Cloud) -> None:
    client = cloud.client("organizations")
    client.create_organization()
    client.create_account(Email=f"a@{cloud.account}.example.com", AccountName="a")
    cloud.clock.idle()
    member = next(one["Id"] for one in client.list_accounts()["Accounts"] if one["Id"] != cloud.account)
    logs, theirs = cloud.client("logs", account=member), cloud.client("iam", account=member)
    logs.create_log_group(logGroupName="app")
    logs.create_log_stream(logGroupName="app", logStreamName="one")
    logs.put_bearer_token_authentication(logGroupIdentifier="app", bearerTokenAuthenticationEnabled=True)
    theirs.create_user(UserName="ann")
    for _ in range(2):
        made = theirs.create_service_specific_credential(UserName="ann", ServiceName="logs.amazonaws.com")
    token = made["ServiceSpecificCredential"]["ServiceCredentialSecret"]
    asked = urllib.request.Request(f"{cloud.endpoint}/ingest/json?logGroup=app&logStream=one", b'{"m": 1}', {
        "Content-Type": "application/json", "Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked, timeout=10) as answer:
        assert answer.status == 200
    client.close_account(AccountId=member)
    cloud.clock.idle()
    with pytest.raises(urllib.error.HTTPError) as problem:
        urllib.request.urlopen(asked, timeout=10)
    assert b"security token included in the request is invalid" in problem.value.read()
