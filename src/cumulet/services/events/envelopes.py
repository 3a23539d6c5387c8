"""Events as text: AWS's envelope around a detail."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any


def timestamp(at: float) -> str:
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def moment(text: str) -> float:
    """What `timestamp` was given."""
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def envelope(id: str, kind: str, source: str, account: str, region: str, at: float, resources: Sequence[str],
             detail: str) -> str:
    """The JSON of an event; its detail is text already."""
    quote = json.dumps
    return (f'{{"version":"0","id":"{id}","detail-type":{quote(kind)},"source":{quote(source)},"account":"{account}",'
            f'"time":"{timestamp(at)}","region":"{region}","resources":{quote(list(resources), separators=(",", ":"))},'
            f'"detail":{detail}}}')


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
