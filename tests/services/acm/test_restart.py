"""What a stop in the midst of things leaves: it goes on."""

from __future__ import annotations

from pathlib import Path

from conftest import Cloud, Start, new_account
from services.acm.certificates import detail, request
from services.acm_pca.authorities import describe, issue, root
from services.acm_pca.authorities import request as csr


def test_certificates_go_on_after_a_restart(start_cloud: Start, tmp_path: Path) -> None:
    first = Cloud(start_cloud(data=tmp_path / "state"), new_account())
    waiting = request(first.client("acm"), KeyAlgorithm="RSA_2048")
    authority = root(first, first.client("acm-pca"))
    private = first.client("acm").request_certificate(
        DomainName="in.example.com", CertificateAuthorityArn=authority, KeyAlgorithm="EC_prime256v1")["CertificateArn"]
    first.thread.stop()
    second = Cloud(start_cloud(data=tmp_path / "state"), first.account)
    acm, pca = second.client("acm"), second.client("acm-pca")
    second.clock.idle()
    second.clock.advance(90)                 # a task that was stopped in its midst is taken up again after its lease
    for arn in (waiting, private):
        assert detail(acm, arn)["Status"] == "ISSUED"
    assert describe(pca, authority)["Status"] == "ACTIVE"
    assert issue(second, pca, authority, csr())["Certificate"]
    exported = acm.export_certificate(CertificateArn=private, Passphrase=b"abcd")
    second.thread.stop()
    third = Cloud(start_cloud(data=tmp_path / "state"), first.account)
    again = third.client("acm").export_certificate(CertificateArn=private, Passphrase=b"abcd")
    assert again["Certificate"] == exported["Certificate"]
    assert again["PrivateKey"].startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
