"""Listings come in pages that lose nothing: every listing of IAM that has a Marker, over the wire."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from conftest import Cloud
from samples import CERTIFICATE, PRIVATE_KEY, certificate, saml_metadata

TAGS = [{"Key": f"k{n}", "Value": "v"} for n in range(3)]
TRUST = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
READ = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]})
ANN = {"UserName": "ann"}


def ssh() -> str:
    public = rsa.generate_private_key(65537, 2048).public_key()
    return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def policy(iam: Any, number: int) -> str:
    return str(iam.create_policy(PolicyName=f"p{number}", PolicyDocument=READ)["Policy"]["Arn"])


def serial(iam: Any, **more: Any) -> dict[str, Any]:
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName="d", **more)["VirtualMFADevice"]
    return {"SerialNumber": made["SerialNumber"]}


# What makes the third part of a listing of three; then how it is asked, and where the entries are.
Case = tuple[Callable[[Any], Any], dict[str, Any], str]
CASES: dict[str, Case] = {
    "list_users": (lambda iam: [iam.create_user(UserName=f"u{n}") for n in range(2)], {}, "Users"),
    "list_groups": (lambda iam: [iam.create_group(GroupName=f"g{n}") for n in range(3)], {}, "Groups"),
    "list_roles": (lambda iam: [iam.create_role(RoleName=f"r{n}", AssumeRolePolicyDocument=TRUST) for n in range(3)], {},
                   "Roles"),
    "list_policies": (lambda iam: [policy(iam, n) for n in range(3)], {"Scope": "Local"}, "Policies"),
    "list_groups_for_user": (
        lambda iam: [(iam.create_group(GroupName=f"g{n}"), iam.add_user_to_group(GroupName=f"g{n}", **ANN)) for n in range(3)],
        ANN, "Groups"),
    "list_attached_user_policies": (
        lambda iam: [iam.attach_user_policy(PolicyArn=policy(iam, n), **ANN) for n in range(3)], ANN, "AttachedPolicies"),
    "list_user_policies": (
        lambda iam: [iam.put_user_policy(PolicyName=f"p{n}", PolicyDocument=READ, **ANN) for n in range(3)], ANN,
        "PolicyNames"),
    "list_instance_profiles": (
        lambda iam: [iam.create_instance_profile(InstanceProfileName=f"i{n}") for n in range(3)], {}, "InstanceProfiles"),
    "list_server_certificates": (
        lambda iam: [iam.upload_server_certificate(ServerCertificateName=f"c{n}", CertificateBody=CERTIFICATE,
                                                   PrivateKey=PRIVATE_KEY) for n in range(3)],
        {}, "ServerCertificateMetadataList"),
    "list_ssh_public_keys": (
        lambda iam: [iam.upload_ssh_public_key(SSHPublicKeyBody=ssh(), **ANN) for _ in range(3)], ANN, "SSHPublicKeys"),
    "list_virtual_mfa_devices": (
        lambda iam: [iam.create_virtual_mfa_device(VirtualMFADeviceName=f"d{n}") for n in range(3)], {}, "VirtualMFADevices"),
    "list_user_tags": (lambda iam: iam.tag_user(Tags=TAGS, **ANN), ANN, "Tags"),
}


def told(iam: Any, name: str, member: str, asked: dict[str, Any]) -> list[list[Any]]:
    pages = iam.get_paginator(name).paginate(PaginationConfig={"PageSize": 2}, **asked)
    return [page[member] for page in pages]


@pytest.mark.parametrize("name", CASES)
def test_three_entries_come_in_two_pages(cloud: Cloud, name: str) -> None:
    iam = cloud.client("iam")
    iam.create_user(UserName="ann")
    make, asked, member = CASES[name]
    make(iam)
    pages = told(iam, name, member, asked)
    assert [len(page) for page in pages] == [2, 1]
    assert [one for page in pages for one in page] == getattr(iam, name)(**asked)[member]


@pytest.mark.parametrize(("name", "make"), [
    ("list_mfa_device_tags", lambda iam: serial(iam, Tags=TAGS)),
    ("list_open_id_connect_provider_tags", lambda iam: {"OpenIDConnectProviderArn": iam.create_open_id_connect_provider(
        Url="https://a.example.com", Tags=TAGS)["OpenIDConnectProviderArn"]}),
    ("list_saml_provider_tags", lambda iam: {"SAMLProviderArn": iam.create_saml_provider(
        Name="a", SAMLMetadataDocument=saml_metadata(), Tags=TAGS)["SAMLProviderArn"]}),
    ("list_policy_tags", lambda iam: {"PolicyArn": iam.create_policy(PolicyName="p", PolicyDocument=READ,
                                                                     Tags=TAGS)["Policy"]["Arn"]}),
])
def test_tags_come_in_pages(cloud: Cloud, name: str, make: Callable[[Any], dict[str, Any]]) -> None:
    iam = cloud.client("iam")
    assert told(iam, name, "Tags", make(iam)) == [TAGS[:2], TAGS[2:]]


def test_signing_certificates_come_in_pages(cloud: Cloud) -> None:
    iam = cloud.client("iam")
    iam.create_user(UserName="ann")
    for _ in range(2):
        iam.upload_signing_certificate(CertificateBody=certificate()[0], **ANN)
    pages = iam.get_paginator("list_signing_certificates").paginate(PaginationConfig={"PageSize": 1}, **ANN)
    assert [len(page["Certificates"]) for page in pages] == [1, 1]
