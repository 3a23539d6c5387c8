"""From a topic to its subscribers: filter, wrap, sign, and hand over to what their protocol asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from cumulet.kernel import AwsError, Call

from . import feedback, filters, functions, mails, phones, pushes
from .dead_letters import bury
from .envelopes import Envelopes, unsubscribe_url
from .measuring import DELIVERED, FAILED, FILTERED, INVALID_BODY, NO_ATTRIBUTES, NOT_REDRIVEN, REDRIVEN, note
from .messages import Notice
from .posting import Letter, post
from .protecting import outbound
from .protocols import WEB, plain_phone
from .queues import Queues
from .resources import Subscription, Topic

_RECIPIENTS = ('SELECT "SubscriptionArn", "Endpoint", "RawMessageDelivery", "FilterPolicy", "FilterPolicyScope", '
               '"RedrivePolicy", "Protocol" '
               'FROM {table} WHERE scope = {scope} AND "SubscriptionArn" > ? AND "SubscriptionArn" < ? AND "pending" IS NULL '
               'AND "waiting" IS NULL ORDER BY "SubscriptionArn" LIMIT ?')


class Recipient(NamedTuple):
    """What a delivery needs of a confirmed subscription."""

    arn: str
    endpoint: str
    raw: int                           # 0 or 1
    policy: str | None
    scope: str | None
    redrive: str | None
    protocol: str


def recipients(call: Call, topic_arn: str, after: str | None, limit: int) -> list[Recipient]:
    """Some of a topic's confirmed subscriptions, in order of their ARNs, which begin with the topic's."""
    return call.table(Subscription).known_sql(_RECIPIENTS, after or f"{topic_arn}:", f"{topic_arn};", limit,
                                              make=Recipient._make)


def recipient_of(subscription: Subscription) -> Recipient:
    return Recipient(subscription.SubscriptionArn, subscription.Endpoint, int(subscription.RawMessageDelivery),
                     subscription.FilterPolicy, subscription.FilterPolicyScope, subscription.RedrivePolicy,
                     subscription.Protocol)


class Delivery:
    """One notice on its way to the subscribers of its topic. What they share is made once, and only when needed."""

    def __init__(self, call: Call, topic: Topic, arn: str, notice: Notice) -> None:
        self.call = call
        self.notice = notice
        self.arn = arn
        self.topic = topic
        self._envelopes = Envelopes(call, topic, arn, notice)
        self._queues = Queues(call, arn, notice)
        self._queue_text = notice.text("sqs")
        self._seen: dict[bool, Mapping[str, Any] | None] = {}
        self._counts: dict[int, int] = {}

    def to(self, recipient: Recipient) -> None:
        """Send it, if the filter policy lets it pass."""
        if recipient.policy is None or self._passes(recipient.policy, recipient.scope == "MessageBody"):
            if self.topic.DataProtectionPolicy is None:
                _SENDERS[recipient.protocol](self, recipient)
            else:
                self._protected(recipient)
        else:
            self._filtered(recipient.scope == "MessageBody")

    def end(self) -> None:
        """This was all: count what became of it."""
        for what, times in self._counts.items():
            note(self.call, self.topic.TopicName, what, times)

    def _count(self, what: int) -> None:
        self._counts[what] = self._counts.get(what, 0) + 1

    def _filtered(self, nested: bool) -> None:
        self._count(FILTERED)
        if self._seen[nested] is None:
            self._count(INVALID_BODY)
        elif not nested and not self.notice.attributes:
            self._count(NO_ATTRIBUTES)

    def _protected(self, recipient: Recipient) -> None:
        """Send what this subscriber may see."""
        row = self.call.table(Subscription).get(recipient.arn)
        seen = outbound(self.topic, row.principal if row is not None else "", self.notice)
        if seen is not None:
            masked = Delivery(self.call, self.topic, self.arn, seen)
            _SENDERS[recipient.protocol](masked, recipient)
            masked.end()

    def _passes(self, policy: str, nested: bool) -> bool:
        if nested not in self._seen:
            self._seen[nested] = (filters.body_seen(self.notice.message) if nested
                                  else filters.attributes_seen(self.notice.attributes))
        seen = self._seen[nested]
        return seen is not None and filters.compiled(policy, nested)(seen)

    def _body(self, recipient: Recipient) -> str:
        text = self.notice.text(recipient.protocol)
        return text if recipient.raw else self._envelopes.of(recipient.arn, text)

    def _note(self, recipient: Recipient, ok: bool, response: str, status: int) -> None:
        """Count it, and tell the delivery status log where the topic has one."""
        self._count(DELIVERED if ok else FAILED)
        if settings := self.topic.feedback:
            notice = self.notice
            feedback.of_topic(self.call, settings, recipient.protocol, self.arn, feedback.Outcome(
                notice.id, notice.text(recipient.protocol), notice.at, recipient.endpoint, ok, response, status))

    def _failed(self, recipient: Recipient, body: str, attributes: Mapping[str, Any], problem: AwsError) -> None:
        """As AWS: a client error is not tried again, and without a dead-letter queue the message is gone."""
        self._note(recipient, False, problem.message, problem.status or 400)
        if recipient.redrive is not None:
            buried = bury(self.call, self.arn, recipient.redrive, body, attributes, problem, self.notice)
            self._count(REDRIVEN if buried else NOT_REDRIVEN)

    def _to_queue(self, recipient: Recipient) -> None:
        text, attributes = self._queue_text, None
        if recipient.raw:
            body, attributes = text, self.notice.raw_attributes()
        else:
            body = self._envelopes.kept(recipient.arn, text)
        try:
            self._queues.send(recipient.endpoint, body, attributes)
        except AwsError as problem:
            self._failed(recipient, body, attributes or {}, problem)
        else:
            self._note(recipient, True, "{}", 200)

    def _to_server(self, recipient: Recipient) -> None:
        letter = Letter(subscription=recipient.arn, topic=self.topic.TopicName, url=recipient.endpoint, kind="Notification",
                        id=self.notice.id, at=self.notice.at, body=self._body(recipient), raw=bool(recipient.raw),
                        attributes=self.notice.attributes if recipient.raw else {})
        post(self.call, self.topic, letter)

    def _to_mail(self, recipient: Recipient) -> None:
        notice = self.notice
        mails.notify(self.call, self.topic, recipient.endpoint, notice.subject, notice.text("email"),
                     unsubscribe_url(self.call, recipient.arn))
        self._count(DELIVERED)

    def _to_json_mail(self, recipient: Recipient) -> None:
        mails.notify_json(self.call, self.topic, recipient.endpoint, self.notice.subject, self._body(recipient))
        self._count(DELIVERED)

    def _to_phone(self, recipient: Recipient) -> None:
        text, name = self.notice.text("sms"), self.topic.DisplayName
        sent = phones.send(self.call, self.notice.id, plain_phone(recipient.endpoint), f"{name}> {text}" if name else text,
                           self.notice.attributes)
        self._count(DELIVERED if sent else FAILED)

    def _to_function(self, recipient: Recipient) -> None:
        body = self._envelopes.of(recipient.arn, self.notice.text("lambda"))
        try:
            functions.invoke(self.call, self.arn, recipient.endpoint, recipient.arn, body, self.notice.trace or "")
            self._note(recipient, True, "", 202)
        except AwsError as problem:
            self._failed(recipient, body, {}, problem)

    def _to_device(self, recipient: Recipient) -> None:
        try:
            pushes.publish(self.call, recipient.endpoint, self.notice)
            self._note(recipient, True, "", 200)
        except AwsError as problem:
            self._failed(recipient, self._envelopes.of(recipient.arn, self.notice.text("application")), {}, problem)


_SENDERS = {"sqs": Delivery._to_queue, **dict.fromkeys(WEB, Delivery._to_server), "email": Delivery._to_mail,
            "email-json": Delivery._to_json_mail, "sms": Delivery._to_phone, "application": Delivery._to_device,
            "lambda": Delivery._to_function}
