"""The events of CloudWatch log groups, for `cumulet logs`."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from .base import Failure

_LATE = 60_000                         # milliseconds that an event may come after its time
_PAUSE = 0.5
_REMEMBERED = 10_000


def printed(endpoint: str, account: str, region: str, group: str, pattern: str, last: int, follow: bool) -> Iterator[str]:
    """The last lines of a group, and, if asked, those that come."""
    from botocore.config import Config
    from botocore.exceptions import ClientError
    from botocore.session import Session

    client = Session().create_client(
        "logs", endpoint_url=endpoint, region_name=region, aws_access_key_id=account or "test", aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}))
    asked = {"logGroupName": group, "filterPattern": pattern}
    try:
        found = client.filter_log_events(**asked, startFromHead=False, limit=max(1, last))["events"][:last]
        newest = max((event["timestamp"] for event in found), default=0)

        def recent() -> list[dict[str, Any]]:
            return list(client.filter_log_events(**asked, startTime=max(0, newest - _LATE))["events"])

        seen = {event["eventId"]: None for event in (recent() if follow else [])}
        yield from map(_line, reversed(found))
        while follow:
            time.sleep(_PAUSE)
            for event in recent():
                newest = max(newest, event["timestamp"])
                if event["eventId"] not in seen:
                    seen[event["eventId"]] = None
                    yield _line(event)
            for old in list(seen)[:-_REMEMBERED]:
                del seen[old]
    except ClientError as problem:
        raise Failure(f"{group}: {problem.response['Error']['Message']}") from None


def _line(event: dict[str, Any]) -> str:
    at = datetime.fromtimestamp(event["timestamp"] / 1000).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return f"{at} {event['message'].rstrip()}"
