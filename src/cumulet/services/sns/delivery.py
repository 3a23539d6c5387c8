"""From a topic to its subscribers: filter, wrap, sign, send; what cannot be delivered goes to a dead-letter queue."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cumulet.kernel import AwsError, Call, parse_arn

from . import filters, messages
from .messages import Notice
from .resources import SigningKey, Subscription, Topic
from .signing import certificate_url, sign, signing_key

_MOST_RAW_ATTRIBUTES = 10


class Delivery:
    """One notice on its way to the subscribers of its topic. What they share is made once, and only when needed."""

    def __init__(self, call: Call, topic: Topic, notice: Notice) -> None:
        self.call = call
        self.topic = topic
        self.notice = notice
        self.arn = call.arn(topic)
        self._head = ""
        self._tail = ""
        self._seen: dict[bool, Mapping[str, Any] | None] = {}

    def to(self, subscriptions: Sequence[Subscription]) -> None:
        """Send it to those whose filter policies let it pass."""
        for subscription in subscriptions:
            if subscription.pending is None and self.passes(subscription):
                self._send(subscription)

    def passes(self, subscription: Subscription) -> bool:
        if subscription.FilterPolicy is None:
            return True
        nested = subscription.FilterPolicyScope == "MessageBody"
        if nested not in self._seen:
            self._seen[nested] = (filters.body_seen(self.notice.message) if nested
                                  else filters.attributes_seen(self.notice.attributes))
        seen = self._seen[nested]
        return seen is not None and filters.compiled(subscription.FilterPolicy, nested)(seen)

    def _send(self, subscription: Subscription) -> None:
        notice = self.notice
        raw = subscription.RawMessageDelivery
        body = notice.queue_message if raw else self._envelope(subscription)
        attributes = notice.attributes if raw else {}
        try:
            self._enqueue(subscription.Endpoint, body, attributes)
        except AwsError as problem:
            if subscription.RedrivePolicy is None:
                return                             # as AWS: a client error is not tried again, and the message is gone
            self._bury(subscription, body, attributes, problem)

    def _enqueue(self, endpoint: str, body: str, attributes: Mapping[str, Any]) -> None:
        notice = self.notice
        call = self.call
        queue = parse_arn(endpoint)
        assert queue is not None
        fifo = queue.resource.endswith(".fifo")
        members: dict[str, Any] = {"QueueUrl": f"{call.endpoint}/{queue.account}/{queue.resource}", "MessageBody": body}
        if attributes:
            if len(attributes) > _MOST_RAW_ATTRIBUTES:
                raise AwsError("InvalidParameterValue", "Raw delivery takes ten message attributes at most.")
            members["MessageAttributes"] = attributes
        if notice.group is not None:
            members["MessageGroupId"] = notice.group
        if fifo and notice.deduplication is not None:
            members["MessageDeduplicationId"] = notice.deduplication
        if notice.trace is not None:
            members["MessageSystemAttributes"] = {"AWSTraceHeader": {"DataType": "String", "StringValue": notice.trace}}
        call.as_service(self.arn, queue.account, queue.region).sqs.send_message(**members)

    def _bury(self, subscription: Subscription, body: str, attributes: Mapping[str, Any], problem: AwsError) -> None:
        """To the subscription's dead-letter queue, with what went wrong."""
        target = json.loads(subscription.RedrivePolicy or "{}")["deadLetterTargetArn"]
        why = {"RequestID": self.call.request_id, "ErrorCode": problem.code, "ErrorMessage": problem.message or problem.code}
        told = {name: {"DataType": "String", "StringValue": value} for name, value in why.items() if value}
        try:
            self._enqueue(target, body, {**dict(list(attributes.items())[:_MOST_RAW_ATTRIBUTES - len(told)]), **told})
        except AwsError:
            return                                 # no dead-letter queue either: nothing is left to do

    def _envelope(self, subscription: Subscription) -> str:
        if not self._head:
            self._wrap()
        unsubscribe = f"{self.call.endpoint}/?Action=Unsubscribe&SubscriptionArn={subscription.SubscriptionArn}"
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
