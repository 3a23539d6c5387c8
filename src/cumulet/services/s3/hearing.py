"""Who would hear of a request once it is answered: access logs, metrics and analyses of its bucket. Mostly nobody."""

from __future__ import annotations

from cumulet.kernel import Answer, Call

from .resources import Bucket


def unless_heard(call: Call, bucket: Bucket, writes: bool = False) -> None:
    """Spare the telling of a request about this bucket. writes: then it is also heard of when to measure the bucket."""
    if bucket.uncounted and bucket.logging is None and (not writes or bucket.measured > call.now):
        Answer.unheard(call)
