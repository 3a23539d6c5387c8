"""What happens unasked in Access Analyzer: a look at everything when an analyzer is made, and then once a day."""

from __future__ import annotations

from cumulet.kernel import Call, timer

from .findings import refresh
from .resources import Analyzer

_DAY = 86400.0


@timer
def look(call: Call, analyzer: str) -> None:
    """Look, and again tomorrow."""
    row = call.table(Analyzer).get(analyzer)
    if row is not None:
        refresh(call, row)
        call.at(call.now + _DAY, look, name=analyzer, analyzer=analyzer)
