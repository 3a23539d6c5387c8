"""Validation by mail: links in the mailbox lead to a page where the owner of a domain approves."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from email import message_from_bytes
from typing import Any

import pytest
from botocore.exceptions import ClientError

from conftest import Cloud
from cumulet.kernel.record import mailbox
from services.acm.certificates import detail, request


@pytest.fixture
def acm(cloud: Cloud) -> Any:
    return cloud.client("acm")


def mails(cloud: Cloud) -> list[tuple[str, list[str], str]]:
    """Subject, recipients and link of each mail, the newest first."""
    async def read() -> Any:
        return await cloud.kernel.store.run(lambda tx: mailbox.newest(tx, cloud.account, "mail", "", 0, 50))

    found = []
    for sent in cloud.thread.call(read()):
        text = message_from_bytes(sent.raw).get_payload(decode=True)
        link = re.search(rb"^https?://[^/]+(/_acm/\S+)$", text, re.MULTILINE)
        assert link is not None
        found.append((sent.subject, sent.to, cloud.endpoint + link[1].decode()))
    return found


def follow(link: str, press: bool = True, origin: str = "") -> int:
    asked = urllib.request.Request(link, method="POST" if press else "GET", headers={"Origin": origin} if origin else {})
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:
            assert b"pprove" in answer.read()
            return int(answer.status)
    except urllib.error.HTTPError as problem:
        return problem.code


def statuses(acm: Any, arn: str) -> list[str]:
    return [one["ValidationStatus"] for one in detail(acm, arn)["DomainValidationOptions"]]


def test_a_certificate_is_issued_when_all_its_names_are_approved(cloud: Cloud, acm: Any) -> None:
    arn = request(acm, "www.example.com", SubjectAlternativeNames=["api.example.com"], ValidationMethod="EMAIL",
                  DomainValidationOptions=[{"DomainName": "api.example.com", "ValidationDomain": "example.com"}])
    second, first = mails(cloud)
    assert first[0] == "Certificate approval for www.example.com"
    assert "admin@www.example.com" in first[1]
    assert "admin@example.com" in second[1]
    assert follow(first[2], press=False) == 200
    assert statuses(acm, arn) == ["PENDING_VALIDATION"] * 2                # to look is not to approve
    assert follow(first[2], origin="http://evil.example") == 403
    assert follow(first[2][:-1] + "_") == 404
    assert follow(first[2]) == 200
    cloud.clock.idle()
    assert statuses(acm, arn) == ["SUCCESS", "PENDING_VALIDATION"]
    assert detail(acm, arn)["Status"] == "PENDING_VALIDATION"
    assert follow(first[2]) == 404
    assert follow(second[2]) == 200
    cloud.clock.idle()
    assert detail(acm, arn)["Status"] == "ISSUED"
    cloud.clock.advance(73 * 3600)
    assert detail(acm, arn)["Status"] == "ISSUED"


def test_a_mail_is_sent_again_and_its_link_alone_is_good(cloud: Cloud, acm: Any) -> None:
    arn = request(acm, "www.example.com", ValidationMethod="EMAIL")
    first, = mails(cloud)
    cloud.clock.advance(71 * 3600)
    acm.resend_validation_email(CertificateArn=arn, Domain="www.example.com", ValidationDomain="example.com")
    again = mails(cloud)[0]
    assert "hostmaster@example.com" in again[1]
    cloud.clock.advance(70 * 3600)
    assert detail(acm, arn)["Status"] == "PENDING_VALIDATION"             # 72 hours from the last mail
    assert follow(first[2]) == 404
    assert follow(again[2]) == 200
    cloud.clock.idle()
    assert detail(acm, arn)["Status"] == "ISSUED"


def test_nobody_approves(cloud: Cloud, acm: Any) -> None:
    arn = request(acm, "www.example.com", ValidationMethod="EMAIL")
    sent, = mails(cloud)
    cloud.clock.advance(73 * 3600)
    assert detail(acm, arn)["Status"] == "VALIDATION_TIMED_OUT"
    assert follow(sent[2]) == 404


@pytest.mark.parametrize(("method", "domain", "validation", "code"), [
    ("DNS", "www.example.com", "example.com", "InvalidStateException"),
    ("EMAIL", "other.example.com", "example.com", "InvalidDomainValidationOptionsException"),
    ("EMAIL", "www.example.com", "example.org", "InvalidDomainValidationOptionsException")])
def test_what_cannot_be_sent_again(acm: Any, method: str, domain: str, validation: str, code: str) -> None:
    arn = request(acm, "www.example.com", ValidationMethod=method)
    with pytest.raises(ClientError) as problem:
        acm.resend_validation_email(CertificateArn=arn, Domain=domain, ValidationDomain=validation)
    assert problem.value.response["Error"]["Code"] == code
