"""From a topic to its subscribers: filter, wrap, sign, send; what cannot be delivered goes to a dead-letter queue."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from cumulet.kernel import AwsError, Call

from . import filters, messages
from .messages import Notice
from .resources import SigningKey, Subscription, Topic
from .signing import certificate_url, sign, signing_key

_MOST_RAW_ATTRIBUTES = 10


_RECIPIENTS = ('SELECT "SubscriptionArn", "Endpoint", "RawMessageDelivery", "FilterPolicy", "FilterPolicyScope", '
               '"RedrivePolicy" '
               'FROM {table} WHERE scope = {scope} AND "SubscriptionArn" > ? AND "SubscriptionArn" < ? AND "pending" IS NULL '
               'ORDER BY "SubscriptionArn" LIMIT ?')


class Recipient(NamedTuple):
    """What a delivery needs of a confirmed subscription."""

    arn: str
    endpoint: str
    raw: bool
    policy: str | None
    scope: str | None
    redrive: str | None


def recipients(call: Call, topic_arn: str, after: str | None, limit: int) -> list[Recipient]:
    """Some of a topic's confirmed subscriptions, in order of their ARNs, which begin with the topic's."""
    rows = call.table(Subscription).known_sql(_RECIPIENTS, after or f"{topic_arn}:", f"{topic_arn};", limit)
    return [Recipient(*row) for row in rows]


class Delivery:
    """One notice on its way to the subscribers of its topic. What they share is made once, and only when needed."""

    def __init__(self, call: Call, topic: Topic, arn: str, notice: Notice) -> None:
        self.call = call
        self.topic = topic
        self.notice = notice
        self.arn = arn
        self._queues: dict[tuple[str, str], Any] = {}      # (account, region) → its SQS
        self._head = ""
        self._tail = ""
        self._seen: dict[bool, Mapping[str, Any] | None] = {}

    def to(self, recipient: Recipient) -> None:
        """Send it, if the filter policy lets it pass."""
        if recipient.policy is None or self._passes(recipient.policy, recipient.scope == "MessageBody"):
            self._send(recipient)

    def _passes(self, policy: str, nested: bool) -> bool:
        if nested not in self._seen:
            self._seen[nested] = (filters.body_seen(self.notice.message) if nested
                                  else filters.attributes_seen(self.notice.attributes))
        seen = self._seen[nested]
        return seen is not None and filters.compiled(policy, nested)(seen)

    def _send(self, recipient: Recipient) -> None:
        notice = self.notice
        body = notice.queue_message if recipient.raw else self._envelope(recipient.arn)
        attributes = notice.attributes if recipient.raw else {}
        try:
            self._enqueue(recipient.endpoint, body, attributes)
        except AwsError as problem:
            # As AWS: a client error is not tried again, and without a dead-letter queue the message is gone.
            if recipient.redrive is not None:
                self._bury(recipient.redrive, body, attributes, problem)

    def _enqueue(self, endpoint: str, body: str, attributes: Mapping[str, Any]) -> None:
        notice = self.notice
        _, _, _, region, account, name = endpoint.split(":", 5)
        sqs = self._queues.get((account, region))
        if sqs is None:
            sqs = self._queues[(account, region)] = self.call.as_service(self.arn, account, region).sqs
        members: dict[str, Any] = {"QueueUrl": f"{self.call.endpoint}/{account}/{name}", "MessageBody": body}
        if attributes:
            if len(attributes) > _MOST_RAW_ATTRIBUTES:
                raise AwsError("InvalidParameterValue", "Raw delivery takes ten message attributes at most.")
            members["MessageAttributes"] = attributes
        if notice.group is not None:
            members["MessageGroupId"] = notice.group
        if notice.deduplication is not None and name.endswith(".fifo"):
            members["MessageDeduplicationId"] = notice.deduplication
        if notice.trace is not None:
            members["MessageSystemAttributes"] = {"AWSTraceHeader": {"DataType": "String", "StringValue": notice.trace}}
        sqs.send_message(**members)

    def _bury(self, redrive: str, body: str, attributes: Mapping[str, Any], problem: AwsError) -> None:
        """To the subscription's dead-letter queue, with what went wrong."""
        target = json.loads(redrive)["deadLetterTargetArn"]
        why = {"RequestID": self.call.request_id, "ErrorCode": problem.code, "ErrorMessage": problem.message or problem.code}
        told = {name: {"DataType": "String", "StringValue": value} for name, value in why.items() if value}
        try:
            self._enqueue(target, body, {**dict(list(attributes.items())[:_MOST_RAW_ATTRIBUTES - len(told)]), **told})
        except AwsError:
            return                                 # no dead-letter queue either: nothing is left to do

    def _envelope(self, subscription_arn: str) -> str:
        if not self._head:
            self._wrap()
        unsubscribe = f"{self.call.endpoint}/?Action=Unsubscribe&SubscriptionArn={subscription_arn}"
        return f'{self._head},\n  "UnsubscribeURL" : "{unsubscribe}"{self._tail}'

    def _wrap(self) -> None:
        """The parts of the envelope that all subscribers get alike."""
        call, notice = self.call, self.notice
        fields = messages.signed_fields(notice, self.arn)
        key: SigningKey = signing_key(call)
        version = self.topic.SignatureVersion or "1"
        shown = {"Type": fields["Type"], "MessageId": notice.id}
        if notice.sequence is not None:
            shown["SequenceNumber"] = notice.sequence
        shown["TopicArn"] = self.arn
        if notice.subject is not None:
            shown["Subject"] = notice.subject
        shown |= {"Message": notice.queue_message, "Timestamp": fields["Timestamp"], "SignatureVersion": version,
                  "Signature": sign(key, fields, version), "SigningCertURL": certificate_url(call, key)}
        self._head = messages.envelope(shown)
        self._tail = (messages.attributes_json(notice.attributes) if notice.attributes else "") + "\n}"
