"""Storage class analysis by the clock: requests are counted as they are answered, and at midnight a day is added to the file.

What is counted lies beside the configuration, as configurations of a kind of their own: it goes with its bucket.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import Answer, AwsError, Call, Spool, task, timer

from . import analysis, configurations, contents
from .analysis import ALL, Sums
from .lifecycle import midnight_after
from .requestmetrics import sent_bytes
from .resources import Bucket, Configuration, Current

_TODAY, _EVER, _DAYS = "analytics today", "analytics ever", "analytics days"
_PUTS = ("PutObject", "CopyObject", "PostObject")    # parts of uploads have no storage class that could be counted
_SLICE = 1000
Counted = dict[str, list[int]]                  # "STANDARD 015-029" → its sums


def begin(call: Call, bucket: Bucket, name: str) -> None:
    """The next day of a configuration ends at midnight."""
    call.elsewhere(bucket.account, bucket.region).at(
        midnight_after(call.now, 0), analyse, name=f"analytics {bucket.BucketName} {name}", bucket=bucket.BucketName,
        number=bucket.number, configuration=name)


def forget(call: Call, bucket: Bucket, name: str) -> None:
    """Nothing stays of a configuration that was deleted."""
    table = call.table(Configuration)
    for kind in (_TODAY, _EVER):
        table.delete(bucket.number, kind, name)
    for row in _days(call, bucket.number, name):
        table.delete(bucket.number, _DAYS, row.name)


def note(call: Call, bucket: Bucket, answers: Sequence[Answer]) -> None:
    """Count some requests: what was put, and what was got, by the age that the objects have."""
    rules = [row for row in configurations.all_of(call, bucket, analysis.KIND)
             if analysis.destination(row.said) is not None]
    if not rules:
        return
    for one in answers:
        if one.status >= 300 or not one.members[1] or (one.operation != "GetObject" and one.operation not in _PUTS):
            continue
        row = call.table(Current).get(bucket.number, one.members[1].encode())
        if row is None:
            continue
        put = one.operation in _PUTS
        sums = Sums(put=row.size) if put else Sums(gets=1, got=sent_bytes(one))
        groups = (ALL,) if put else analysis.groups_of(row.size, row.modified, one.at)
        counted = {f"{contents.storage_class(row.facts)} {group}": sums for group in groups}
        for rule in rules:
            if analysis.covers(rule.said, one.members[1], row.tags):
                _count(call, bucket.number, rule.name, counted)


def _count(call: Call, bucket: int, name: str, sums: Mapping[str, Sums]) -> None:
    table = call.table(Configuration)
    row = table.get(bucket, _TODAY, name) or Configuration(bucket=bucket, kind=_TODAY, name=name, said={})
    row.said = _added(row.said, sums)
    table.put(row)


def _added(counted: Counted, more: Mapping[str, Sequence[int]]) -> Counted:
    found = dict(counted)
    for place, sums in more.items():
        found[place] = list(Sums(*found.get(place, Sums())).plus(sums))
    return found


@timer
def analyse(call: Call, bucket: str, number: int, configuration: str) -> None:
    """Midnight: a day is over. Sum up what lies in the bucket, slice by slice."""
    found, row = call.table(Bucket).get(bucket), call.table(Configuration).get(number, analysis.KIND, configuration)
    if found is None or found.number != number or row is None or analysis.destination(row.said) is None:
        return
    begin(call, found, configuration)
    table = call.table(Configuration)
    today = table.get(number, _TODAY, configuration)
    table.delete(number, _TODAY, configuration)
    call.task(look_on, bucket=bucket, number=number, configuration=configuration, after=b"", moment=call.now,
              counted=today.said if today is not None else {})


@task()
def look_on(call: Call, bucket: str, number: int, configuration: str, after: bytes, moment: float, counted: Counted) -> None:
    """One slice; the next one is a task of its own. Behind the last one the day is written down, and the file anew."""
    found, row = call.table(Bucket).get(bucket), call.table(Configuration).get(number, analysis.KIND, configuration)
    if found is None or found.number != number or row is None:
        return
    objects = call.table(Current).scan(number, after=after, limit=_SLICE)
    for one in objects:
        if analysis.covers(row.said, one.key.decode(), one.tags):
            storage = contents.storage_class(one.facts)
            counted = _added(counted, {f"{storage} {group}": Sums(1, one.size)
                                       for group in analysis.groups_of(one.size, one.modified, moment)})
    if len(objects) == _SLICE:
        call.task(look_on, bucket=bucket, number=number, configuration=configuration, after=objects[-1].key, moment=moment,
                  counted=counted)
        return
    _write_down(call, number, row.said, moment, counted)
    call.task(export, bucket=bucket, number=number, configuration=configuration)


def _write_down(call: Call, number: int, said: Mapping[str, Any], moment: float, counted: Counted) -> None:
    """The lines of a day."""
    table, name = call.table(Configuration), said["Id"]
    before = table.get(number, _EVER, name)
    ever = _added(before.said if before is not None else {}, {place: Sums(*sums) for place, sums in counted.items()})
    table.put(Configuration(bucket=number, kind=_EVER, name=name, said=ever))
    day = moment - 86_400                        # midnight is the end of the day before
    lines = [analysis.line(said, day, place, Sums(*sums), Sums(*ever[place])) for place, sums in counted.items()]
    table.put(Configuration(bucket=number, kind=_DAYS, name=f"{name} {int(day):012}", said={"lines": sorted(lines)}))


def _days(call: Call, number: int, name: str) -> list[Configuration]:
    """The days of a configuration, the oldest first. No id has a space in it."""
    return call.table(Configuration).scan(number, _DAYS, low=f"{name} ", before=f"{name}!")


@task(retries=5)
def export(call: Call, bucket: str, number: int, configuration: str) -> None:
    """The whole file, as S3's principal, which the destination's policy may let in."""
    found, row = call.table(Bucket).get(bucket), call.table(Configuration).get(number, analysis.KIND, configuration)
    there = analysis.destination(row.said) if row is not None else None
    if found is None or found.number != number or there is None:
        return
    lines = [line for day in _days(call, number, configuration) for line in day.said["lines"]]
    prefix = there.get("Prefix") or ""
    key = f"{prefix}{'/' if prefix and not prefix.endswith('/') else ''}{bucket}/{configuration}.csv"
    try:
        call.as_service(call.arn(found), account=found.account, region=found.region).s3.put_object(
            Bucket=there["Bucket"].rpartition(":")[2], Key=key, Body=Spool(analysis.text(lines)), ContentType="text/csv",
            ExpectedBucketOwner=there.get("BucketAccountId"))
    except AwsError:                             # the destination does not take it: there is none this time
        return
