"""Once a day, at midnight (UTC), a configuration that exports its metrics is due: S3, whose objects they are, hears of it."""

from __future__ import annotations

from cumulet.kernel import Call, timer

from . import lens
from .lens_rows import LensConfiguration

_INWARD = "cumulet.events"                       # the source of what services here tell each other alone
_DAY = 86_400


def exports(row: LensConfiguration) -> bool:
    """Is anybody told of its metrics?"""
    export = row.said.get("DataExport") or {}
    return bool(row.said["IsEnabled"]) and (export.get("S3BucketDestination") is not None or
                                            lens.is_on(export, "CloudWatchMetrics"))


def begin(call: Call, row: LensConfiguration) -> None:
    """The next export, if there is any."""
    if exports(row):
        call.at((call.now // _DAY + 1) * _DAY, due, name=f"lens {row.name}", configuration=row.name)
    else:
        end(call, row.name)


def end(call: Call, name: str) -> None:
    """There is none any more."""
    call.cancel(due, f"lens {name}")


@timer
def due(call: Call, configuration: str) -> None:
    """The day before is over."""
    row = call.table(LensConfiguration).get(configuration)
    if row is None or not exports(row):
        return
    begin(call, row)
    groups = [{"arn": lens.group_arn(call, one.name), "filter": one.filter} for one in lens.groups(call, row.said)]
    call.emit("Storage Lens Due", {"configuration": row.said, "arn": lens.arn_of(call, row.name), "groups": groups,
                                   "midnight": call.now // _DAY * _DAY}, source=_INWARD)
