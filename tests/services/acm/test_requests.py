"""Certificates requested, validated, issued, told, deleted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from conftest import Cloud
from services.acm.certificates import detail, issued, openssl, request
from services.sqs.queues import refused


@pytest.fixture
def acm(cloud: Cloud) -> Any:
    return cloud.client("acm")


def test_a_request_waits_for_its_validation_by_dns(cloud: Cloud, acm: Any) -> None:
    arn = request(acm, "*.Example.com", SubjectAlternativeNames=["example.com", "*.example.com", "a.example.org"])
    assert arn.startswith(f"arn:aws:acm:us-east-1:{cloud.account}:certificate/")
    told = detail(acm, arn)
    assert told["Status"] == "PENDING_VALIDATION"
    assert told["SubjectAlternativeNames"] == ["*.example.com", "example.com", "a.example.org"]
    assert (told["Type"], told["InUseBy"], told["RenewalEligibility"]) == ("AMAZON_ISSUED", [], "INELIGIBLE")
    wild, apex, other = told["DomainValidationOptions"]
    assert wild["ResourceRecord"] == apex["ResourceRecord"] != other["ResourceRecord"]
    assert wild["ResourceRecord"]["Type"] == "CNAME"
    assert wild["ResourceRecord"]["Name"].endswith(".example.com.")
    assert wild["ResourceRecord"]["Value"].endswith(".acm-validations.aws.")
    assert wild["ValidationStatus"] == "PENDING_VALIDATION"
    with refused("RequestInProgressException", "PENDING_VALIDATION"):
        acm.get_certificate(CertificateArn=arn)
    again = detail(acm, request(acm, "example.com"))
    assert again["DomainValidationOptions"][0]["ResourceRecord"] == apex["ResourceRecord"]
    theirs = cloud.other().client("acm")
    assert detail(theirs, request(theirs, "example.com"))["DomainValidationOptions"][0]["ResourceRecord"] \
        != apex["ResourceRecord"]


def test_it_is_issued_by_the_local_authority(cloud: Cloud, acm: Any, tmp_path: Path) -> None:
    arn = issued(cloud, acm, SubjectAlternativeNames=["example.com", "*.example.com"], KeyAlgorithm="RSA_2048")
    told = detail(acm, arn)
    assert {one["ValidationStatus"] for one in told["DomainValidationOptions"]} == {"SUCCESS"}
    assert told["KeyUsages"] == [{"Name": "DIGITAL_SIGNATURE"}, {"Name": "KEY_ENCIPHERMENT"}]
    assert told["ExtendedKeyUsages"] == [{"Name": "TLS_WEB_SERVER_AUTHENTICATION", "OID": "1.3.6.1.5.5.7.3.1"}]
    assert (told["KeyAlgorithm"], told["Subject"]) == ("RSA_2048", "CN=www.example.com")
    assert told["SignatureAlgorithm"] == "SHA256WITHECDSA"
    assert (told["NotAfter"] - told["NotBefore"]).days == 197
    answer = acm.get_certificate(CertificateArn=arn)
    certificate = x509.load_pem_x509_certificate(answer["Certificate"].encode())
    assert certificate.serial_number == int(told["Serial"].replace(":", ""), 16)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["www.example.com", "example.com", "*.example.com"]
    (tmp_path / "leaf.pem").write_text(answer["Certificate"])
    (tmp_path / "chain.pem").write_text(answer["CertificateChain"])
    assert "OK" in openssl("verify", "-verify_hostname", "shop.example.com", "-CAfile", tmp_path / "chain.pem",
                           tmp_path / "leaf.pem")
    trusted = Path(cloud.kernel.settings.data) / "tls" / "ca.pem"
    assert trusted.read_text() == answer["CertificateChain"]


def test_the_waiter_of_boto_ends(cloud: Cloud, acm: Any) -> None:
    arn = issued(cloud, acm)
    acm.get_waiter("certificate_validated").wait(CertificateArn=arn, WaiterConfig={"Delay": 0, "MaxAttempts": 1})


def test_mail_is_not_answered_and_the_request_lapses_after_three_days(cloud: Cloud, acm: Any) -> None:
    arn = acm.request_certificate(
        DomainName="shop.example.com",
        DomainValidationOptions=[{"DomainName": "shop.example.com", "ValidationDomain": "example.com"}])["CertificateArn"]
    one = detail(acm, arn)["DomainValidationOptions"][0]
    assert (one["ValidationMethod"], one["ValidationDomain"]) == ("EMAIL", "example.com")
    assert sorted(one["ValidationEmails"]) == [f"{box}@example.com" for box in (
        "admin", "administrator", "hostmaster", "postmaster", "webmaster")]
    cloud.clock.advance(72 * 3600 - 60)
    assert detail(acm, arn)["Status"] == "PENDING_VALIDATION"
    cloud.clock.advance(120)
    assert detail(acm, arn)["Status"] == "VALIDATION_TIMED_OUT"
    assert detail(acm, arn)["DomainValidationOptions"][0]["ValidationStatus"] == "FAILED"


def test_a_token_makes_a_request_once_within_an_hour(cloud: Cloud, acm: Any) -> None:
    first = request(acm, IdempotencyToken="one")
    assert request(acm, IdempotencyToken="one") == first
    assert request(acm, IdempotencyToken="two") != first
    cloud.clock.advance(3700)
    second = request(acm, IdempotencyToken="one")
    assert second != first
    assert request(acm, IdempotencyToken="one") == second


@pytest.mark.parametrize(("members", "code"), [
    ({"domain": "a" * 63 + ".com"}, "InvalidParameterException"),
    ({"domain": "ab--cd.example.com"}, "InvalidParameterException"),
    ({"domain": "no_dot"}, "ValidationException"),
    ({"domain": "a.*.example.com"}, "ValidationException"),
    ({"SubjectAlternativeNames": [f"a{i}.example.com" for i in range(10)]}, "LimitExceededException"),
    ({"KeyAlgorithm": "RSA_4096"}, "InvalidParameterException"),
    ({"ValidationMethod": "HTTP"}, "InvalidParameterException"),
    ({"DomainValidationOptions": [{"DomainName": "other.com", "ValidationDomain": "other.com"}]},
     "InvalidDomainValidationOptionsException"),
    ({"DomainValidationOptions": [{"DomainName": "www.example.com", "ValidationDomain": "w.example.com"}]},
     "InvalidDomainValidationOptionsException"),
    ({"Tags": [{"Key": "aws:x", "Value": "1"}]}, "InvalidTagException"),
])
def test_what_a_request_may_not_say(acm: Any, members: dict[str, Any], code: str) -> None:
    with refused(code, ""):
        request(acm, **members)
    assert acm.list_tags_for_certificate(CertificateArn=request(acm))["Tags"] == []


def test_a_deleted_certificate_is_gone_and_never_issued(cloud: Cloud, acm: Any) -> None:
    arn = request(acm)
    acm.delete_certificate(CertificateArn=arn)
    cloud.clock.advance(60)
    for ask in (acm.describe_certificate, acm.get_certificate, acm.delete_certificate):
        with refused("ResourceNotFoundException", f"Could not find certificate {arn}."):
            ask(CertificateArn=arn)


def test_tags_in_older_and_newer_words(acm: Any) -> None:
    arn = request(acm, Tags=[{"Key": "a", "Value": "1"}])
    acm.add_tags_to_certificate(CertificateArn=arn, Tags=[{"Key": "b", "Value": "2"}, {"Key": "c"}])
    assert acm.list_tags_for_certificate(CertificateArn=arn)["Tags"] == [
        {"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}, {"Key": "c", "Value": ""}]
    acm.remove_tags_from_certificate(CertificateArn=arn, Tags=[{"Key": "a", "Value": "other"}, {"Key": "b", "Value": "2"}])
    assert acm.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "a", "Value": "1"}, {"Key": "c", "Value": ""}]
    acm.tag_resource(ResourceArn=arn, Tags=[{"Key": "d", "Value": "4"}])
    acm.untag_resource(ResourceArn=arn, TagKeys=["a", "c"])
    assert acm.list_tags_for_resource(ResourceArn=arn)["Tags"] == [{"Key": "d", "Value": "4"}]
    with refused("TooManyTagsException", "50"):
        acm.add_tags_to_certificate(CertificateArn=arn, Tags=[{"Key": f"k{i}", "Value": ""} for i in range(50)])
