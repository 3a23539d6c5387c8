"""What happens unasked in ACM: validation, issue, renewal, expiry."""

from __future__ import annotations

import asyncio

from cumulet.kernel import AwsError, Call, task, timer

from . import approvals, events, private
from .issuing import PRIVATE_RENEWED_BEFORE, RENEWED_BEFORE, leaf, load_key, new_key
from .pem import parse, pem, take
from .resources import Certificate

VALIDATED_AFTER = 5.0          # seconds from the request until names are taken as validated by DNS
_FETCHED_AFTER = 1.0
_GIVEN_UP_AFTER = 72 * 3600.0
_DAY = 86400.0
_SERIAL_DIGITS = 32


def await_validation(call: Call, row: Certificate) -> None:
    """DNS is not asked: its records count as found after a few seconds. Mails go into the mailbox, and are answered or not."""
    if row.ValidationMethod == "DNS":
        call.at(call.now + VALIDATED_AFTER, validated, name=row.id, arn=row.CertificateArn)
    elif row.type == "PRIVATE":
        call.task(issue, arn=row.CertificateArn)
    else:
        for one in row.validations:
            approvals.send(call, row, one)
        call.put(row)
        give_up_later(call, row)


def give_up_later(call: Call, row: Certificate) -> None:
    """Unless somebody approves within 72 hours of the last mail."""
    call.at(call.now + _GIVEN_UP_AFTER, given_up, name=row.id, arn=row.CertificateArn)


def approve(call: Call, id: str, name: str, secret: str) -> bool:
    """Somebody followed the link of a mail; False when it is not good any more. With the last name, the certificate comes."""
    row = call.table(Certificate).get(call.arn(Certificate(CertificateArn="", id=id, type="", status="")))
    if row is None or not approvals.mark(row, name, secret):
        return False
    call.put(row)
    if all(one["ValidationStatus"] == "SUCCESS" for one in row.validations):
        call.cancel(given_up, row.id)
        call.task(issue, arn=row.CertificateArn)
    return True


@timer
def validated(call: Call, arn: str) -> None:
    """The names of a certificate are validated; now it can be issued."""
    row = call.table(Certificate).get(arn)
    if row is not None and row.status == "PENDING_VALIDATION":
        call.table(Certificate).change(
            arn, validations=[one | {"ValidationStatus": "SUCCESS"} for one in row.validations])
        call.task(issue, arn=arn)


@timer
def given_up(call: Call, arn: str) -> None:
    """Nobody answered in 72 hours."""
    row = call.table(Certificate).get(arn)
    if row is not None and row.status == "PENDING_VALIDATION":
        call.table(Certificate).change(
            arn, status="VALIDATION_TIMED_OUT",
            validations=[one | {"ValidationStatus": "FAILED"} for one in row.validations])


@task(retries=5)
async def issue(call: Call, arn: str) -> None:
    """Make a key, which takes long, beside the loop; then the certificate."""
    row = await call.run(lambda call: call.table(Certificate).get(arn))
    if row is not None and row.status in ("PENDING_VALIDATION", "ISSUED"):
        key = await asyncio.to_thread(new_key, row.KeyAlgorithm)
        await call.run(asked if row.type == "PRIVATE" else issued, arn, key)


def issued(call: Call, arn: str, key: bytes) -> None:
    """The first certificate of a row, or its renewal."""
    row = call.table(Certificate).get(arn)
    if row is None or row.status not in ("PENDING_VALIDATION", "ISSUED"):
        return
    again = row.status == "ISSUED"
    authority = call.authority()
    signed = leaf(authority, load_key(key), row.SubjectAlternativeNames, call.now, _serial(call))
    row.private = call.seal(key, arn.encode())
    take(row, signed, pem([authority[1]]))
    complete(call, row, again)


def asked(call: Call, arn: str, key: bytes) -> None:
    """Ask AWS Private CA for the certificate of a key."""
    row = call.table(Certificate).get(arn)
    if row is None or row.status not in ("PENDING_VALIDATION", "ISSUED"):
        return
    try:
        row.private_arn = private.ask(call, row, load_key(key))
    except AwsError as problem:
        failed(call, row, private.reason(problem.code))
        return
    row.next_private = call.seal(key, arn.encode())
    call.put(row)
    call.at(call.now + _FETCHED_AFTER, fetch, name=row.id, arn=arn)


