"""What happens unasked: EventBridge hands on the events of buses that discoverers watch."""

from __future__ import annotations

import json
from typing import Any

from cumulet.kernel import Call, on

from .discovery import learn
from .resources import Discoverer


@on("cumulet.events", "Event Discovered")
def discover(call: Call, event: dict[str, Any]) -> None:
    """An event of a bus that is watched; `detail` says by which discoverer."""
    row = call.table(Discoverer).get(event["detail"]["discoverer"])
    if row is not None and row.State == "STARTED":
        learn(call, json.loads(event["detail"]["event"]))
