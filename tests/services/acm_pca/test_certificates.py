"""Certificates issued: templates, what is passed through, validity, tokens."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from conftest import Cloud
from services.acm_pca.authorities import KEY, TEMPLATE, extension, issue, parse, request, root
from services.acm_pca.authorities import subordinate as subordinate_of
from services.sqs.queues import refused

NAMES = x509.SubjectAlternativeName([x509.DNSName("csr.example.com")])
EMAIL = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
SERVER, CLIENT, CODE, OCSP = (ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH,
                              ExtendedKeyUsageOID.CODE_SIGNING, ExtendedKeyUsageOID.OCSP_SIGNING)


@pytest.fixture
def pca(cloud: Cloud) -> Any:
    return cloud.client("acm-pca")


@pytest.fixture
def authority(cloud: Cloud, pca: Any) -> str:
    return root(cloud, pca)


@pytest.mark.parametrize(("template", "purposes", "enciphers"), [
    ("", [SERVER, CLIENT], True), ("EndEntityCertificate/V1", [SERVER, CLIENT], True),
    ("EndEntityServerAuthCertificate/V1", [SERVER], True), ("EndEntityClientAuthCertificate/V1", [CLIENT], True),
    ("CodeSigningCertificate/V1", [CODE], False), ("OCSPSigningCertificate/V1", [OCSP], False),
    ("EndEntityCertificate_CSRPassthrough/V1", [SERVER, CLIENT], True),
    ("EndEntityClientAuthCertificate_APIPassthrough/V1", [CLIENT], True),
    ("CodeSigningCertificate_APICSRPassthrough/V1", [CODE], False)])
def test_templates_of_end_entities(cloud: Cloud, pca: Any, authority: str, template: str, purposes: list[Any],
                                   enciphers: bool) -> None:
    made = parse(issue(cloud, pca, authority, request("www.example.com", (NAMES, False), (EMAIL, False)), template))
    assert list(extension(made, x509.ExtendedKeyUsage)) == purposes
    assert extension(made, x509.KeyUsage).key_encipherment is enciphers
    assert extension(made, x509.BasicConstraints).ca is False
    assert extension(made, x509.SubjectAlternativeName) == NAMES
    own = parse(pca.get_certificate_authority_certificate(CertificateAuthorityArn=authority))
    assert extension(made, x509.AuthorityKeyIdentifier).key_identifier == extension(own, x509.SubjectKeyIdentifier).digest
    assert extension(made, x509.SubjectKeyIdentifier) == x509.SubjectKeyIdentifier.from_public_key(KEY.public_key())
    made.verify_directly_issued_by(own)


@pytest.mark.parametrize(("template", "critical", "depth"), [
    ("BlankEndEntityCertificate_CSRPassthrough/V1", False, None),
    ("BlankEndEntityCertificate_CriticalBasicConstraints_CSRPassthrough/V1", True, None),
    ("BlankSubordinateCACertificate_PathLen2_CSRPassthrough/V1", True, 2)])
def test_blank_templates_take_what_the_request_says(cloud: Cloud, pca: Any, authority: str, template: str, critical: bool,
                                                    depth: int | None) -> None:
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    made = parse(issue(cloud, pca, authority, request(
        "www.example.com", (EMAIL, True), (usage, True),
        (x509.BasicConstraints(ca=depth is None, path_length=None), True)), template))
    constraints = made.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value.ca, constraints.value.path_length) == (critical, depth is not None, depth)
    assert extension(made, x509.ExtendedKeyUsage) == EMAIL
    assert extension(made, x509.KeyUsage) == usage


def test_what_the_api_says_wins_over_the_request_but_not_over_the_template(cloud: Cloud, pca: Any, authority: str) -> None:
    said = {"Subject": {"CommonName": "api.example.com", "Country": "DE"}, "Extensions": {
        "SubjectAlternativeNames": [
            {"DnsName": "api.example.com"}, {"IpAddress": "10.0.0.1"}, {"Rfc822Name": "a@example.com"},
            {"UniformResourceIdentifier": "spiffe://example/a"}, {"RegisteredId": "1.2.3.4"},
            {"OtherName": {"TypeId": "1.3.6.1.4.1.311.20.2.3", "Value": "user@example.com"}},
            {"DirectoryName": {"CommonName": "dir"}}],
        "ExtendedKeyUsage": [{"ExtendedKeyUsageType": "SMART_CARD_LOGIN"}, {"ExtendedKeyUsageObjectIdentifier": "1.2.3.9"}],
        "KeyUsage": {"DigitalSignature": True, "NonRepudiation": True},
        "CertificatePolicies": [{"CertPolicyId": "1.2.3.5", "PolicyQualifiers": [
            {"PolicyQualifierId": "CPS", "Qualifier": {"CpsUri": "http://cps.example.com"}}]}],
        "CustomExtensions": [{"ObjectIdentifier": "1.2.3.6", "Value": base64.b64encode(b"\x05\x00").decode(),
                              "Critical": True}]}}
    csr = request("csr.example.com", (NAMES, False), (EMAIL, False))
    blank = parse(issue(cloud, pca, authority, csr, "BlankEndEntityCertificate_APICSRPassthrough/V1", ApiPassthrough=said))
    assert {one.rfc4514_string() for one in blank.subject.rdns} == {"C=DE", "CN=api.example.com"}
    names = extension(blank, x509.SubjectAlternativeName)
    assert names.get_values_for_type(x509.DNSName) == ["api.example.com"]
    assert str(names.get_values_for_type(x509.IPAddress)[0]) == "10.0.0.1"
    assert names.get_values_for_type(x509.OtherName)[0].value == b"\x0c\x10user@example.com"
    assert len(names) == 7
    assert [one.dotted_string for one in extension(blank, x509.ExtendedKeyUsage)] == ["1.3.6.1.4.1.311.20.2.2", "1.2.3.9"]
    assert extension(blank, x509.KeyUsage).content_commitment
    assert extension(blank, x509.CertificatePolicies)[0].policy_qualifiers == ["http://cps.example.com"]
    custom = blank.extensions.get_extension_for_oid(x509.ObjectIdentifier("1.2.3.6"))
    assert (custom.critical, custom.value.value) == (True, b"\x05\x00")
    whole = parse(issue(cloud, pca, authority, csr, "EndEntityCertificate_APIPassthrough/V1", ApiPassthrough=said))
    assert list(extension(whole, x509.ExtendedKeyUsage)) == [SERVER, CLIENT]
    assert not extension(whole, x509.KeyUsage).content_commitment
    ignored = parse(issue(cloud, pca, authority, csr, "EndEntityCertificate/V1", ApiPassthrough=said))
    assert ignored.subject.rfc4514_string() == "CN=csr.example.com"
    assert extension(ignored, x509.SubjectAlternativeName) == NAMES


@pytest.mark.parametrize("name", [
    "Nothing/V1", "EndEntityCertificate/V2", "BlankEndEntityCertificate/V1", "SubordinateCACertificate/V1",
    "SubordinateCACertificate_PathLen4/V1", "RootCACertificate_CSRPassthrough/V1", "RootCACertificate_PathLen1/V1",
    "EndEntityCertificate_PathLen1/V1", "CodeSigningCertificate_CriticalBasicConstraints_APIPassthrough/V1"])
def test_templates_that_there_are_not(cloud: Cloud, pca: Any, authority: str, name: str) -> None:
    with refused("InvalidArgsException", name):
        issue(cloud, pca, authority, request(), name)


def test_a_root_template_signs_only_the_root_itself(cloud: Cloud, pca: Any, authority: str) -> None:
    with refused("InvalidArgsException", "root template"):
        issue(cloud, pca, authority, request(), "RootCACertificate/V1")
    csr = pca.get_certificate_authority_csr(CertificateAuthorityArn=authority)["Csr"].encode()
    again = issue(cloud, pca, authority, csr, "BlankRootCACertificate_PathLen1_APIPassthrough/V1", ApiPassthrough={
        "Extensions": {"KeyUsage": {"KeyCertSign": True}}})
    assert "CertificateChain" not in again
    made = parse(again)
    assert extension(made, x509.BasicConstraints).path_length == 1
    made.verify_directly_issued_by(made)
    sub = subordinate_of(cloud, pca, authority)
    own = pca.get_certificate_authority_csr(CertificateAuthorityArn=sub)["Csr"].encode()
    with refused("InvalidArgsException", "root template"):
        issue(cloud, pca, sub, own, "RootCACertificate/V1")


@pytest.mark.parametrize(("csr", "words"), [
    (b"nothing", "valid PEM"), (request(""), "subject"),
    (request()[:120] + b"AAAA" + request()[124:], "CSR")])
def test_requests_that_are_not_in_order(cloud: Cloud, pca: Any, authority: str, csr: bytes, words: str) -> None:
    with refused("MalformedCSRException", words):
        issue(cloud, pca, authority, csr)


def test_validity(cloud: Cloud, pca: Any, authority: str) -> None:
    now = datetime.now(UTC)

    def ends(kind: str, value: int, **more: Any) -> x509.Certificate:
        return parse(issue(cloud, pca, authority, request(), validity={"Type": kind, "Value": value}, **more))

    soon = timedelta(minutes=2)
    first = ends("DAYS", 10)
    assert abs(first.not_valid_after_utc - now - timedelta(days=10)) < soon
    assert abs(now - first.not_valid_before_utc - timedelta(hours=1)) < soon
    assert abs(ends("MONTHS", 12).not_valid_after_utc - ends("YEARS", 1).not_valid_after_utc) < soon
    moment = datetime(now.year + 2, 3, 4, 5, 6, 7, tzinfo=UTC)
    assert ends("ABSOLUTE", int(moment.timestamp())).not_valid_after_utc == moment
    assert ends("END_DATE", int(f"{moment:%Y%m%d%H%M%S}")).not_valid_after_utc == moment
    assert ends("END_DATE", int(f"{moment:%y%m%d%H%M%S}")).not_valid_after_utc == moment
    start = int((now + timedelta(days=3)).timestamp())
    later = ends("DAYS", 10, ValidityNotBefore={"Type": "ABSOLUTE", "Value": start})
    assert later.not_valid_before_utc.timestamp() == start
    for code, more in (("InvalidArgsException", {"kind": "ABSOLUTE", "value": 1}),
                       ("InvalidArgsException", {"kind": "END_DATE", "value": 20301399000000}),
                       ("InvalidArgsException", {"kind": "DAYS", "value": 10 ** 12}),
                       ("ValidationException", {"kind": "YEARS", "value": 11})):
        with refused(code, ""):
            ends(**more)
    with refused("InvalidArgsException", "ValidityNotBefore"):
        ends("DAYS", 10, ValidityNotBefore={"Type": "DAYS", "Value": 1})


def test_an_authority_for_short_lives(cloud: Cloud, pca: Any) -> None:
    arn = root(cloud, pca, UsageMode="SHORT_LIVED_CERTIFICATE")
    issue(cloud, pca, arn, request(), validity={"Type": "DAYS", "Value": 7})
    with refused("InvalidArgsException", "seven days"):
        issue(cloud, pca, arn, request(), validity={"Type": "DAYS", "Value": 8})


def test_a_token_issues_once_within_five_minutes(cloud: Cloud, pca: Any, authority: str) -> None:
    first = issue(cloud, pca, authority, request(), IdempotencyToken="one")["Arn"]
    assert issue(cloud, pca, authority, request(), IdempotencyToken="one")["Arn"] == first
    cloud.clock.advance(301)
    assert issue(cloud, pca, authority, request(), IdempotencyToken="one")["Arn"] != first


def test_a_certificate_is_ready_when_the_waiter_ends(cloud: Cloud, pca: Any, authority: str) -> None:
    arn = pca.issue_certificate(CertificateAuthorityArn=authority, Csr=request(), SigningAlgorithm="SHA256WITHECDSA",
                                TemplateArn=TEMPLATE + "EndEntityCertificate/V1",
                                Validity={"Type": "DAYS", "Value": 1})["CertificateArn"]
    members = {"CertificateAuthorityArn": authority, "CertificateArn": arn}
    pca.get_waiter("certificate_issued").wait(**members, WaiterConfig={"Delay": 1, "MaxAttempts": 5})
    assert f"{parse(pca.get_certificate(**members)).serial_number:x}" == arn.rpartition("/")[2]
    with refused("ResourceNotFoundException", "certificate"):
        pca.get_certificate(**members | {"CertificateArn": arn[:-4] + "0000"})
    with refused("InvalidArnException", "not one of"):
        pca.get_certificate(**members | {"CertificateArn": "arn:aws:acm-pca:us-east-1:1:certificate-authority/x/certificate/1"})


def test_what_cannot_be_signed_is_told_when_it_is_fetched(cloud: Cloud, pca: Any, authority: str) -> None:
    said = {"Extensions": {"SubjectAlternativeNames": [{"IpAddress": "not an address"}]}}
    arn = pca.issue_certificate(
        CertificateAuthorityArn=authority, Csr=request(), SigningAlgorithm="SHA256WITHECDSA", ApiPassthrough=said,
        TemplateArn=TEMPLATE + "EndEntityCertificate_APIPassthrough/V1",
        Validity={"Type": "DAYS", "Value": 1})["CertificateArn"]
    cloud.clock.idle()
    with refused("RequestFailedException", "not an address"):
        pca.get_certificate(CertificateAuthorityArn=authority, CertificateArn=arn)
