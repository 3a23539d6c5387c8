"""Messages published, one or a batch."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from cumulet.kernel import AwsError, Call, error, operation

from .. import messages, phones, pushes, sealing
from ..addresses import topic_in_use
from ..background import deliver
from ..measuring import PUBLISHED, note
from ..messages import DEFAULT_SIZE, Notice, invalid
from ..protecting import inbound
from ..protocols import is_phone, plain_phone
from ..replays import keep
from ..resources import Published, Topic

_BATCH_ID = re.compile(r"[A-Za-z0-9_-]{1,80}")
_MOST_ENTRIES = 10
_REMEMBERED = 300.0
_PASSING = 4
_NEXT = 'UPDATE {table} SET "sequence" = "sequence" + 1 WHERE scope = {scope} AND "TopicName" = ? RETURNING "sequence"'
_FORGET = ('DELETE FROM {table} WHERE scope = {scope} AND "topic" = ? AND "id" IN (SELECT "id" FROM {table} '
           'WHERE scope = {scope} AND "topic" = ? AND "at" <= ? ORDER BY "at" LIMIT ?)')


@operation
def publish(call: Call, Message: str, TopicArn: str = "", TargetArn: str = "", PhoneNumber: str = "",
            Subject: str | None = None, MessageStructure: str | None = None, MessageAttributes: Mapping[str, Any] = {},
            MessageDeduplicationId: str | None = None, MessageGroupId: str | None = None) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_Publish.html"""
    targets = [each for each in (TopicArn, TargetArn, PhoneNumber) if each]
    if not targets:
        raise invalid("TopicArn or TargetArn Reason: no value for required parameter")
    if len(targets) > 1:
        raise invalid("TopicArn Reason: exactly one of TopicArn, TargetArn and PhoneNumber is to be given")
    if PhoneNumber:
        return _text(call, PhoneNumber, Message, MessageStructure, MessageAttributes)
    if ":endpoint/" in targets[0]:
        return _push(call, targets[0], Message, MessageStructure, MessageAttributes)
    call, topic = topic_in_use(call, targets[0])
    return _publish(call, topic, Message, Subject, MessageStructure, MessageAttributes, MessageDeduplicationId, MessageGroupId)


