"""Coverage counts what was sent and answered with success, and the grade follows from it."""

from __future__ import annotations

import json
from pathlib import Path

from cumulet.faces.coverage import Seen, measure
from record_coverage import merge


def test_only_members_of_successful_calls_count(tmp_path: Path) -> None:
    calls = [
        {"service": "sqs", "operation": "SendMessage", "members": ["QueueUrl", "MessageBody"], "status": 200},
        {"service": "sqs", "operation": "SendMessage", "members": ["QueueUrl", "DelaySeconds"], "status": 200},
        {"service": "sqs", "operation": "SendMessage", "members": ["Wrong"], "status": 400, "error": "InvalidMessageContents"},
        {"service": "sqs", "operation": "PurgeQueue", "members": ["QueueUrl"], "status": 403, "error": "AccessDenied"},
        {"service": "", "operation": "", "members": [], "status": 501},
    ]
    (tmp_path / "1.jsonl").write_text("".join(json.dumps(c) + "\n" for c in calls[:2]))
    (tmp_path / "2.jsonl").write_text("".join(json.dumps(c) + "\n" for c in calls[2:]))
    assert merge(tmp_path) == {"sqs": {"SendMessage": {
        "members": ["DelaySeconds", "MessageBody", "QueueUrl"], "errors": ["InvalidMessageContents"]}}}


def test_the_grade_is_computed_from_what_was_seen() -> None:
    nothing = measure(["sqs"], {})["sqs"]
    assert (nothing["tested"], nothing["grade"]) == (0, "none")
    operations = nothing["operations"]
    seen = {name: Seen(set(o["promised"]), set()) for name, o in operations.items() if o["implemented"]}
    assert measure(["sqs"], {"sqs": seen})["sqs"]["grade"] == "bronze"
    one = next(name for name, s in seen.items() if s.members)
    seen[one].members.pop()
    found = measure(["sqs"], {"sqs": seen})["sqs"]
    assert found["grade"] == "none"
    assert found["operations"][one]["untested"]


def test_silver_needs_all_operations_members_and_errors() -> None:
    operations = measure(["sqs"], {})["sqs"]["operations"]
    assert all(o["implemented"] and not o["absent"] for o in operations.values())
    seen = {name: Seen(set(o["promised"]), set(o["errors_unseen"])) for name, o in operations.items()}
    assert measure(["sqs"], {"sqs": seen})["sqs"]["grade"] == "silver"
    with_errors = next(name for name, o in operations.items() if o["errors_unseen"])
    seen[with_errors].errors.clear()
    assert measure(["sqs"], {"sqs": seen})["sqs"]["grade"] == "bronze"


def test_what_is_missing_says_why() -> None:
    missing = measure(["s3"], {})["s3"]["missing"]
    assert missing["GetObjectTorrent"] == "AWS gave up BitTorrent in 2022"
    assert all(missing.values())


def test_old_operations_count_as_those_that_took_over_their_addresses() -> None:
    operations = measure(["s3"], {"s3": {"PutBucketLifecycleConfiguration": Seen()}})["s3"]["operations"]
    assert operations["PutBucketLifecycle"]["implemented"]
    assert operations["PutBucketLifecycle"]["tested"]
    assert operations["GetBucketNotification"]["implemented"]
    assert not operations["GetBucketNotification"]["tested"]
