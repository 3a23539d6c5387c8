"""Merges what test runs recorded (folder of JSON lines, see tests/conftest.py) into src/cumulet/coverage.json.

    python tools/record_coverage.py FOLDER

Only calls that came over the wire count; members count when the call was answered with success.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "src" / "cumulet" / "coverage.json"


def merge(folder: Path) -> dict[str, dict[str, dict[str, list[str]]]]:
    """service → operation → members of successful calls, and errors that were answered; sorted, so that it diffs well."""
    members: dict[tuple[str, str], set[str]] = {}
    errors: dict[tuple[str, str], set[str]] = {}
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text().splitlines():
            call = json.loads(line)
            key = (call["service"], call["operation"])
            if not call["service"]:
                continue
            if 200 <= call["status"] < 300:
                members.setdefault(key, set()).update(call["members"])
            elif call.get("error"):
                errors.setdefault(key, set()).add(call["error"])
    merged: dict[str, dict[str, dict[str, list[str]]]] = {}
    for service, operation in sorted(members):
        key = (service, operation)
        merged.setdefault(service, {})[operation] = {"members": sorted(members[key]), "errors": sorted(errors.get(key, ()))}
    return merged


def main() -> None:
    merged = merge(Path(sys.argv[1]))
    if not merged:
        sys.exit(f"{sys.argv[1]} holds no recorded calls: run the tests with CUMULET_COVERAGE={sys.argv[1]}")
    TARGET.write_text(json.dumps(merged, indent=1) + "\n")
    print(f"{TARGET.name}: {sum(map(len, merged.values()))} operations of {len(merged)} services were called with success")


if __name__ == "__main__":
    main()