def _text(call: Call, phone: str, message: str, structure: str | None, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """A text message to one number."""
    if not is_phone(phone):
        raise invalid(f"PhoneNumber Reason: {phone} is not valid to publish to")
    notice = Notice(id=call.uuid(), at=call.now, message=message, texts=messages.read_message(message, structure))
    messages.check_attributes(attributes)
    text = notice.text("sms")
    if len(text) > phones.MOST_CHARACTERS:
        raise invalid("Message too long")
    phones.send(call, notice.id, plain_phone(phone), text, attributes)
    return {"MessageId": notice.id}


def _push(call: Call, arn: str, message: str, structure: str | None, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """To one device."""
    notice = Notice(id=call.uuid(), at=call.now, message=message, texts=messages.read_message(message, structure))
    messages.check_attributes(attributes)
    pushes.publish(call, arn, notice)
    return {"MessageId": notice.id}


@operation
def publish_batch(call: Call, TopicArn: str, PublishBatchRequestEntries: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/sns/latest/api/API_PublishBatch.html"""
    call, topic = topic_in_use(call, TopicArn)
    _check_batch(PublishBatchRequestEntries)
    total = sum(messages.size_of(entry["Message"], entry.get("MessageAttributes") or {})
                for entry in PublishBatchRequestEntries)
    if total > (topic.MaximumMessageSize or DEFAULT_SIZE):
        raise error.BatchRequestTooLongException("The length of all the messages put together is more than the limit.")
    successful: list[dict[str, Any]] = []
    failed: list[dict[str, Any]] = []
    for entry in PublishBatchRequestEntries:
        try:
            result = _publish(call, topic, entry["Message"], entry.get("Subject"), entry.get("MessageStructure"),
                              entry.get("MessageAttributes") or {}, entry.get("MessageDeduplicationId"),
                              entry.get("MessageGroupId"))
            successful.append({**result, "Id": entry["Id"]})
        except AwsError as problem:
            failed.append({"Id": entry["Id"], "Code": _code(problem.code), "Message": problem.message,
                           "SenderFault": True})
    return {"Successful": successful, "Failed": failed}


def _code(name: str) -> str:
    """An error's code, which is in AWS's model beside its name."""
    return "ParameterValueInvalid" if name == "InvalidParameterValueException" else name.removesuffix("Exception")


def _check_batch(entries: Sequence[dict[str, Any]]) -> None:
    if not entries:
        raise error.EmptyBatchRequestException("The batch request doesn't contain any entries.")
    if len(entries) > _MOST_ENTRIES:
        raise error.TooManyEntriesInBatchRequestException("The batch request contains more entries than permissible.")
    ids = [entry["Id"] for entry in entries]
    if any(not _BATCH_ID.fullmatch(each) for each in ids):
        raise error.InvalidBatchEntryIdException(
            "The Id of a batch entry in a batch request doesn't abide by the specification.")
    if len(set(ids)) != len(ids):
        raise error.BatchEntryIdsNotDistinctException("Two or more batch entries in the request have the same Id.")


def _publish(call: Call, topic: Topic, message: str, subject: str | None, structure: str | None,
             attributes: Mapping[str, Any], deduplication: str | None, group: str | None) -> dict[str, Any]:
    """Check everything, then deliver."""
    texts = messages.read_message(message, structure)
    messages.check_subject(subject)
    if attributes:
        messages.check_attributes(attributes)
    size = messages.size_of(message, attributes)
    if size > (topic.MaximumMessageSize or DEFAULT_SIZE):
        raise invalid("Message too long")
    if group is not None:
        messages.check_token(group, "MessageGroupId")
    notice = Notice(id=call.uuid(), at=call.now, message=message, texts=texts, subject=subject,
                    attributes=dict(attributes), group=group, trace=_trace(call))
    sealing.check(call, topic)
    inbound(call, topic, notice)
    if topic.FifoTopic:
        result = _publish_in_order(call, topic, notice, deduplication)
    elif deduplication is not None:
        raise invalid("MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not "
                      "valid for this topic type")
    else:
        deliver(call, topic, notice)
        result = {"MessageId": notice.id}
    note(call, topic.TopicName, PUBLISHED, size)
    return result


def _trace(call: Call) -> str | None:
    return call.request.headers.get("x-amzn-trace-id") if call.request is not None else call.trace or None


def _publish_in_order(call: Call, topic: Topic, notice: Notice, deduplication: str | None) -> dict[str, Any]:
    """To a FIFO topic: once in five minutes for each deduplication id."""
    if notice.group is None:
        raise invalid("The MessageGroupId parameter is required for FIFO topics")
    if deduplication is not None:
        messages.check_token(deduplication, "MessageDeduplicationId")
    elif topic.ContentBasedDeduplication:
        deduplication = sha256(notice.message.encode()).hexdigest()
    else:
        raise invalid("The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
                      "explicitly")
    key = f"{notice.group}\x1f{deduplication}" if topic.FifoThroughputScope == "MessageGroup" else deduplication
    table = call.table(Published)
    before = table.get(topic.TopicName, key)
    if before is None or before.at <= call.now - _REMEMBERED:
        number: int = call.table(Topic).sql(_NEXT, topic.TopicName)[0][0]
        before = Published(topic=topic.TopicName, id=key, at=call.now, message=notice.id, sequence=number)
        table.put(before)
        table.sql(_FORGET, topic.TopicName, topic.TopicName, call.now - _REMEMBERED, _PASSING)
        notice.deduplication, notice.sequence = deduplication, _sequence(number)
        keep(call, topic, notice, number)
        deliver(call, topic, notice)
    return {"MessageId": before.message, "SequenceNumber": _sequence(before.sequence)}


def _sequence(number: int) -> str:
    return str(10_000_000_000_000_000_000 + number)
