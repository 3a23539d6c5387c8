"""Anomaly detectors at work: each learns the patterns of the last two weeks, and then looks for new ones by the clock.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/LogsAnomalyDetection.html
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from hashlib import sha256
from typing import Any

import msgspec

from cumulet.kernel import Call, stored, task, timer

from . import patterns
from .blocks import DAY, split_off
from .effective import Masks, masked, masks
from .queryclusters import ANY, alike, left_out, merged, tokens_of
from .reading import Part, parts_of, raw_part
from .resources import LogGroup
from .settings import AnomalyDetector

SECONDS = {"ONE_MIN": 60, "FIVE_MIN": 300, "TEN_MIN": 600, "FIFTEEN_MIN": 900, "THIRTY_MIN": 1800, "ONE_HOUR": 3600}
_LEARNS = 14 * DAY
_LATE = 3_600_000                      # events that come later than this after their time are not looked at
_LONGEST = 1500                        # so much of an event counts
_SAMPLES = 10
_MOST = 5000                           # patterns that a detector knows
_FOREVER = 2**60


@stored(key=("detector", "pattern"))
class Known(msgspec.Struct, kw_only=True):
    """A pattern that is normal to a detector."""

    detector: str
    pattern: str


@stored(key=("id",), indexes={"detector": ("detector", "id")})
class Anomaly(msgspec.Struct, kw_only=True):
    """A pattern that was new to a detector. histogram: run → events.  samples: time, message.  suppressed: "", "anomaly" or
    "pattern"; until: 0 for ever.  Times in milliseconds."""

    id: str
    detector: str
    pattern: str
    first: int
    last: int
    histogram: dict[str, int]
    samples: list[tuple[int, str]]
    suppressed: str = ""
    since: int = 0
    until: int = 0
    baseline: bool = False

    def is_suppressed(self, now: float) -> bool:
        return bool(self.suppressed) and (not self.until or now * 1000 < self.until)


def pattern_id(pattern: str) -> str:
    """32 digits."""
    return sha256(pattern.encode()).hexdigest()[:32]


def arm(call: Call, row: AnomalyDetector) -> None:
    """Set the timer of the next look."""
    call.cancel(look_again, row.id)
    if row.enabled and row.trained:
        call.at(call.now + SECONDS[row.frequency], look_again, name=row.id, id=row.id)


def forget(call: Call, row: AnomalyDetector) -> None:
    """A detector that is deleted takes along what it knew and found."""
    call.cancel(look_again, row.id)
    call.table(Known).delete_all(row.id)
    call.table(Anomaly).delete_all(row.id, index="detector")
    call.table(AnomalyDetector).delete(row.id)


@timer
def look_again(call: Call, id: str) -> None:
    """Look again, and set the next timer."""
    row = call.table(AnomalyDetector).get(id)
    if row is None or call.table(LogGroup).get(row.group) is None:
        return
    call.task(look, id=id)
    arm(call, row)


class _Seen(msgspec.Struct):
    """Events that are written alike."""

    count: int
    first: int
    last: int
    samples: list[tuple[int, str]]


@task(retries=2)
async def look(call: Call, id: str) -> None:
    """The first time: learn. Then: what came since the last look?"""
    row, hidden, parts = await call.run(_begin, id)
    if row is None:
        return
    until, fits = int(call.now * 1000), patterns.compiled(row.pattern or "").matches
    found: dict[str, _Seen] = {}
    for part in parts:
        data = await call.run(raw_part, part)
        if data is not None:
            for time, message, came in _events(part, *data):
                if row.looked < came <= until and (fits is None or fits(message)):
                    _note(found, time, masked(hidden, message, came))
        await asyncio.sleep(0)         # others have their turn
    await call.run(_end, id, row.looked, until, found)


def _begin(call: Call, id: str) -> tuple[AnomalyDetector | None, Masks, list[Part]]:
    row = call.table(AnomalyDetector).get(id)
    group = call.table(LogGroup).get(row.group) if row is not None else None
    if row is None or group is None or not row.enabled:
        return None, [], []
    start = row.looked - _LATE if row.trained else int(call.now * 1000) - _LEARNS
    return row, masks(call, row.group), parts_of(call, group.number, start, _FOREVER)


def _events(part: Part, data: bytes, base: int) -> list[tuple[int, str, int]]:
    events = split_off(data)
    rows = list(zip(events.times, events.messages, events.arrivals(), strict=True))
    return rows[part.base - base:part.base - base + part.events]


def _note(found: dict[str, _Seen], time: int, message: str) -> None:
    text = left_out(message[:_LONGEST])
    seen = found.get(text)
    if seen is None:
        seen = found[text] = _Seen(0, time, time, [])
    seen.count += 1
    seen.first, seen.last = min(seen.first, time), max(seen.last, time)
    if len(seen.samples) < _SAMPLES:
        seen.samples.append((time, message))


def _end(call: Call, id: str, looked: int, until: int, found: dict[str, _Seen]) -> None:
    """Keep what was learned or found, once."""
    row = call.table(AnomalyDetector).get(id)
    if row is None or row.looked != looked:
        return                         # deleted, or another run was faster
    if row.trained:
        known = _Patterns([each.pattern for each in call.table(Known).scan(id)])
        old = {each.pattern: each for each in call.table(Anomaly).scan(id, index="detector")}
        for text, seen in found.items():
            if known.like(text) is None:
                _judge(call, row, text, seen, until, old)
    else:
        for pattern, _ in merged({text: seen.count for text, seen in found.items()})[:_MOST]:
            call.put(Known(detector=id, pattern=pattern))
    first = not row.trained
    row.trained, row.looked = True, until
    call.put(row)
    if first:
        arm(call, row)


class _Patterns:
    """Patterns among which a text may find its own."""

    def __init__(self, patterns: Collection[str]) -> None:
        self._all = frozenset(patterns)
        self._by_size: dict[int, list[tuple[str, list[str]]]] = {}
        for pattern in patterns:
            tokens = tokens_of(pattern)
            self._by_size.setdefault(len(tokens), []).append((pattern, tokens))

    def like(self, text: str) -> str | None:
        if text in self._all:
            return text
        tokens = tokens_of(text)
        return next((pattern for pattern, known in self._by_size.get(len(tokens), ()) if alike(known, tokens)), None)


def _judge(call: Call, row: AnomalyDetector, text: str, seen: _Seen, run: int, anomalies: dict[str, Anomaly]) -> None:
    """Is this more of a known anomaly, or a new one?"""
    old = anomalies.get(_Patterns(anomalies).like(text) or "")
    if old is None:
        anomalies[text] = Anomaly(id=call.uuid(), detector=row.id, pattern=text, first=seen.first, last=seen.last,
                                  histogram={str(run): seen.count}, samples=seen.samples)
        call.put(anomalies[text])
    elif run - old.first > row.days * DAY:           # nobody minded for so long: normal from now on
        old.baseline = True
        call.put(old)
        call.put(Known(detector=row.id, pattern=old.pattern))
    elif not old.is_suppressed(call.now):
        old.last = max(old.last, seen.last)
        old.histogram[str(run)] = old.histogram.get(str(run), 0) + seen.count
        old.samples = (old.samples + seen.samples)[-_SAMPLES:]
        call.put(old)


def told_tokens(pattern: str) -> list[dict[str, Any]]:
    """The tokens of a pattern, as ListAnomalies tells them."""
    out: list[dict[str, Any]] = []
    for token in tokens_of(pattern):
        dynamic = token == ANY
        out.append({"tokenString": token, "isDynamic": dynamic,
                    "dynamicTokenPosition": 1 + sum(each["isDynamic"] for each in out) if dynamic else None})
    return out
