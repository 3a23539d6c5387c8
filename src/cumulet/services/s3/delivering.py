"""Lines of access logs are kept as requests are answered, and every few minutes delivered as objects of the target bucket."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from cumulet.kernel import Answer, AwsError, Call, Spool, task, timer

from . import accesslogs, names
from .acls import FULL_CONTROL
from .resources import Bucket, LogLines

PRINCIPAL = "logging.s3.amazonaws.com"
_EVERY = 300                                     # seconds; AWS says: within a few hours
_OBJECT = 4 << 20                                # bytes of one object, about
_UNIQUE = "0123456789ABCDEF"


def note(call: Call, bucket: Bucket, answers: Sequence[Answer], through: str) -> None:
    """Keep the lines of some requests until they are delivered. through: the access point that they came by."""
    for day, those in groupby(answers, key=lambda one: accesslogs.day_of(accesslogs.came(one))):
        lines = "".join(accesslogs.line(bucket, one, through) + "\n" for one in those)
        call.table(LogLines).put(LogLines(bucket=bucket.number, day=day, lines=lines))
    call.elsewhere(bucket.account, bucket.region).at(
        (call.now // _EVERY + 1) * _EVERY, log_due, name=f"log {bucket.BucketName}", bucket=bucket.BucketName,
        number=bucket.number)


def forget(call: Call, bucket: Bucket) -> None:
    """The lines that were not delivered go."""
    for row in list(call.table(LogLines).iterate(bucket.number, index="waiting")):
        call.table(LogLines).delete(row.id)


@timer
def log_due(call: Call, bucket: str, number: int) -> None:
    """Some minutes are over."""
    call.task(deliver_lines, bucket=bucket, number=number)


@task()
def deliver_lines(call: Call, bucket: str, number: int) -> None:
    """One object; what is left is a task of its own. What the target does not take is lost, as on AWS."""
    found = call.table(Bucket).get(bucket)
    if found is None or found.number != number:
        return
    if found.logging is None:
        forget(call, found)
        return
    by_day, size = accesslogs.is_by_event(found.logging), 0
    rows: list[LogLines] = []
    for row in call.table(LogLines).iterate(number, index="waiting"):
        if size > _OBJECT or (rows and by_day and row.day != rows[0].day):
            call.task(deliver_lines, bucket=bucket, number=number)
            break
        rows.append(row)
        size += len(row.lines)
    for row in rows:
        call.table(LogLines).delete(row.id)
    if rows:
        _put(call, found, accesslogs.key(found.logging, found, rows[0].day, call.now, call.token(16, _UNIQUE)),
             "".join(row.lines for row in rows))


def _put(call: Call, bucket: Bucket, key: str, text: str) -> None:
    assert bucket.logging is not None
    given: dict[str, list[str]] = {}
    for who, permission in accesslogs.grants(bucket.logging):
        given.setdefault(permission, []).append(f'{"uri" if who.startswith("http") else "id"}="{who}"')
    if given:
        given.setdefault(FULL_CONTROL, []).append(f'id="{names.owner_id(bucket.account)}"')
    try:
        call.as_service(call.arn(bucket), account=bucket.account, region=bucket.region, name=PRINCIPAL).s3.put_object(
            Bucket=bucket.logging["TargetBucket"], Key=key, Body=Spool(text.encode()), ContentType="text/plain",
            GrantFullControl=", ".join(given.get(FULL_CONTROL, ())) or None,
            GrantRead=", ".join(given.get("READ", ())) or None)
    except AwsError:
        return
