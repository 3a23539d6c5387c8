"""`/_cumulet/iam/suggest`: a least-privilege policy for a user or role, from what it was seen to do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..kernel.access.suggest import suggestion
from ..kernel.cloud import Cloud

_SESSION = re.compile(r"arn:([^:]*):sts::(\d{12}):assumed-role/([^/]+)/.*")


def told(cloud: Cloud, asked: Mapping[str, str]) -> dict[str, Any]:
    """The answer to {"principal": ARN or "", "since": seconds or ""}. Raises ValueError when it is not said whose policy."""
    moment = cloud.clock.now() - float(asked["since"]) if asked.get("since") else 0.0
    uses = cloud.recorder.decisions.observed.since(moment)
    principals = sorted({use.subject for use in uses})
    subject = _subject(principals, asked.get("principal", ""))
    found = suggestion(use for use in uses if use.subject == subject)
    return {"principal": subject, "policy": found.policy, "notes": found.notes}


def _subject(principals: list[str], wanted: str) -> str:
    """The user or role whose policy is asked for; sessions stand for their role, and need no saying when there is one only."""
    if not principals:
        raise ValueError("no user and no role was seen doing anything (the root of an account needs no policy)")
    if not wanted:
        if len(principals) > 1:
            raise ValueError("say whose policy, with --principal: " + ", ".join(principals))
        return principals[0]
    session = _SESSION.fullmatch(wanted)
    for subject in principals:
        if subject == wanted:
            return subject
        if session and subject.startswith(f"arn:{session[1]}:iam::{session[2]}:role/") and subject.endswith("/" + session[3]):
            return subject
    raise ValueError(f"{wanted} was not seen doing anything; seen were " + ", ".join(principals))