@timer
def fetch(call: Call, arn: str) -> None:
    """The certificate that AWS Private CA was asked for; again a little later when it is not ready."""
    row = call.table(Certificate).get(arn)
    if row is None or not row.next_private:
        return
    try:
        certificate, chain = private.fetch(call, row)
    except AwsError as problem:
        if problem.code == "RequestInProgressException":
            call.at(call.now + _FETCHED_AFTER, fetch, name=row.id, arn=arn)
        else:
            failed(call, row, private.reason(problem.code))
        return
    again = row.status == "ISSUED"
    row.private, row.next_private = row.next_private, b""
    take(row, parse(certificate), chain)
    complete(call, row, again)


def failed(call: Call, row: Certificate, why: str) -> None:
    """A request that comes to nothing; or a renewal, and then the certificate stays as it is."""
    row.next_private = b""
    if row.status == "ISSUED":
        row.renewal = {"RenewalStatus": "FAILED", "UpdatedAt": call.now, "DomainValidationOptions": row.validations,
                       "RenewalStatusReason": why}
        events.action_required(call, row)
    else:
        row.status, row.failure = "FAILED", why
    call.put(row)


def complete(call: Call, row: Certificate, again: bool) -> None:
    """A row has a new certificate: say so, and look after its end."""
    row.status = "ISSUED"
    if again:
        row.exported = False
        row.renewal = {"RenewalStatus": "SUCCESS", "UpdatedAt": call.now, "DomainValidationOptions": row.validations}
    else:
        row.issued_at = call.now
    call.put(row)
    watch(call, row)
    events.available(call, row, "RENEWAL" if again else "ISSUANCE")


def watch(call: Call, row: Certificate) -> None:
    """Timers for the end of a certificate, and for what comes before it."""
    assert row.not_after is not None
    call.at(row.not_after, expired, name=row.id, arn=row.CertificateArn)
    call.at(events.warned_from(call, row), approaching, name=row.id, arn=row.CertificateArn)
    if row.type != "IMPORTED":
        days = PRIVATE_RENEWED_BEFORE if row.type == "PRIVATE" else RENEWED_BEFORE
        call.at(row.not_after - days * _DAY, renewal, name=row.id, arn=row.CertificateArn)


@timer
def renewal(call: Call, arn: str) -> None:
    """Renew what somebody uses: a certificate that was exported, or that a service holds."""
    row = call.table(Certificate).get(arn)
    if row is not None and events.eligible(row):
        renew(call, row)


def renew(call: Call, row: Certificate) -> None:
    """A new key and certificate under the same ARN; from a private authority only with its owner's permission."""
    if row.type == "PRIVATE" and not private.permitted(call, row):
        failed(call, row, "PCA_ACCESS_DENIED")
        return
    row.renewal = {"RenewalStatus": "PENDING_AUTO_RENEWAL", "UpdatedAt": call.now, "DomainValidationOptions": row.validations}
    call.put(row)
    call.task(issue, arn=row.CertificateArn)


@timer
def approaching(call: Call, arn: str) -> None:
    """Once a day, from some days before the end."""
    row = call.table(Certificate).get(arn)
    if row is None or row.status != "ISSUED" or row.not_after is None or call.now >= row.not_after:
        return
    start = events.warned_from(call, row)
    if call.now >= start:
        events.approaching(call, row)
    days = max(0, int((call.now - start) // _DAY) + 1)
    call.at(start + days * _DAY, approaching, name=row.id, arn=arn)


@timer
def expired(call: Call, arn: str) -> None:
    """The end."""
    row = call.table(Certificate).get(arn)
    if row is not None and row.status == "ISSUED" and row.not_after is not None and row.not_after <= call.now:
        row.status = "EXPIRED"
        call.put(row)
        events.expired(call, row)


def forget(call: Call, row: Certificate) -> None:
    """No timer of a certificate that is gone."""
    for what in (validated, given_up, fetch, expired, approaching, renewal):
        call.cancel(what, row.id)


def _serial(call: Call) -> int:
    """Positive, and 16 bytes long."""
    return int("1" + call.token(_SERIAL_DIGITS - 1), 16)
