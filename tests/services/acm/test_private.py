"""Certificates of AWS Private CA, requested, exported, renewed and revoked through ACM."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from conftest import Cloud
from services.acm.certificates import detail, openssl
from services.acm_pca.authorities import root
from services.sqs.queues import refused

DAY = 86400


@pytest.fixture
def acm(cloud: Cloud) -> Any:
    return cloud.client("acm")


@pytest.fixture
def pca(cloud: Cloud) -> Any:
    return cloud.client("acm-pca")


def private(cloud: Cloud, acm: Any, authority: str, **more: Any) -> str:
    arn = acm.request_certificate(**{"DomainName": "in.example.com", "CertificateAuthorityArn": authority,
                                     "KeyAlgorithm": "EC_prime256v1"} | more)["CertificateArn"]
    cloud.clock.idle()
    cloud.clock.advance(5)
    return str(arn)


def allow(pca: Any, authority: str) -> None:
    pca.create_permission(CertificateAuthorityArn=authority, Principal="acm.amazonaws.com",
                          Actions=["IssueCertificate", "GetCertificate", "ListPermissions"])


def test_a_private_certificate_comes_with_its_key(cloud: Cloud, acm: Any, pca: Any, tmp_path: Path) -> None:
    authority = root(cloud, pca)
    arn = private(cloud, acm, authority, SubjectAlternativeNames=["db.example.com"])
    told = detail(acm, arn)
    assert (told["Status"], told["Type"], told["CertificateAuthorityArn"]) == ("ISSUED", "PRIVATE", authority)
    assert "DomainValidationOptions" not in told
    assert (told["NotAfter"] - told["NotBefore"]).days == 395
    assert told["Issuer"] == "Example"
    exported = acm.export_certificate(CertificateArn=arn, Passphrase=b"abcd")
    (tmp_path / "key.pem").write_text(exported["PrivateKey"])
    (tmp_path / "leaf.pem").write_text(exported["Certificate"])
    (tmp_path / "root.pem").write_text(exported["CertificateChain"])
    assert "OK" in openssl("verify", "-verify_hostname", "db.example.com", "-CAfile", tmp_path / "root.pem",
                           tmp_path / "leaf.pem")
    assert openssl("pkey", "-in", tmp_path / "key.pem", "-passin", "pass:abcd", "-pubout") == \
        openssl("x509", "-in", tmp_path / "leaf.pem", "-noout", "-pubkey")


def test_it_is_renewed_with_the_permission_of_the_authority(cloud: Cloud, acm: Any, pca: Any) -> None:
    authority = root(cloud, pca)
    arn = private(cloud, acm, authority)
    acm.export_certificate(CertificateArn=arn, Passphrase=b"abcd")
    before = detail(acm, arn)["Serial"]
    acm.renew_certificate(CertificateArn=arn)
    told = detail(acm, arn)
    assert (told["RenewalSummary"]["RenewalStatus"], told["RenewalSummary"]["RenewalStatusReason"]) == (
        "FAILED", "PCA_ACCESS_DENIED")
    assert (told["Status"], told["Serial"]) == ("ISSUED", before)
    allow(pca, authority)
    cloud.clock.advance(337 * DAY)
    told = detail(acm, arn)
    assert told["RenewalSummary"]["RenewalStatus"] == "SUCCESS"
    assert told["Serial"] != before
    exported = acm.export_certificate(CertificateArn=arn, Passphrase=b"abcd")
    assert x509.load_pem_x509_certificate(exported["Certificate"].encode()).serial_number \
        == int(told["Serial"].replace(":", ""), 16)


def test_requests_that_the_authority_refuses_fail(cloud: Cloud, acm: Any, pca: Any) -> None:
    none = f"arn:aws:acm-pca:us-east-1:{cloud.account}:certificate-authority/none"
    short, stopped = root(cloud, pca, years=1), root(cloud, pca)
    pca.update_certificate_authority(CertificateAuthorityArn=stopped, Status="DISABLED")
    for authority, why in ((none, "PCA_RESOURCE_NOT_FOUND"), (stopped, "PCA_INVALID_STATE"), (short, "PCA_INVALID_DURATION")):
        told = detail(acm, private(cloud, acm, authority))
        assert (told["Status"], told["FailureReason"]) == ("FAILED", why)
    with refused("InvalidParameterException", "ValidationMethod"):
        private(cloud, acm, short, ValidationMethod="DNS")


def test_revoking_revokes_at_the_authority(cloud: Cloud, acm: Any, pca: Any) -> None:
    authority = root(cloud, pca)
    arn = private(cloud, acm, authority)
    acm.export_certificate(CertificateArn=arn, Passphrase=b"abcd")
    acm.revoke_certificate(CertificateArn=arn, RevocationReason="SUPERCEDED")
    assert detail(acm, arn)["Status"] == "REVOKED"
    with refused("RequestAlreadyProcessedException", "already"):
        pca.revoke_certificate(CertificateAuthorityArn=authority, CertificateSerial=detail(acm, arn)["Serial"],
                               RevocationReason="UNSPECIFIED")
