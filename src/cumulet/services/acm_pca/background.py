"""What happens unasked in AWS Private CA: keys, signatures, lists, reports, and ends."""

from __future__ import annotations

import asyncio

from cumulet.kernel import AwsError, Call, Spool, error, task, timer

from . import extensions, reports, revocation
from .authorities import bury
from .issuing import build
from .names import subject
from .resources import AuditReport, CertificateAuthority, Deleted, Issued, Permission
from .signing import load_key, new_key, pem, sign

_DAY = 86400.0
_AGAIN = 900.0                 # seconds until a list that could not be written is tried again
_PROBE = "acm-pca-permission-test-key"
_ACLS = {"PUBLIC_READ": "public-read", "BUCKET_OWNER_FULL_CONTROL": "bucket-owner-full-control"}


@task(retries=5)
async def create(call: Call, arn: str) -> None:
    """The key of a new authority, made beside the event loop."""
    row = await call.run(lambda call: call.table(CertificateAuthority).get(arn))
    if row is not None and row.status == "CREATING":
        key = await asyncio.to_thread(new_key, row.KeyAlgorithm)
        await call.run(created, arn, key)


def created(call: Call, arn: str, key: bytes) -> None:
    from cryptography import x509

    row = call.table(CertificateAuthority).get(arn)
    if row is None or row.status != "CREATING":
        return
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject(row.Subject))
    for value, critical in extensions.of_request(row.CsrExtensions or {}):
        builder = builder.add_extension(value, critical)
    row.csr = pem(sign(builder, load_key(key), row.SigningAlgorithm))
    row.private = call.seal(key, arn.encode())
    row.status, row.changed = "PENDING_CERTIFICATE", call.now
    call.put(row)
    call.emit("ACM Private CA Creation", {"result": "success"}, [arn])


@task(retries=5)
def issue(call: Call, arn: str, serial: str) -> None:
    """Sign a certificate that was asked for."""
    authority = call.table(CertificateAuthority).get(arn)
    row = call.table(Issued).get(authority.id, serial) if authority is not None else None
    if authority is None or row is None or row.certificate:
        return
    try:
        certificate = build(authority, call.unseal(authority.private, arn.encode()), row, call.region)
    except AwsError as problem:
        call.table(Issued).change(authority.id, serial, failure=problem.message)
        call.emit("ACM Private CA Certificate Issuance", {"result": "failure"}, [arn, f"{arn}/certificate/{serial}"])
        return
    call.table(Issued).change(authority.id, serial, certificate=pem(certificate), request={},
                              subject=certificate.subject.rfc4514_string())
    call.emit("ACM Private CA Certificate Issuance", {"result": "success"}, [arn, f"{arn}/certificate/{serial}"])


def resume(call: Call, row: CertificateAuthority) -> None:
    """What was to be done for an authority when it was deleted."""
    if row.status == "CREATING":
        call.task(create, arn=row.Arn)
    for issued in call.table(Issued).iterate(row.id):
        if not issued.certificate and not issued.failure:
            call.task(issue, arn=row.Arn, serial=issued.serial)
    refresh_list(call, row)


def listen_for_end(call: Call, row: CertificateAuthority) -> None:
    """After a certificate was installed: its end, and its first revocation list."""
    assert row.not_after is not None
    call.at(row.not_after, expired, name=row.id, arn=row.Arn)
    refresh_list(call, row)


def refresh_list(call: Call, row: CertificateAuthority) -> None:
    """Write the revocation list anew, soon; or never again."""
    if row.RevocationConfiguration.get("CrlConfiguration", {}).get("Enabled") and row.certificate:
        call.at(call.now, write_list, name=row.id, arn=row.Arn)
    else:
        call.cancel(write_list, row.id)


@timer
def write_list(call: Call, arn: str) -> None:
    """The revocation list, into its bucket; again when half of its time is over."""
    from cryptography import x509

    row = call.table(CertificateAuthority).get(arn)
    if row is None or row.status not in ("ACTIVE", "DISABLED"):
        return
    row.crl_number += 1
    crl = row.RevocationConfiguration["CrlConfiguration"]
    revoked = call.table(Issued).scan(row.id, index="revoked")
    data = revocation.revocation_list(row, load_key(call.unseal(row.private, arn.encode())),
                                      x509.load_pem_x509_certificate(row.certificate.encode()), revoked, call.now)
    try:
        _store(call, row, crl["S3BucketName"], revocation.path(row), data, crl["S3ObjectAcl"], "application/pkix-crl")
    except AwsError as problem:
        call.emit("ACM Private CA CRL Generation", {"result": "failure", "reason": problem.message}, [arn])
        call.at(call.now + _AGAIN, write_list, name=row.id, arn=arn)
        return
    call.put(row)
    call.emit("ACM Private CA CRL Generation", {"result": "success"}, [arn])
    call.at(call.now + crl["ExpirationInDays"] * _DAY / 2, write_list, name=row.id, arn=arn)


def probe(call: Call, row: CertificateAuthority) -> None:
    """Whether the bucket of a revocation list takes objects, as AWS finds out: by an object."""
    crl = row.RevocationConfiguration["CrlConfiguration"]
    if crl["Enabled"]:
        try:
            _store(call, row, crl["S3BucketName"], _PROBE, b"", crl["S3ObjectAcl"], "")
        except AwsError as problem:
            raise error.InvalidPolicyException(
                f"The certificate authority cannot write to the bucket {crl['S3BucketName']}: {problem.message}") from problem


def _store(call: Call, row: CertificateAuthority, bucket: str, key: str, data: bytes, acl: str, kind: str) -> None:
    call.as_service(row.Arn).s3.put_object(Bucket=bucket, Key=key, Body=Spool(data), ACL=_ACLS[acl], ContentType=kind or None)


@task(retries=5)
def report(call: Call, arn: str, id: str) -> None:
    """Write an audit report into its bucket."""
    authority = call.table(CertificateAuthority).get(arn)
    row = call.table(AuditReport).get(authority.id, id) if authority is not None else None
    if authority is None or row is None or row.status != "CREATING":
        return
    data = reports.write(authority, call.account, call.table(Issued).iterate(authority.id), row.format)
    try:
        _store(call, authority, row.bucket, row.key, data, "BUCKET_OWNER_FULL_CONTROL",
               "application/json" if row.format == "JSON" else "text/csv")
        row.status = "SUCCESS"
    except AwsError:
        row.status = "FAILED"
    call.put(row)
    result = "success" if row.status == "SUCCESS" else "failure"
    call.emit("ACM Private CA Audit Report Generation", {"result": result}, [arn, f"{arn}/audit-report/{id}"])


@timer
def expired(call: Call, arn: str) -> None:
    """The end of an authority's certificate."""
    row = call.table(CertificateAuthority).get(arn)
    if row is not None and row.not_after is not None and row.not_after <= call.now:
        row.status, row.changed = "EXPIRED", call.now
        call.put(row)


def delete(call: Call, row: CertificateAuthority, until: float) -> None:
    """Into the restoration period."""
    bury(call, row, until)
    call.at(until, forget, name=row.id, arn=row.Arn)


@timer
def forget(call: Call, arn: str) -> None:
    """The restoration period is over."""
    gone = call.table(Deleted).get(arn)
    if gone is None or gone.until > call.now:
        return
    call.table(Deleted).delete(arn)
    authority = arn.rpartition("/")[2]
    for kind in (Issued, Permission, AuditReport):
        call.table(kind).delete_all(authority)
