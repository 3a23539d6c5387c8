"""Says a word of its layer, and counts its calls in a file."""

import os
from pathlib import Path

from words import GOOD


def handler(event, context):
    file = Path("/tmp/calls")
    calls = int(file.read_text()) + 1 if file.exists() else 1
    file.write_text(str(calls))
    return {"said": f"{GOOD} {os.environ['GREETING']}, {event['name']}", "calls": calls}
