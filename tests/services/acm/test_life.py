"""A certificate's life after its issue: options, export, renewal, revocation, expiry, warnings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from conftest import Cloud
from services.acm.certificates import detail, issued, openssl, request
from services.sqs.queues import refused

DAY = 86400


@pytest.fixture
def acm(cloud: Cloud) -> Any:
    return cloud.client("acm")


@pytest.mark.parametrize("algorithm", ["RSA_2048", "EC_prime256v1", "EC_secp384r1"])
def test_an_exported_key_belongs_to_the_certificate(cloud: Cloud, acm: Any, tmp_path: Path, algorithm: str) -> None:
    arn = issued(cloud, acm, KeyAlgorithm=algorithm, Options={"Export": "ENABLED"})
    answer = acm.export_certificate(CertificateArn=arn, Passphrase=b"open sesame")
    assert answer["PrivateKey"].startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert answer["Certificate"] == acm.get_certificate(CertificateArn=arn)["Certificate"]
    (tmp_path / "key.pem").write_text(answer["PrivateKey"])
    (tmp_path / "leaf.pem").write_text(answer["Certificate"])
    public = openssl("pkey", "-in", tmp_path / "key.pem", "-passin", "pass:open sesame", "-pubout")
    assert public == openssl("x509", "-in", tmp_path / "leaf.pem", "-noout", "-pubkey")
    assert detail(acm, arn)["RenewalEligibility"] == "ELIGIBLE"
    with refused("ValidationException", "passphrase"):
        acm.export_certificate(CertificateArn=arn, Passphrase=b"50%off")


def test_what_cannot_be_exported(cloud: Cloud, acm: Any) -> None:
    with refused("RequestInProgressException", "PENDING_VALIDATION"):
        acm.export_certificate(CertificateArn=request(acm, Options={"Export": "ENABLED"}), Passphrase=b"abcd")
    with refused("ValidationException", "not exportable"):
        acm.export_certificate(CertificateArn=issued(cloud, acm), Passphrase=b"abcd")


def test_keys_do_not_lie_readable_in_the_state(cloud: Cloud, acm: Any) -> None:
    arn = issued(cloud, acm, Options={"Export": "ENABLED"})
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
        load_pem_private_key,
    )

    key = load_pem_private_key(acm.export_certificate(CertificateArn=arn, Passphrase=b"abcd")["PrivateKey"].encode(), b"abcd")
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    rows = cloud.thread.call(cloud.kernel.store.run(lambda tx: tx.table(
        cloud.kernel.catalog.resource("AWS::CertificateManager::Certificate"), cloud.account, "us-east-1").scan()))
    sealed = next(row.private for row in rows if row.CertificateArn == arn)
    assert sealed
    assert plain[-40:] not in sealed


def test_an_exported_certificate_is_renewed_by_the_clock(cloud: Cloud, acm: Any) -> None:
    arn = issued(cloud, acm, Options={"Export": "ENABLED"})
    acm.export_certificate(CertificateArn=arn, Passphrase=b"abcd")
    before = detail(acm, arn)
    assert "RenewalSummary" not in before
    cloud.clock.advance(152 * DAY)
    assert detail(acm, arn)["Serial"] == before["Serial"]
    cloud.clock.advance(2 * DAY)
    after = detail(acm, arn)
    assert after["Serial"] != before["Serial"]
    assert after["NotAfter"] > before["NotAfter"]
    assert (after["Status"], after["RenewalSummary"]["RenewalStatus"]) == ("ISSUED", "SUCCESS")
    assert after["RenewalEligibility"] == "INELIGIBLE"
    assert acm.get_certificate(CertificateArn=arn)["Certificate"]
    cloud.clock.advance(60 * DAY)
    assert detail(acm, arn)["Status"] == "ISSUED"


def test_what_nobody_uses_expires(cloud: Cloud, acm: Any) -> None:
    arn = issued(cloud, acm)
    serial = detail(acm, arn)["Serial"]
    cloud.clock.advance(199 * DAY)
    assert (detail(acm, arn)["Status"], detail(acm, arn)["Serial"]) == ("EXPIRED", serial)
    with refused("ValidationException", "not eligible"):
        acm.renew_certificate(CertificateArn=arn)


def test_renewal_on_demand(cloud: Cloud, acm: Any) -> None:
    arn = issued(cloud, acm, Options={"Export": "ENABLED"})
    with refused("ValidationException", "not eligible"):
        acm.renew_certificate(CertificateArn=arn)
    acm.export_certificate(CertificateArn=arn, Passphrase=b"abcd")
    before = detail(acm, arn)["Serial"]
    acm.renew_certificate(CertificateArn=arn)
    cloud.clock.idle()
    assert detail(acm, arn)["Serial"] != before


def test_revoked_is_only_what_was_exported(cloud: Cloud, acm: Any) -> None:
    arn = issued(cloud, acm, Options={"Export": "ENABLED"})
    with refused("ValidationException", "exported"):
        acm.revoke_certificate(CertificateArn=arn, RevocationReason="KEY_COMPROMISE")
    acm.export_certificate(CertificateArn=arn, Passphrase=b"abcd")
    assert acm.revoke_certificate(CertificateArn=arn, RevocationReason="KEY_COMPROMISE")["CertificateArn"] == arn
    told = detail(acm, arn)
    assert (told["Status"], told["RevocationReason"]) == ("REVOKED", "KEY_COMPROMISE")
    assert "RevokedAt" in told
    with refused("ConflictException", "already revoked"):
        acm.revoke_certificate(CertificateArn=arn, RevocationReason="UNSPECIFIED")
    with refused("ValidationException", "REVOKED"):
        acm.export_certificate(CertificateArn=arn, Passphrase=b"abcd")


def test_from_mail_to_dns(cloud: Cloud, acm: Any) -> None:
    arn = request(acm, ValidationMethod="EMAIL")
    acm.update_certificate_options(CertificateArn=arn, Options={"ValidationMethod": "DNS"})
    told = detail(acm, arn)
    assert told["UpdateSummary"]["DomainValidationMethodUpdateSummary"] == {"From": "EMAIL", "To": "DNS"}
    assert told["DomainValidationOptions"][0]["ResourceRecord"]["Type"] == "CNAME"
    with refused("ValidationException", "from EMAIL to DNS only"):
        acm.update_certificate_options(CertificateArn=arn, Options={"ValidationMethod": "EMAIL"})
    cloud.clock.advance(10)
    assert detail(acm, arn)["Status"] == "ISSUED"


def test_options(acm: Any) -> None:
    arn = request(acm)
    acm.update_certificate_options(CertificateArn=arn, Options={"CertificateTransparencyLoggingPreference": "DISABLED"})
    assert detail(acm, arn)["Options"] == {"CertificateTransparencyLoggingPreference": "DISABLED", "Export": "DISABLED"}
    with refused("ValidationException", "export option"):
        acm.update_certificate_options(CertificateArn=arn, Options={"Export": "ENABLED"})


def test_settings_of_an_account(acm: Any) -> None:
    assert acm.get_account_configuration()["ExpiryEvents"] == {"DaysBeforeExpiry": 45}
    acm.put_account_configuration(IdempotencyToken="one", ExpiryEvents={"DaysBeforeExpiry": 10})
    acm.put_account_configuration(IdempotencyToken="one", ExpiryEvents={"DaysBeforeExpiry": 20})
    assert acm.get_account_configuration()["ExpiryEvents"] == {"DaysBeforeExpiry": 10}
    with refused("ValidationException", "between 1 and 45"):
        acm.put_account_configuration(IdempotencyToken="two", ExpiryEvents={"DaysBeforeExpiry": 46})


def test_events_of_a_life(cloud: Cloud, acm: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(cloud.kernel.bus, "emit", lambda call, source, kind, detail, resources: heard.append((kind, detail))
                        if call.account == cloud.account else None)
    acm.put_account_configuration(IdempotencyToken="one", ExpiryEvents={"DaysBeforeExpiry": 3})
    issued(cloud, acm)
    cloud.clock.advance(199 * DAY)
    kinds = [kind for kind, _ in heard]
    assert kinds[0] == "ACM Certificate Available"
    assert heard[0][1]["Action"] == "ISSUANCE"
    assert heard[0][1]["DaysToExpiry"] in (197, 198)
    assert kinds[1:] == ["ACM Certificate Approaching Expiration"] * 3 + ["ACM Certificate Expired"]
    assert [detail["DaysToExpiry"] for _, detail in heard[1:4]] == [3, 2, 1]
    assert heard[1][1]["CommonName"] == "www.example.com"
