"""ImportCertificate: a certificate from elsewhere, for the first time or again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import events
from ..background import watch
from ..imports import Given, check_again, read
from ..labels import added
from ..pem import common_name, dns_names, take
from ..resources import Certificate


@operation
def import_certificate(call: Call, Certificate: bytes, PrivateKey: bytes, CertificateArn: str | None = None,
                       CertificateChain: bytes = b"", Tags: Sequence[Mapping[str, str]] = ()) -> dict[str, Any]:
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_ImportCertificate.html"""
    given = read(Certificate, PrivateKey, CertificateChain, call.now)
    if CertificateArn is None:
        row = _new(call, Tags)
    else:
        if Tags:
            raise error.InvalidParameterException("Tags cannot be applied when a certificate is reimported.")
        row = _before(call, CertificateArn)
        check_again(row, given)
    _fill(call, row, given)
    call.put(row)
    watch(call, row)
    events.available(call, row, "REIMPORT" if CertificateArn else "IMPORT")
    return {"CertificateArn": row.CertificateArn}


def _new(call: Call, tags: Sequence[Mapping[str, str]]) -> Certificate:
    row = Certificate(CertificateArn="", id=call.uuid(), type="IMPORTED", status="ISSUED", created=call.now,
                      tags=added({}, tags))
    row.CertificateArn = call.arn(row)
    return row


def _before(call: Call, arn: str) -> Certificate:
    return call.get(Certificate, arn)


def _fill(call: Call, row: Certificate, given: Given) -> None:
    names = dns_names(given.certificate)
    row.DomainName = common_name(given.certificate.subject) or (names[0] if names else "")
    row.SubjectAlternativeNames = list(dict.fromkeys([row.DomainName, *names] if row.DomainName else names))
    row.private = call.seal(given.key, row.CertificateArn.encode())
    row.status, row.imported_at = "ISSUED", call.now
    take(row, given.certificate, given.chain)
