"""Certificates listed: filters, order, pages."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Cloud
from services.acm.certificates import issued, request
from services.sqs.queues import refused


@pytest.fixture
def acm(cloud: Cloud) -> Any:
    return cloud.client("acm")


def listed(acm: Any, **members: Any) -> list[str]:
    return [one["CertificateArn"] for one in acm.list_certificates(**members)["CertificateSummaryList"]]


def test_only_rsa_keys_are_listed_unless_others_are_asked_for(acm: Any) -> None:
    elliptic, classic = request(acm), request(acm, KeyAlgorithm="RSA_2048")
    assert listed(acm) == [classic]
    assert listed(acm, Includes={"keyTypes": ["EC_prime256v1"]}) == [elliptic]
    assert set(listed(acm, Includes={"keyTypes": ["EC_prime256v1", "RSA_2048"]})) == {elliptic, classic}


def test_filters(cloud: Cloud, acm: Any) -> None:
    done = issued(cloud, acm, KeyAlgorithm="RSA_2048", Options={"Export": "ENABLED"})
    waiting = request(acm, "b.example.com", KeyAlgorithm="RSA_2048")
    assert listed(acm, CertificateStatuses=["ISSUED"]) == [done]
    assert listed(acm, CertificateStatuses=["PENDING_VALIDATION", "FAILED"]) == [waiting]
    assert listed(acm, CertificateKeyPairOrigins=["CUSTOMER_PROVIDED"]) == []
    assert listed(acm, Includes={"exportOption": "ENABLED"}) == [done]
    assert listed(acm, Includes={"keyUsage": ["KEY_ENCIPHERMENT"]}) == [done]
    assert listed(acm, Includes={"keyUsage": ["CRL_SIGNING"]}) == []
    assert listed(acm, Includes={"extendedKeyUsage": ["TLS_WEB_SERVER_AUTHENTICATION"]}) == [done]
    assert listed(acm, Includes={"extendedKeyUsage": ["NONE"]}) == [waiting]
    assert listed(acm, Includes={"managedBy": "CLOUDFRONT"}) == []
    one = acm.list_certificates(CertificateStatuses=["ISSUED"])["CertificateSummaryList"][0]
    assert (one["DomainName"], one["Type"], one["InUse"], one["Exported"], one["ExportOption"]) == (
        "www.example.com", "AMAZON_ISSUED", False, False, "ENABLED")
    assert one["SubjectAlternativeNameSummaries"] == ["www.example.com"]
    assert one["HasAdditionalSubjectAlternativeNames"] is False


def test_order_and_pages(cloud: Cloud, acm: Any) -> None:
    arns = []
    for i in range(5):
        arns.append(request(acm, f"a{i}.example.com", KeyAlgorithm="RSA_2048", ValidationMethod="EMAIL"))
        cloud.clock.advance(1)
    pages = acm.get_paginator("list_certificates")
    for order, expected in (("ASCENDING", arns), ("DESCENDING", arns[::-1])):
        found = [one["CertificateArn"] for page in pages.paginate(
            SortBy="CREATED_AT", SortOrder=order, PaginationConfig={"PageSize": 2}) for one in page["CertificateSummaryList"]]
        assert found == expected
    with refused("ValidationException", "SortBy and SortOrder"):
        acm.list_certificates(SortBy="CREATED_AT")


def test_how_names_were_validated_is_paged(acm: Any) -> None:
    arn = request(acm, "a.example.com", SubjectAlternativeNames=["b.example.com", "c.example.com"])
    pages = acm.get_paginator("list_certificate_domain_validations").paginate(
        CertificateArn=arn, PaginationConfig={"PageSize": 2})
    found = [one for page in pages for one in page["DomainValidationSummaryList"]]
    assert [one["DomainName"] for one in found] == ["a.example.com", "b.example.com", "c.example.com"]
    active = found[1]["ActiveValidationConfiguration"]
    assert (active["ValidationMethod"], active["ValidationStatus"]) == ("DNS", "PENDING_VALIDATION")
    assert active["ValidationChallenge"]["DnsValidationChallenge"]["ResourceRecord"]["Name"].endswith(".b.example.com.")
    mail = acm.list_certificate_domain_validations(CertificateArn=request(acm, ValidationMethod="EMAIL"))
    challenge = mail["DomainValidationSummaryList"][0]["ActiveValidationConfiguration"]["ValidationChallenge"]
    assert challenge["EmailValidationChallenge"]["ValidationDomain"] == "www.example.com"
