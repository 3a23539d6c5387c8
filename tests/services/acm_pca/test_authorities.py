"""Authorities: made, activated, hierarchies, states, deletion."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store

from conftest import Cloud
from services.acm_pca.authorities import create, describe, extension, issue, parse, request, root, subordinate, verified
from services.sqs.queues import refused

DAY = 86400


@pytest.fixture
def pca(cloud: Cloud) -> Any:
    return cloud.client("acm-pca")


def test_a_new_root_waits_for_its_certificate_and_signs_itself(cloud: Cloud, pca: Any) -> None:
    arn = create(cloud, pca, Tags=[{"Key": "a", "Value": "1"}])
    pca.get_waiter("certificate_authority_csr_created").wait(CertificateAuthorityArn=arn)
    told = describe(pca, arn)
    assert (told["Type"], told["OwnerAccount"], told["UsageMode"]) == ("ROOT", cloud.account, "GENERAL_PURPOSE")
    assert told["CertificateAuthorityConfiguration"] == {
        "KeyAlgorithm": "EC_prime256v1", "SigningAlgorithm": "SHA256WITHECDSA",
        "Subject": {"CommonName": "Example Root", "Organization": "Example"}}
    assert told["RevocationConfiguration"] == {"CrlConfiguration": {"Enabled": False}, "OcspConfiguration": {"Enabled": False}}
    with refused("InvalidStateException", ""):
        pca.get_certificate_authority_certificate(CertificateAuthorityArn=arn)
    with refused("InvalidStateException", ""):
        issue(cloud, pca, arn, request())
    csr = x509.load_pem_x509_csr(pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"].encode())
    assert csr.is_signature_valid
    assert {one.rfc4514_string() for one in csr.subject.rdns} == {"O=Example", "CN=Example Root"}
    active = root(cloud, pca)
    own = pca.get_certificate_authority_certificate(CertificateAuthorityArn=active)
    assert "CertificateChain" not in own
    certificate = parse(own)
    certificate.verify_directly_issued_by(certificate)
    told = describe(pca, active)
    assert int(told["Serial"].replace(":", ""), 16) == certificate.serial_number
    assert told["NotAfter"] == certificate.not_valid_after_utc
    usage = extension(certificate, x509.KeyUsage)
    assert (usage.key_cert_sign, usage.crl_sign, usage.digital_signature, usage.key_encipherment) == (True, True, True, False)


def test_a_chain_of_three_verifies(cloud: Cloud, pca: Any, tmp_path: Path) -> None:
    top = root(cloud, pca)
    middle = subordinate(cloud, pca, top, depth=1)
    low = subordinate(cloud, pca, middle, depth=0, years=3)
    answer = issue(cloud, pca, low, request("www.example.com", (x509.SubjectAlternativeName(
        [x509.DNSName("www.example.com")]), False)))
    assert answer["CertificateChain"].count("BEGIN CERTIFICATE") == 3
    verified(tmp_path, answer, "-purpose", "sslserver", "-verify_hostname", "www.example.com")
    chain = x509.load_pem_x509_certificates(answer["CertificateChain"].encode())
    verifier = PolicyBuilder().store(Store([chain[-1]])).time(datetime.now(UTC)).build_server_verifier(
        x509.DNSName("www.example.com"))
    assert len(verifier.verify(parse(answer), chain[:-1])) == 4
    with refused("InvalidArgsException", "path length"):
        subordinate(cloud, pca, low, depth=0)
    with refused("ValidationException", "exceeds the certificate authority validity"):
        issue(cloud, pca, low, request(), validity={"Type": "YEARS", "Value": 4})


@pytest.mark.parametrize(("key", "signing"), [
    ("RSA_2048", "SHA256WITHRSA"), ("RSA_2048", "SHA512WITHRSA_PSS"), ("EC_secp384r1", "SHA384WITHECDSA"),
    ("EC_secp521r1", "SHA512WITHECDSA")])
def test_kinds_of_keys(cloud: Cloud, pca: Any, tmp_path: Path, key: str, signing: str) -> None:
    arn = root(cloud, pca, key=key, signing=signing)
    verified(tmp_path, issue(cloud, pca, arn, request(), SigningAlgorithm=signing))
    with refused("InvalidArgsException", "does not match"):
        issue(cloud, pca, arn, request(), SigningAlgorithm="SHA256WITHECDSA" if "RSA" in key else "SHA256WITHRSA")


def test_lattices_sign_too(cloud: Cloud, pca: Any) -> None:
    arn = root(cloud, pca, key="ML_DSA_65", signing="ML_DSA_65")
    own = parse(pca.get_certificate_authority_certificate(CertificateAuthorityArn=arn))
    parse(issue(cloud, pca, arn, request(), SigningAlgorithm="ML_DSA_65")).verify_directly_issued_by(own)
    with refused("InvalidArgsException", "does not match"):
        issue(cloud, pca, arn, request(), SigningAlgorithm="ML_DSA_44")


@pytest.mark.parametrize(("key", "signing", "words"), [
    ("RSA_2048", "SHA256WITHECDSA", "does not match"), ("EC_prime256v1", "SHA256WITHRSA", "does not match"),
    ("SM2", "SM3WITHSM2", "China")])
def test_keys_that_cannot_sign_so(cloud: Cloud, pca: Any, key: str, signing: str, words: str) -> None:
    with refused("InvalidArgsException", words):
        create(cloud, pca, key=key, signing=signing)
    assert pca.list_certificate_authorities()["CertificateAuthorities"] == []


def test_the_request_says_what_was_configured(cloud: Cloud, pca: Any) -> None:
    arn = pca.create_certificate_authority(
        CertificateAuthorityType="SUBORDINATE", CertificateAuthorityConfiguration={
            "KeyAlgorithm": "EC_prime256v1", "SigningAlgorithm": "SHA256WITHECDSA",
            "Subject": {"Country": "DE", "Organization": "Example", "CommonName": "Sub"},
            "CsrExtensions": {"KeyUsage": {"KeyCertSign": True, "CRLSign": True}, "SubjectInformationAccess": [
                {"AccessMethod": {"AccessMethodType": "CA_REPOSITORY"},
                 "AccessLocation": {"UniformResourceIdentifier": "http://repo.example.com/"}}]}})["CertificateAuthorityArn"]
    cloud.clock.idle()
    csr = x509.load_pem_x509_csr(pca.get_certificate_authority_csr(CertificateAuthorityArn=arn)["Csr"].encode())
    assert csr.is_signature_valid
    assert {one.rfc4514_string() for one in csr.subject.rdns} == {"C=DE", "O=Example", "CN=Sub"}
    assert csr.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    assert csr.extensions.get_extension_for_class(x509.SubjectInformationAccess).value[0].access_location.value \
        == "http://repo.example.com/"
    with refused("InvalidArgsException", "CustomAttributes"):
        pca.create_certificate_authority(CertificateAuthorityType="ROOT", CertificateAuthorityConfiguration={
            "KeyAlgorithm": "EC_prime256v1", "SigningAlgorithm": "SHA256WITHECDSA",
            "Subject": {"CommonName": "x", "CustomAttributes": [{"ObjectIdentifier": "2.5.4.3", "Value": "y"}]}})


def test_what_may_be_installed(cloud: Cloud, pca: Any) -> None:
    top, other = root(cloud, pca), root(cloud, pca)
    own = pca.get_certificate_authority_certificate(CertificateAuthorityArn=top)["Certificate"].encode()
    sub = create(cloud, pca, "SUBORDINATE", "Sub")
    csr = pca.get_certificate_authority_csr(CertificateAuthorityArn=sub)["Csr"].encode()
    signed = issue(cloud, pca, top, csr, "SubordinateCACertificate_PathLen0/V1")["Certificate"].encode()
    leaf = issue(cloud, pca, top, csr, "EndEntityCertificate/V1")["Certificate"].encode()
    wrong = pca.get_certificate_authority_certificate(CertificateAuthorityArn=other)["Certificate"].encode()
    for code, members in (
            ("MalformedCertificateException", {"Certificate": b"nothing"}),
            ("CertificateMismatchException", {"Certificate": wrong}),
            ("InvalidRequestException", {"Certificate": signed}),
            ("MalformedCertificateException", {"Certificate": leaf, "CertificateChain": own}),
            ("CertificateMismatchException", {"Certificate": signed, "CertificateChain": wrong})):
        with refused(code, ""):
            pca.import_certificate_authority_certificate(CertificateAuthorityArn=sub, **members)
    assert describe(pca, sub)["Status"] == "PENDING_CERTIFICATE"
    with refused("InvalidRequestException", "root"):
        pca.import_certificate_authority_certificate(CertificateAuthorityArn=top, Certificate=own, CertificateChain=own)
    pca.import_certificate_authority_certificate(CertificateAuthorityArn=sub, Certificate=signed, CertificateChain=own)
    assert describe(pca, sub)["Status"] == "ACTIVE"


def test_a_token_makes_an_authority_once_within_five_minutes(cloud: Cloud, pca: Any) -> None:
    first = create(cloud, pca, IdempotencyToken="one")
    assert create(cloud, pca, IdempotencyToken="one") == first
    cloud.clock.advance(301)
    assert create(cloud, pca, IdempotencyToken="one") != first


def test_states(cloud: Cloud, pca: Any) -> None:
    arn = root(cloud, pca, years=1)
    with refused("InvalidStateException", "ACTIVE"):
        pca.delete_certificate_authority(CertificateAuthorityArn=arn)
    pca.update_certificate_authority(CertificateAuthorityArn=arn, Status="DISABLED")
    with refused("InvalidStateException", "DISABLED"):
        issue(cloud, pca, arn, request())
    pca.update_certificate_authority(CertificateAuthorityArn=arn, Status="ACTIVE")
    issue(cloud, pca, arn, request())
    with refused("InvalidArgsException", "ACTIVE or DISABLED"):
        pca.update_certificate_authority(CertificateAuthorityArn=arn, Status="EXPIRED")
    cloud.clock.advance(367 * DAY)
    assert describe(pca, arn)["Status"] == "EXPIRED"
    with refused("InvalidStateException", "EXPIRED"):
        pca.update_certificate_authority(CertificateAuthorityArn=arn, Status="DISABLED")
    pca.delete_certificate_authority(CertificateAuthorityArn=arn)
    assert describe(pca, arn)["Status"] == "DELETED"


def test_deletion_can_be_taken_back_for_some_days(cloud: Cloud, pca: Any) -> None:
    arn = root(cloud, pca)
    answer = issue(cloud, pca, arn, request())
    pca.update_certificate_authority(CertificateAuthorityArn=arn, Status="DISABLED")
    pca.delete_certificate_authority(CertificateAuthorityArn=arn, PermanentDeletionTimeInDays=7)
    told = describe(pca, arn)
    assert (told["Status"], (told["RestorableUntil"] - told["LastStateChangeAt"]).days) == ("DELETED", 7)
    assert [one["Status"] for one in pca.list_certificate_authorities()["CertificateAuthorities"]] == ["DELETED"]
    with refused("InvalidStateException", "DELETED"):
        pca.get_certificate(CertificateAuthorityArn=arn, CertificateArn=answer["Arn"])
    cloud.clock.advance(6 * DAY)
    pca.restore_certificate_authority(CertificateAuthorityArn=arn)
    assert describe(pca, arn)["Status"] == "DISABLED"
    again = pca.get_certificate(CertificateAuthorityArn=arn, CertificateArn=answer["Arn"])
    assert again["Certificate"] == answer["Certificate"]
    with refused("InvalidStateException", "DELETED"):
        pca.restore_certificate_authority(CertificateAuthorityArn=arn)
    cloud.clock.advance(8 * DAY)
    assert describe(pca, arn)["Status"] == "DISABLED"
    pca.delete_certificate_authority(CertificateAuthorityArn=arn, PermanentDeletionTimeInDays=7)
    cloud.clock.advance(8 * DAY)
    with refused("ResourceNotFoundException", arn):
        describe(pca, arn)
    assert pca.list_certificate_authorities()["CertificateAuthorities"] == []


def test_authorities_are_listed_in_pages(cloud: Cloud, pca: Any) -> None:
    arns = {create(cloud, pca) for _ in range(5)}
    pages = list(pca.get_paginator("list_certificate_authorities").paginate(PaginationConfig={"PageSize": 2}))
    assert len(pages) == 3
    assert {one["Arn"] for page in pages for one in page["CertificateAuthorities"]} == arns
    assert pca.list_certificate_authorities(ResourceOwner="OTHER_ACCOUNTS")["CertificateAuthorities"] == []


def test_tags(cloud: Cloud, pca: Any) -> None:
    arn = create(cloud, pca, Tags=[{"Key": "a", "Value": "1"}])
    pca.tag_certificate_authority(CertificateAuthorityArn=arn, Tags=[{"Key": "b", "Value": "2"}, {"Key": "c"}])
    pages = pca.get_paginator("list_tags").paginate(CertificateAuthorityArn=arn, PaginationConfig={"PageSize": 2})
    assert [tag for page in pages for tag in page["Tags"]] == [
        {"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}, {"Key": "c", "Value": ""}]
    pca.untag_certificate_authority(CertificateAuthorityArn=arn, Tags=[{"Key": "a", "Value": "other"}, {"Key": "b"}])
    assert pca.list_tags(CertificateAuthorityArn=arn)["Tags"] == [{"Key": "a", "Value": "1"}, {"Key": "c", "Value": ""}]
    with refused("TooManyTagsException", "50"):
        pca.tag_certificate_authority(CertificateAuthorityArn=arn, Tags=[{"Key": f"k{i}", "Value": ""} for i in range(50)])
    with refused("InvalidTagException", "aws:"):
        pca.tag_certificate_authority(CertificateAuthorityArn=arn, Tags=[{"Key": "aws:x", "Value": ""}])


@pytest.mark.parametrize(("arn", "code"), [
    ("arn:aws:acm-pca:us-east-1:123456789012:certificate-authority/none", "ResourceNotFoundException"),
    ("arn:aws:acm-pca:us-east-1:123456789012:something/none", "InvalidArnException"),
    ("arn:aws:acm-pca:eu-west-1:123456789012:certificate-authority/none", "InvalidArnException")])
def test_arns_of_nothing(pca: Any, arn: str, code: str) -> None:
    with refused(code, arn):
        describe(pca, arn)


def test_an_authority_that_is_deleted_while_it_is_made_is_made_when_it_comes_back(cloud: Cloud, pca: Any) -> None:
    arn = pca.create_certificate_authority(CertificateAuthorityType="ROOT", CertificateAuthorityConfiguration={
        "KeyAlgorithm": "RSA_4096", "SigningAlgorithm": "SHA256WITHRSA",
        "Subject": {"CommonName": "Slow"}})["CertificateAuthorityArn"]
    pca.delete_certificate_authority(CertificateAuthorityArn=arn)
    cloud.clock.idle()
    assert describe(pca, arn)["Status"] == "DELETED"
    pca.restore_certificate_authority(CertificateAuthorityArn=arn)
    cloud.clock.idle()
    assert describe(pca, arn)["Status"] == "PENDING_CERTIFICATE"
