"""What subscribers get to read: JSON envelopes, as AWS writes them. What many get alike is made once.

An envelope is written without its signature (signing.py). Queues keep it so: it is signed when it is received.
"""

from __future__ import annotations

import json

from cumulet.kernel import Call

from . import messages
from .messages import Notice
from .resources import Topic
from .signing import LENGTH, sign, unsigned


class Envelopes:
    """The envelopes of one notice."""

    def __init__(self, call: Call, topic: Topic, arn: str, notice: Notice) -> None:
        self._call = call
        self._topic = topic
        self._arn = arn
        self._notice = notice
        self._made: dict[str, tuple[str, str]] = {}        # text → what stands before and behind the subscriber's own part
        self._unfinished = call.unfinished(sign, LENGTH)

    def of(self, subscription_arn: str, text: str) -> str:
        """The envelope of this text for one subscription."""
        head, tail = self._made.get(text) or self._wrap(text)
        return sign(self._call, head + subscription_arn + tail)

    def kept(self, subscription_arn: str, text: str) -> str:
        """The same for a queue, where it is signed when it is received."""
        head, tail = self._made.get(text) or self._wrap(text)
        return self._unfinished(head + subscription_arn + tail)

    def _wrap(self, text: str) -> tuple[str, str]:
        notice = self._notice
        order = "" if notice.sequence is None else f'  "SequenceNumber" : "{notice.sequence}",\n'
        subject = "" if notice.subject is None else f'  "Subject" : {messages.quote(notice.subject)},\n'
        head = (f'{{\n  "Type" : "Notification",\n  "MessageId" : "{notice.id}",\n{order}'
                f'  "TopicArn" : "{self._arn}",\n{subject}  "Message" : {messages.quote(text)},\n'
                f'  "Timestamp" : "{messages.timestamp(notice.at)}"{unsigned(self._call, self._topic)},\n'
                f'  "UnsubscribeURL" : "{unsubscribe_url(self._call, "")}')
        tail = '"' + (messages.attributes_json(notice.attributes) if notice.attributes else "") + (
            ',\n  "Replayed" : "true"' if notice.replayed else "") + "\n}"
        made = self._made[text] = (head, tail)
        return made


def event(subscription_arn: str, envelope: str) -> bytes:
    """An envelope as the event that a function gets."""
    told = json.loads(envelope)
    for name in ("SigningCertURL", "UnsubscribeURL", "SubscribeURL"):
        if name in told:
            told[name.removesuffix("URL") + "Url"] = told.pop(name)
    return json.dumps({"Records": [{
        "EventSource": "aws:sns", "EventVersion": "1.0", "EventSubscriptionArn": subscription_arn,
        "Sns": {"Subject": None, "MessageAttributes": {}, **told}}]}).encode()


def asking(call: Call, topic: Topic, arn: str, token: str, message: str, kind: str) -> tuple[str, str]:
    """The envelope that asks for a confirmation, of a subscription or of its end, and its message id."""
    fields = {"Type": kind, "MessageId": call.uuid(), "Token": token, "TopicArn": arn, "Message": message,
              "SubscribeURL": confirm_url(call, arn, token), "Timestamp": messages.timestamp(call.now)}
    return sign(call, messages.envelope(fields) + unsigned(call, topic) + "\n}"), fields["MessageId"]


def confirm_url(call: Call, topic_arn: str, token: str) -> str:
    return f"{call.endpoint}/?Action=ConfirmSubscription&TopicArn={topic_arn}&Token={token}"


def unsubscribe_url(call: Call, subscription_arn: str) -> str:
    return f"{call.endpoint}/?Action=Unsubscribe&SubscriptionArn={subscription_arn}"
