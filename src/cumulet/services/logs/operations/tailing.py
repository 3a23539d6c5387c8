"""Live tail: events as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

from cumulet.kernel import Call, error, operation

from .. import patterns
from ..names import group_of, invalid
from ..tailing import Tail, begin, news

_SECOND = 1.0
_LONGEST = 3 * 3600                    # seconds that a session lasts
_MOST = 500                            # events of one update


@operation
async def start_live_tail(call: Call, logGroupIdentifiers: Sequence[str], logStreamNames: Sequence[str] = (),
                          logStreamNamePrefixes: Sequence[str] = (), logEventFilterPattern: str = "") -> dict[str, Any]:
    """https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html"""
    if (logStreamNames or logStreamNamePrefixes) and len(logGroupIdentifiers) > 1:
        raise invalid("Log streams can be named for one log group only.")
    if logStreamNames and logStreamNamePrefixes:
        raise invalid("logStreamNames and logStreamNamePrefixes are mutually exclusive parameters.")
    pattern = patterns.compiled(logEventFilterPattern)

    def start(call: Call) -> Tail:
        groups = [group_of(call, None, each) for each in logGroupIdentifiers]
        if any(group.LogGroupClass != "STANDARD" for group in groups):
            raise error.InvalidOperationException("Live Tail is for log groups of the class STANDARD only.")
        return begin(call, groups, logStreamNames, logStreamNamePrefixes, pattern.matches)

    tail = await call.run(start)
    session = {"requestId": call.request_id, "sessionId": tail.session, "logGroupIdentifiers": list(logGroupIdentifiers),
               "logStreamNames": list(logStreamNames), "logStreamNamePrefixes": list(logStreamNamePrefixes),
               "logEventFilterPattern": logEventFilterPattern}
    return {"responseStream": _events(call, tail, session)}


async def _events(call: Call, tail: Tail, session: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
    """One update a second, with or without events."""
    yield {"sessionStart": session}
    for _ in range(_LONGEST):
        await asyncio.sleep(_SECOND)
        found = await call.run(news, tail)
        yield {"sessionUpdate": {"sessionMetadata": {"sampled": len(found) > _MOST}, "sessionResults": found[:_MOST]}}
    yield {"SessionTimeoutException": {"message": "The session has lasted for three hours."}}
