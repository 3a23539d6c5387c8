"""What a topic's data protection policy does to the messages that come in and go out."""

from __future__ import annotations

import json
from collections.abc import Iterable

from cumulet.kernel import Call, error

from . import protection
from .feedback import sampled, write
from .messages import Notice, timestamp
from .protection import Statement
from .resources import Topic


def inbound(call: Call, topic: Topic, notice: Notice) -> None:
    """Refuse, mask or note what is published."""
    if topic.DataProtectionPolicy is None:
        return
    statements = [each for each in protection.compiled(topic.DataProtectionPolicy)
                  if each.inbound and each.counts_for(call.principal.arn)]
    for statement in statements:
        if statement.what == "audit" and sampled(call, str(statement.rate)):
            _note(call, topic, statement, notice)
    if _denied(statements, notice.message):
        raise error.AuthorizationErrorException("The data protection policy of the topic denies this message: it has sensitive "
                                                "data in it.")
    _mask(statements, notice)


def outbound(topic: Topic, principal: str, notice: Notice) -> Notice | None:
    """The notice as a subscriber may see it; None when it may not."""
    assert topic.DataProtectionPolicy is not None
    statements = [each for each in protection.compiled(topic.DataProtectionPolicy)
                  if not each.inbound and each.counts_for(principal)]
    if _denied(statements, notice.message):
        return None
    seen = _copy(notice)
    _mask(statements, seen)
    return seen


def _copy(notice: Notice) -> Notice:
    return Notice(**{name: getattr(notice, name) for name in notice.__struct_fields__})


def _denied(statements: Iterable[Statement], text: str) -> bool:
    return any(each.what == "deny" and next(each.spans(text), None) is not None for each in statements)


def _mask(statements: Iterable[Statement], notice: Notice) -> None:
    for each in statements:
        if each.what == "mask":
            notice.message = each.masked(notice.message)
            if notice.texts is not None:
                notice.texts = {protocol: each.masked(text) for protocol, text in notice.texts.items()}


def _note(call: Call, topic: Topic, statement: Statement, notice: Notice) -> None:
    """An audit's finding, or that there was none, into a log group."""
    found: dict[str, list[dict[str, int]]] = {}
    for name, start, end in statement.spans(notice.message):
        found.setdefault(name, []).append({"start": start, "end": end})
    group = statement.found if found else statement.nothing
    if group:
        write(call, group, json.dumps({
            "messageId": notice.id, "auditTimestamp": timestamp(call.now), "callerPrincipal": call.principal.arn,
            "resourceArn": call.arn(topic), "dataIdentifiers": [
                {"name": name, "count": len(places), "detections": places} for name, places in found.items()]}))
