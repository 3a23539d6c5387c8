"""SearchCertificates: conditions, order, pages, and what is told."""

from __future__ import annotations

from typing import Any

import pytest

from conftest import Cloud
from services.acm.certificates import detail, issued, request
from services.sqs.queues import refused


@pytest.fixture
def acm(cloud: Cloud) -> Any:
    return cloud.client("acm")


def found(acm: Any, **members: Any) -> list[str]:
    return [one["CertificateArn"] for one in acm.search_certificates(**members)["Results"]]


def x509(**said: Any) -> dict[str, Any]:
    return {"Filter": {"X509AttributeFilter": said}}


def metadata(**said: Any) -> dict[str, Any]:
    return {"Filter": {"AcmCertificateMetadataFilter": said}}


def test_conditions(cloud: Cloud, acm: Any) -> None:
    first = issued(cloud, acm, "shop.example.com", SubjectAlternativeNames=["pay.example.org"])
    second = request(acm, "www.example.com", KeyAlgorithm="RSA_2048", Options={"Export": "ENABLED"})
    told = detail(acm, first)
    name = {"Value": "SHOP", "ComparisonOperator": "CONTAINS"}
    for statement, expected in (
            (x509(Subject={"CommonName": name}), {first}),
            (x509(Subject={"CommonName": name | {"ComparisonOperator": "EQUALS"}}), set()),
            (x509(SubjectAlternativeName={"DnsName": {"Value": "pay.example.org", "ComparisonOperator": "EQUALS"}}), {first}),
            (x509(KeyAlgorithm="RSA_2048"), {second}), (x509(KeyUsage="DIGITAL_SIGNATURE"), {first}),
            (x509(ExtendedKeyUsage="TLS_WEB_SERVER_AUTHENTICATION"), {first}), (x509(SerialNumber=told["Serial"]), {first}),
            (x509(NotAfter={"Start": told["NotAfter"]}), {first}), (x509(NotAfter={"End": told["NotBefore"]}), set()),
            (metadata(Status="PENDING_VALIDATION"), {second}), (metadata(ExportOption="ENABLED"), {second}),
            (metadata(InUse=False), {first, second}), (metadata(ValidationMethod="EMAIL"), set()),
            ({"Filter": {"CertificateArn": second}}, {second}), ({"Not": metadata(Status="ISSUED")}, {second}),
            ({"And": [metadata(Type="AMAZON_ISSUED"), x509(KeyAlgorithm="EC_prime256v1")]}, {first}),
            ({"Or": [metadata(Status="ISSUED"), {"Not": metadata(Exported=True)}]}, {first, second})):
        assert set(found(acm, FilterStatement=statement)) == expected, statement
    with refused("ValidationException", "exactly one"):
        found(acm, FilterStatement={"Not": metadata(Type="PRIVATE"), "And": [metadata(Type="PRIVATE")]})
    with refused("ValidationException", "exactly one"):
        found(acm, FilterStatement=metadata(Type="PRIVATE", Status="ISSUED"))


def test_what_is_told(cloud: Cloud, acm: Any) -> None:
    arn = issued(cloud, acm)
    one, = acm.search_certificates()["Results"]
    told = detail(acm, arn)
    attributes, about = one["X509Attributes"], one["CertificateMetadata"]["AcmCertificateMetadata"]
    assert attributes["Subject"] == {"CommonName": "www.example.com"}
    assert attributes["Issuer"]["CommonName"] == told["Issuer"]
    assert attributes["SubjectAlternativeNames"] == [{"DnsName": "www.example.com"}]
    assert (attributes["SerialNumber"], attributes["NotAfter"]) == (told["Serial"], told["NotAfter"])
    assert (about["Status"], about["Type"], about["CertificateKeyPairOrigin"]) == ("ISSUED", "AMAZON_ISSUED", "AWS_MANAGED")


def test_order_and_pages(cloud: Cloud, acm: Any) -> None:
    arns = {name: request(acm, f"{name}.example.com") for name in ("c", "a", "b")}
    pages = acm.get_paginator("search_certificates")
    for order, names in (("ASCENDING", "abc"), ("DESCENDING", "cba")):
        listed = [one["CertificateArn"] for page in pages.paginate(
            SortBy="COMMON_NAME", SortOrder=order, PaginationConfig={"PageSize": 2}) for one in page["Results"]]
        assert listed == [arns[name] for name in names]
    for by in ("NOT_AFTER", "IN_USE", "ACME_ACCOUNT_ID", "RENEWAL_STATUS", "CERTIFICATE_KEY_PAIR_ORIGIN"):
        assert set(found(acm, SortBy=by, SortOrder="ASCENDING")) == set(arns.values())
