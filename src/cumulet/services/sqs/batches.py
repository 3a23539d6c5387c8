"""Batch requests: ten entries at most, each with an id of its own and a fate of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from cumulet.kernel import AwsError, error

_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
MOST = 10


def check(entries: Sequence[dict[str, Any]], kind: str) -> None:
    """What must be right of the batch as a whole."""
    if not entries:
        raise error.EmptyBatchRequest(f"There should be at least one {kind} in the request.")
    if len(entries) > MOST:
        raise error.TooManyEntriesInBatchRequest(
            f"Maximum number of entries per request are {MOST}. You have sent {len(entries)}.")
    seen: set[str] = set()
    for entry in entries:
        name = entry["Id"]
        if not _ID.fullmatch(name):
            raise error.InvalidBatchEntryId("A batch entry id can only contain alphanumeric characters, hyphens and "
                                            "underscores. It can be at most 80 letters long.")
        if name in seen:
            raise error.BatchEntryIdsNotDistinct(f"Id {name} repeated.")
        seen.add(name)


def run(entries: Sequence[dict[str, Any]], one: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
    """Each entry by itself: those that raise are told apart, and must have written nothing."""
    successful: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for entry in entries:
        try:
            result = one(entry)
            result["Id"] = entry["Id"]
            successful.append(result)
        except AwsError as problem:
            failed.append(failure(entry["Id"], problem))
    return {"Successful": successful, "Failed": failed}


def failure(entry_id: str, problem: AwsError) -> dict[str, Any]:
    """One entry's error."""
    return {"Id": entry_id, "SenderFault": problem.status < 500, "Code": problem.code, "Message": problem.message}
